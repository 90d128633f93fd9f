package turn

import "strings"

// soundLetters is how long a name is at least that is also recognised by its sound: shorter ones
// sound like too many words.
const soundLetters = 4

// soundsLike tells whether a word is how an ear may have written a name. Both are in lower case.
func soundsLike(word, name string) bool {
	if len(name) < soundLetters || len(word) < soundLetters-1 || common(word) {
		return false
	}
	if d := len(word) - len(name); d > 2 || d < -2 {
		return false
	}
	distance := edits(word, name)
	if distance > 2 {
		return false
	}
	code, own := metaphone(word), metaphone(name)
	if code == "" || own == "" {
		return false
	}
	if code == own {
		return distance <= 2 && len(word) >= soundLetters || distance <= 1
	}
	return distance <= 1 && code[0] == own[0] && edits(code, own) <= 1
}

// edits is the Levenshtein distance of two words in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := min(row[j]+1, row[j+1]+1, last+1)
			if a[i] == b[j] {
				next = last
			}
			last, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}

// metaphone is how a word sounds in English, by the rules of Philips (1990): consonants, and a
// vowel where it stands in front, which is A whatever it is. Words of other scripts have no code.
func metaphone(word string) string {
	w := letters(word)
	for _, p := range [...]struct{ from, to string }{
		{"AE", "E"}, {"GN", "N"}, {"KN", "N"}, {"PN", "N"}, {"WR", "R"}, {"WH", "W"}, {"X", "S"},
	} {
		if rest, ok := strings.CutPrefix(w, p.from); ok {
			w = p.to + rest
			break
		}
	}
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		c := w[i]
		if i > 0 && w[i-1] == c && c != 'C' {
			continue
		}
		code, skip := sound(w, i)
		for _, s := range []byte(code) {
			if len(out) == 0 || out[len(out)-1] != s || s == 'A' {
				out = append(out, s)
			}
		}
		i += skip
	}
	return string(out)
}

// letters are the letters a to z of a word in lower case, as capitals.
func letters(word string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r - 'a' + 'A'
	}, word)
}

func vowel(c byte) bool { return strings.IndexByte("AEIOU", c) >= 0 }

// at is a letter of a word, 0 beyond its ends.
func at(w string, i int) byte {
	if i < 0 || i >= len(w) {
		return 0
	}
	return w[i]
}

// sound is what a letter sounds like, and how many of those behind it belong to it.
func sound(w string, i int) (code string, skip int) {
	c, next := w[i], at(w, i+1)
	switch c {
	case 'A', 'E', 'I', 'O', 'U':
		if i == 0 {
			return "A", 0
		}
		return "", 0
	case 'B':
		if next == 0 && at(w, i-1) == 'M' {
			return "", 0
		}
		return "B", 0
	case 'C':
		return soundC(w, i)
	case 'D':
		if next == 'G' && strings.IndexByte("EIY", at(w, i+2)) >= 0 {
			return "J", 2
		}
		return "T", 0
	case 'G':
		return soundG(w, i)
	case 'P':
		if next == 'H' {
			return "F", 1
		}
		return "P", 0
	case 'S':
		if next == 'H' || next == 'I' && (at(w, i+2) == 'O' || at(w, i+2) == 'A') {
			return "X", 1
		}
		return "S", 0
	case 'T':
		return soundT(w, i)
	}
	return soundOther(w, i)
}

func soundOther(w string, i int) (code string, skip int) {
	c, next := w[i], at(w, i+1)
	switch c {
	case 'H':
		if vowel(next) && !vowel(at(w, i-1)) || i == 0 {
			return "H", 0
		}
		return "", 0
	case 'K':
		if at(w, i-1) == 'C' {
			return "", 0
		}
		return "K", 0
	case 'Q':
		return "K", 0
	case 'V':
		return "F", 0
	case 'W', 'Y':
		if vowel(next) {
			return string(c), 0
		}
		return "", 0
	case 'X':
		return "KS", 0
	case 'Z':
		return "S", 0
	}
	return string(c), 0 // F J L M N R
}

func soundC(w string, i int) (code string, skip int) {
	next := at(w, i+1)
	switch {
	case next == 'I' && at(w, i+2) == 'A':
		return "X", 1
	case next == 'H':
		return "X", 1
	case next == 'E' || next == 'I' || next == 'Y':
		return "S", 0
	}
	return "K", 0
}

func soundG(w string, i int) (code string, skip int) {
	next, after := at(w, i+1), at(w, i+2)
	switch {
	case next == 'H' && (after == 0 || !vowel(after)):
		return "", 1
	case next == 'H':
		return "K", 1
	case next == 'N' && (after == 0 || after == 'E' && at(w, i+3) == 'D'):
		return "", 0
	case (next == 'E' || next == 'I' || next == 'Y') && at(w, i-1) != 'G':
		return "J", 0
	}
	return "K", 0
}

func soundT(w string, i int) (code string, skip int) {
	next, after := at(w, i+1), at(w, i+2)
	switch {
	case next == 'H':
		return "0", 1
	case next == 'I' && (after == 'O' || after == 'A'):
		return "X", 1
	case next == 'C' && after == 'H':
		return "", 0
	}
	return "T", 0
}
