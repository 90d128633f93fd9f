package memory

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean is a text as it is kept: one line, every run of white space one space, without characters
// that are not seen and without what could end the fence that it stands behind in a prompt.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '`':
			return '\''
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// plain tells whether a name can be shown and kept as it is.
func plain(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
	})
}

// lookalikes are letters of other scripts that are read as Latin ones, and what they are read as.
const (
	lookalikes = "аеорсухіјѕԁһкмтвнαοενικρτυχ"
	readAs     = "aeopcyxijsdhkmtbhaoevikptux"
)

// fold is a text in small letters, as it is read: without characters that are not seen, full-width
// forms and look-alikes of other scripts as the letters that they pass for.
func fold(text string) string {
	var likes, reads []rune
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r == '’' || r == 'ʼ' || r == '‘' || r == '`':
			return '\''
		case r == '\u00ad' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			return -1
		}
		if r = unicode.ToLower(r); r < 'α' {
			return r
		}
		if likes == nil {
			likes, reads = []rune(lookalikes), []rune(readAs)
		}
		if i := slices.Index(likes, r); i >= 0 {
			r = reads[i]
		}
		return r
	}, text)
}

// long is a short form written out; empty where a word is none.
func long(w string) string {
	switch w {
	case "cannot", "can't":
		return "can not"
	case "won't":
		return "will not"
	case "let's":
		return "let us"
	}
	who, end, found := strings.Cut(w, "'")
	if !found {
		return ""
	}
	switch {
	case end == "m" && who == "i":
		return "i am"
	case end == "s" && in("it that there he she what", who):
		return who + " is"
	case end == "re":
		return who + " are"
	case end == "ve":
		return who + " have"
	case end == "ll":
		return who + " will"
	case end == "d" && in("i you he she we they", who):
		return who + " would"
	}
	return ""
}

// words are the words of a text, folded, short forms written out.
func words(text string) []string {
	var out []string
	for _, w := range split(fold(text)) {
		if form := long(w); form != "" {
			out = append(out, strings.Fields(form)...)
			continue
		}
		if stem, ok := strings.CutSuffix(w, "n't"); ok && stem != "" {
			out = append(out, stem, "not")
			continue
		}
		out = append(out, w)
	}
	return out
}

// split cuts a text into words: letters, digits and marks, and apostrophes between them.
func split(text string) []string {
	fields := strings.FieldsFunc(text, func(r rune) bool {
		return r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
	})
	out := fields[:0]
	for _, f := range fields {
		if f = strings.Trim(f, "'"); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// in tells whether a list of words between spaces has one.
func in(list, word string) bool {
	if word == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(list[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || list[i-1] == ' ') && (end == len(list) || list[end] == ' ') {
			return true
		}
		from = i + 1
	}
}

// Words that say nothing about what a text is about.
const (
	firstPerson = "i me my mine myself we us our ours"
	stopWords   = firstPerson + " a an the this that these those is are am was were be been being do does did has have had " +
		"you your yours he she it they them his her its their him hers and or but so of to for in on at by with from as " +
		"will would can could should shall may might not no never please now very really just also too there here s"
	negations = "not no never none nobody nothing neither"
)

// stem is a word without the ending of a plural or of a third person.
func stem(w string) string {
	w = strings.TrimSuffix(w, "'s")
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		return w[:len(w)-1]
	}
	return w
}

// content are the words that say something, stemmed, each once, sorted.
func content(list []string) []string {
	var out []string
	for _, w := range list {
		if !in(stopWords, w) {
			out = append(out, stem(w))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// common is how many words two sorted lists share.
func common(a, b []string) int {
	n := 0
	for _, w := range a {
		if _, found := slices.BinarySearch(b, w); found {
			n++
		}
	}
	return n
}

// jaccard is the share of words that two sorted lists have in common, from 0 to 1; 0 where both are
// empty.
func jaccard(a, b []string) float64 {
	both := common(a, b)
	if all := len(a) + len(b) - both; all > 0 {
		return float64(both) / float64(all)
	}
	return 0
}

// covered is the share of the words of a that b has; 0 where a is empty.
func covered(a, b []string) float64 {
	if len(a) == 0 {
		return 0
	}
	return float64(common(a, b)) / float64(len(a))
}

// sentence is a piece of a text with what ends it.
type sentence struct {
	text  string
	asked bool // it ends with a question mark
}

// sentences cuts a text at what ends a sentence. Points within numbers and names of hosts stay.
func sentences(text string) []sentence {
	var out []sentence
	runes := []rune(text)
	start := 0
	for i, r := range runes {
		end := i+1 == len(runes) || unicode.IsSpace(runes[i+1])
		if !strings.ContainsRune(".!?;…", r) || !end {
			continue
		}
		if piece := strings.TrimSpace(string(runes[start:i])); piece != "" {
			out = append(out, sentence{text: piece, asked: r == '?'})
		}
		start = i + 1
	}
	if piece := strings.TrimSpace(string(runes[start:])); piece != "" {
		out = append(out, sentence{text: piece})
	}
	return out
}
