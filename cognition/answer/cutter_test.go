package answer_test

import (
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
)

// cutIn cuts an answer that comes in pieces of so many bytes.
func cutIn(text string, piece int, names ...string) (said, field string) {
	c := answer.NewCutter(names...)
	var out strings.Builder
	for text != "" {
		n := min(piece, len(text))
		out.WriteString(c.Push(text[:n]))
		text = text[n:]
	}
	out.WriteString(c.End())
	return out.String(), c.Field()
}

func TestCutter(t *testing.T) {
	const field = `{"remember": ["Ada likes tea", {"text": "a } ] \" b"}]}`
	for _, c := range []struct{ answer, said, field string }{
		{"", "", ""},
		{"It is red.", "It is red.", ""},
		// the own name
		{"Iris: It is red.", "It is red.", ""},
		{"iris:It is red.", "It is red.", ""},
		{"**Iris:** It is red.", "It is red.", ""},
		{"*Iris*: It is red.", "It is red.", ""},
		{"Iris: Iris: It is red.", "It is red.", ""},
		{"Iris: *smiles* Hello.", "*smiles* Hello.", ""},
		{"Eye Ris: Hello.", "Hello.", ""},
		{"Iris is my name: Iris.", "Iris is my name: Iris.", ""},
		{"Iris", "Iris", ""},
		{"Irish: hello", "Irish: hello", ""},
		{"Max: It is red.", "Max: It is red.", ""},
		{"It is red. Iris: yes.", "It is red. Iris: yes.", ""},
		{"Iris" + strings.Repeat(" ", 200) + ": no", "Iris" + strings.Repeat(" ", 200) + ": no", ""},
		// the field
		{"Tulips.\n" + field, "Tulips.\n", field},
		{"Tulips.\n" + field + "\n", "Tulips.\n\n", field},
		{"Tulips. " + field + " Nice.", "Tulips.  Nice.", field},
		{field, "", field},
		{field + "\nIris: Tulips.", "Tulips.", field},
		{"Iris: " + field, "", field},
		{"Tulips.\n```json\n" + field + "\n```", "Tulips.\n", field},
		{"Tulips.\n```\n" + field + "\n``` Nice.", "Tulips.\n Nice.", field},
		{"Tulips.\n```\n" + field + "\nNice.", "Tulips.\n\nNice.", field},
		{"Tulips. { \n \"Remember\" : [1]} x", "Tulips.  x", "{ \n \"Remember\" : [1]}"},
		{"A {'remember': ['it\\'s']} b\nB", "A \nB", "{'remember': ['it\\'s']} b"},
		{"A\n{\"remember\": [\"x\"", "A\n", `{"remember": ["x"`}, // cut off by the answer's limit
		{field + field, "", field + "\n" + field},
		// what is text
		{"I write `{\"remember\": []}` then.", "I write `{\"remember\": []}` then.", ""},
		{"{\"remembers\": []}", "{\"remembers\": []}", ""},
		{"{ x } {\"rem", "{ x } {\"rem", ""},
		{"{{\"remember\":1}", "{", `{"remember":1}`},
		{"```go\nx := 1\n```", "```go\nx := 1\n```", ""},
		{"``` ", "``` ", ""},
		{"a ` b `` c ``` d", "a ` b `` c ``` d", ""},
		{"{" + strings.Repeat(" ", 200) + "\"remember\": []}", "{" + strings.Repeat(" ", 200) + "\"remember\": []}", ""},
	} {
		for _, piece := range []int{1, 2, 3, 5, 7, 1000} {
			if said, got := cutIn(c.answer, piece, "Iris", "", "eye ris", strings.Repeat("x", 200)); said != c.said || got != c.field {
				t.Errorf("%q in pieces of %d: said %q, field %q", c.answer, piece, said, got)
			}
		}
	}
	if said, _ := cutIn("Iris: hello", 3); said != "Iris: hello" {
		t.Errorf("without a name: %q", said)
	}
}

// TestCutterHoldsLittle: a field that does not end is kept up to its limit, and nothing of it is
// said.
func TestCutterHoldsLittle(t *testing.T) {
	said, field := cutIn(`Yes. {"remember": ["`+strings.Repeat("x", 3*answer.FieldLimit), 100)
	if said != "Yes. " || len(field) != answer.FieldLimit+1 {
		t.Errorf("%q, %d bytes", said, len(field))
	}
}

// FuzzCutter: pieces never change the result, nothing is invented, and what holds neither a name
// nor a brace is said as it is.
func FuzzCutter(f *testing.F) {
	for _, s := range []string{"Iris: hi", "a\n{\"remember\": [\"x\"]}\nb", "```json\n{\"remember\":[]}\n```", "**Iris**: `{\"remember\": 1}`", "{'remember': x\ny", "{\"remember\":\"\\\"}\"}"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, piece int) {
		if piece < 1 || len(text) > 4096 {
			return
		}
		said, field := cutIn(text, len(text)+1, "Iris")
		again, other := cutIn(text, piece, "Iris")
		if said != again || field != other {
			t.Errorf("in pieces of %d: said %q and %q, field %q and %q", piece, said, again, field, other)
		}
		if len(said)+len(field) > len(text)+strings.Count(text, "{") {
			t.Errorf("said %q, field %q", said, field)
		}
		if !strings.ContainsAny(text, "{:") && said != strings.TrimLeftFunc(text, func(r rune) bool {
			return strings.ContainsRune(" \t\n\v\f\r\u0085\u00a0", r) || r > 127 && strings.TrimSpace(string(r)) == ""
		}) {
			t.Errorf("%q is said as %q", text, said)
		}
	})
}
