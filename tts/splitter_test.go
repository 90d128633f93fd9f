package tts_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/tts"
)

// split pushes pieces and flushes.
func split(pieces ...string) []string {
	var s tts.Splitter
	var out []string
	for _, p := range pieces {
		out = append(out, s.Push(p)...)
	}
	return append(out, s.Flush()...)
}

func TestSplitterClauses(t *testing.T) {
	long := "a stretch of words without any mark at all that goes on and on for much longer than anybody would want to wait for sound"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"sentences", "I see a cat. It is red! Is it? Yes.", []string{"I see a cat.", "It is red!", "Is it?", "Yes."}},
		{"first clause at a comma", "I can see, in the corner, a cube.", []string{"I can see,", "in the corner, a cube."}},
		{"too short to be first", "Yes, I see it, and more.", []string{"Yes, I see it,", "and more."}},
		{"short first sentence joins", "Yes. I see a red cube.", []string{"Yes. I see a red cube."}},
		{"decimal", "It is 3.5 metres. Right.", []string{"It is 3.5 metres.", "Right."}},
		{"thousands and time", "About 1,000 came at 12:30 today. Good.", []string{"About 1,000 came at 12:30 today.", "Good."}},
		{"title", "This is Dr. Smith and Mrs. Jones. Hello.", []string{"This is Dr. Smith and Mrs. Jones.", "Hello."}},
		{"initials", "He read J. R. Tolkien. Then slept.", []string{"He read J. R. Tolkien.", "Then slept."}},
		{"pronoun is no initial", "So did you and I. Then we left.", []string{"So did you and I.", "Then we left."}},
		{"latin", "Take fruit, e.g. apples, i.e. food. Done.", []string{"Take fruit,", "e.g. apples, i.e. food.", "Done."}},
		{"country inside", "He joined the U.S. army there. Good.", []string{"He joined the U.S. army there.", "Good."}},
		{"country at the end", "He lives in the U.S. They do not.", []string{"He lives in the U.S.", "They do not."}},
		{"number sign", "This is No. 5 of ten. No. It is not.", []string{"This is No. 5 of ten.", "No.", "It is not."}},
		{"list", "1. First apples\n2. Then pears", []string{"1. First apples", "2. Then pears"}},
		{"sentence ending in a number", "There are 12. Next one.", []string{"There are 12.", "Next one."}},
		{"quote", "She said \"stop it.\" Then she left.", []string{"She said \"stop it.\"", "Then she left."}},
		{"ellipsis", "Well, maybe... I do not know.", []string{"Well, maybe...", "I do not know."}},
		{"line break", "A heading\nand text", []string{"A heading", "and text"}},
		{"marks alone stay with words", "— — what is this?", []string{"— — what is this?"}},
		{"list number of two digits", "12. Twelfth apples\n13. Then pears", []string{"12. Twelfth apples", "13. Then pears"}},
		{"three digits are no list", "It was in 123. Next one.", []string{"It was in 123.", "Next one."}},
		{"three digits alone", "Here we are.\n123. Next", []string{"Here we are.", "123.", "Next"}},
		{"letters are no list", "Here we are.\nab. Next", []string{"Here we are.", "ab.", "Next"}},
		{"no initials", "He met AB. They talked to N.AB. Then left.", []string{"He met AB.", "They talked to N.AB.", "Then left."}},
		{"ends in an abbreviation", "He sold apples etc. Then he left, etc. and so on.", []string{"He sold apples etc.", "Then he left, etc. and so on."}},
		{"pause of a dash", "He thought of it – and then he went home", []string{"He thought of it –", "and then he went home"}},
		{"exclamation at the start", "Oh! A red cube. Well!", []string{"Oh! A red cube.", "Well!"}},
		{"ellipsis character", "I wonder… Then it went.", []string{"I wonder…", "Then it went."}},
		{
			"later commas need more words", "It is red. Yes, here, and there, but not, as far as I can see, above it.",
			[]string{"It is red.", "Yes, here, and there, but not, as far as I can see,", "above it."},
		},
		{"number with unit at a comma", "It is long, 5 m, you see", []string{"It is long,", "5 m, you see"}},
		{"nothing", "  \n ", nil},
		{"only emoji", "😀", []string{"😀"}},
		{"long without marks", long, []string{long[:83], long[84:]}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := split(c.text); !slices.Equal(got, c.want) {
				t.Errorf("in one piece:\n got %q\nwant %q", got, c.want)
			}
			if got := split(strings.Split(c.text, "")...); !slices.Equal(got, c.want) {
				t.Errorf("by character:\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestSplitterBoundsClauses that have no marks: the first one early, later ones later, and words
// without end are cut.
func TestSplitterBoundsClauses(t *testing.T) {
	words := func(n int) string { return strings.TrimSpace(strings.Repeat("word ", n)) } // five characters each
	for _, c := range []struct {
		text string
		want []int // the lengths of the clauses
	}{
		{words(18), []int{89}},
		{words(19), []int{89, 4}},
		{"I see it. " + words(35), []int{9, 174}},
		{"I see it. " + words(36), []int{9, 174, 4}},
		{"I see it. " + words(90), []int{9, 174, 174, 99}},
		{strings.Repeat("x", 400), []int{400}},
		{strings.Repeat("x", 401), []int{400, 1}},
		{strings.Repeat("x", 1000), []int{400, 400, 200}},
		{"yes " + strings.Repeat("x", 1000), []int{3, 400, 400, 200}},
		{strings.Repeat("é", 500), []int{400, 100}},
		{words(17) + " 25 kg of it", []int{79, 16}}, // not between a number and its unit
		{words(16) + " - 5 more words", []int{88, 5}},
		{words(17) + " - 5 more", []int{79, 13}},
		{words(18) + "\n" + words(2), []int{89, 9}},
	} {
		for name, pieces := range map[string][]string{"in one piece": {c.text}, "by character": strings.Split(c.text, "")} {
			var got []int
			for _, clause := range split(pieces...) {
				got = append(got, utf8.RuneCountInString(clause))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%.30q… of %d bytes %s: %v, want %v", c.text, len(c.text), name, got, c.want)
			}
		}
	}
}

func TestSplitterGivesFirstClauseBeforeTheRestIsWritten(t *testing.T) {
	var s tts.Splitter
	if got := s.Push("I can see"); len(got) != 0 {
		t.Fatalf("clause before its end: %q", got)
	}
	if got := s.Push(","); len(got) != 0 {
		t.Fatalf("a comma may stand inside a number, yet %q came", got)
	}
	if got := s.Push(" a"); !slices.Equal(got, []string{"I can see,"}) {
		t.Fatalf("got %q", got)
	}
	if got := s.Push(" circle. It"); !slices.Equal(got, []string{"a circle."}) {
		t.Fatalf("got %q", got)
	}
	if got := s.Flush(); !slices.Equal(got, []string{"It"}) {
		t.Fatalf("got %q", got)
	}
	if got := s.Push("I can see, a"); !slices.Equal(got, []string{"I can see,"}) {
		t.Fatalf("after a flush the next text begins anew, got %q", got)
	}
}

// TestSplitterWaitsBehindAFactorial: what comes next says whether it was one.
func TestSplitterWaitsBehindAFactorial(t *testing.T) {
	for _, c := range []struct{ next, want string }{
		{"= 120 then. Yes", "The result is 5! = 120 then."}, {"Next", "The result is 5!"}, {"+ 3 is 123. Yes", "The result is 5! + 3 is 123."},
	} {
		var s tts.Splitter
		if got := s.Push("The result is 5! "); len(got) != 0 {
			t.Fatalf("got %q", got)
		}
		if got := s.Push(c.next); !slices.Equal(got, []string{c.want}) {
			t.Errorf("before %q: %q", c.next, got)
		}
	}
}

// Whatever the text and however it is cut into pieces, all words come out once and in order.
func TestSplitterKeepsAllWordsInOrder(t *testing.T) {
	word := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z]{1,12}[,.;:!?]{0,3}`),
		rapid.SampledFrom([]string{"3.5", "Dr.", "e.g.", "U.S.", "1,000", "—", "😀", "(a", "b)", "**c**", "...", "No.", "7.", "\"x.\"", "über", "日本。"}),
		rapid.StringMatching(`[a-z]{60,120}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		for range rapid.IntRange(0, 60).Draw(t, "words") {
			text.WriteString(word.Draw(t, "word"))
			text.WriteString(rapid.SampledFrom([]string{" ", " ", " ", "  ", "\n", "\t"}).Draw(t, "space"))
		}
		var pieces []string
		for rest := text.String(); rest != ""; {
			n := rapid.IntRange(1, min(7, len(rest))).Draw(t, "piece")
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		clauses := split(pieces...)
		got, want := strings.Fields(strings.Join(clauses, " ")), strings.Fields(text.String())
		if !slices.Equal(got, want) {
			t.Fatalf("words\n got %q\nwant %q", got, want)
		}
		for _, c := range clauses {
			if c != strings.TrimSpace(c) || c == "" {
				t.Fatalf("clause %q is not trimmed", c)
			}
		}
	})
}

func FuzzSplitter(f *testing.F) {
	f.Add("I see Dr. Smith, 3.5 m away... Yes!", 3)
	f.Add(strings.Repeat("x", 1000), 100)
	f.Add("\xff\xfe. \xc3", 1)
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = min(max(size, 1), 64)
		var s tts.Splitter
		var out []string
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			out = append(out, s.Push(rest[:n])...)
			rest = rest[n:]
		}
		out = append(out, s.Flush()...)
		squeeze := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		}
		if got, want := squeeze(strings.Join(out, "")), squeeze(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		for _, c := range out {
			if n := len([]rune(c)); n > 500 {
				t.Errorf("clause of %d characters", n)
			}
		}
	})
}
