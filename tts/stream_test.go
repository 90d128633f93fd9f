package tts_test

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/tts"
)

// wordsOf leaves punctuation out: where a clause ends there is a pause of another kind.
func wordsOf(said string) string {
	return strings.Join(strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(" .,;:!?", r) }), " ")
}

// expected returns the lines of the table of expected speech that are one line of text: what is
// written and what is said.
func expected(tb testing.TB) [][2]string {
	tb.Helper()
	data, err := os.ReadFile("testdata/spoken.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	var out [][2]string
	for l := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		if !strings.HasPrefix(l, "#") && len(fields) == 3 && !strings.Contains(fields[1], `\n`) {
			out = append(out, [2]string{fields[1], fields[2]})
		}
	}
	return out
}

// stream says a text that comes in pieces, clause by clause, as a persona does.
func stream(pieces ...string) string {
	var said []string
	for _, clause := range split(pieces...) {
		if s := tts.Speakable(clause); s != "" {
			said = append(said, s)
		}
	}
	return strings.Join(said, " ")
}

// However a model's text is cut into pieces, and wherever a clause ends, the same words are said.
func TestPiecesAreSaidAsTheWhole(t *testing.T) {
	lines := expected(t)
	for _, l := range lines {
		if got, want := wordsOf(stream(strings.Split(l[0], "")...)), wordsOf(l[1]); got != want {
			t.Errorf("%q by character\n got %q\nwant %q", l[0], got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var text, want []string
		for range rapid.IntRange(1, 4).Draw(t, "sentences") {
			l := rapid.SampledFrom(lines).Draw(t, "line")
			text, want = append(text, l[0]), append(want, l[1])
		}
		var pieces []string
		for rest := strings.Join(text, "\n") + "\n"; rest != ""; {
			n := rapid.IntRange(1, min(9, len(rest))).Draw(t, "piece")
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		if got, want := wordsOf(stream(pieces...)), wordsOf(strings.Join(want, " ")); got != want {
			t.Fatalf("%q\n got %q\nwant %q", text, got, want)
		}
	})
}

// A clause that has to end somewhere does not end between a sign and its numbers.
func TestForcedEndsKeepOperandsTogether(t *testing.T) {
	words := strings.Repeat("these are words that go on ", 3) // 81 characters
	for _, c := range []struct{ tail, want string }{
		{"so x >= 5 and more words follow here", "so x is greater than or equal to five and more words follow here"},
		{"so we pay $5 - $3 = $2 in the end for it", "so we pay five dollars minus three dollars equals two dollars in the end for it"},
		{"so it weighs 25 kg and not one bit more", "so it weighs twenty-five kilograms and not one bit more"},
		{"so many as $1.4 billion and a little more", "so many as one point four billion dollars and a little more"},
		{"and then 3 < 5 or so they say to us all", "and then three is less than five or so they say to us all"},
	} {
		for pad := range 12 {
			text := words[3*pad:] + c.tail
			if got, want := wordsOf(stream(text)), wordsOf(words[3*pad:]+c.want); got != want {
				t.Errorf("%q\n got %q\nwant %q", text, got, want)
			}
		}
	}
}

func TestMarksStayInOneClause(t *testing.T) {
	for _, c := range []struct {
		pieces []string
		want   string
	}{
		{[]string{"It costs $19", ".99", " today."}, "It costs nineteen dollars and ninety-nine cents today."},
		{[]string{"We know a<", "b and c>", "d."}, "We know a less than b and c greater than d."},
		{[]string{"Well then. <|im", "_end|>"}, "Well then."},
		{[]string{"See <a href=\"x", ".html, y: z\">this</a>, please."}, "See this please."},
		{[]string{"The result of 5 –", " 3 is 2."}, "The result of five minus three is two."},
		{[]string{"The answer is this: >", "= 5."}, "The answer is this: greater than or equal to five."},
		{[]string{"The answer is this:", " > 5."}, "The answer is this: greater than five."},
		{[]string{"It began on 2024-", "03-15, at 14", ":30."}, "It began on March fifteenth, twenty twenty-four, at fourteen thirty."},
	} {
		if got := stream(c.pieces...); wordsOf(got) != wordsOf(c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.pieces, got, c.want)
		}
	}
}
