package memory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

func TestParseField(t *testing.T) {
	for text, want := range map[string][]memory.Note{
		`{"remember":[]}`:                                  nil,
		`{"remember":["Ada likes tulips"]}`:                {{Text: "Ada likes tulips"}},
		` { "remember" : [ "a" , {"text":"b"} ] } `:        {{Text: "a"}, {Text: "b"}},
		`{"remember":[{"text":"b","kind":"fact"}]}`:        {{Text: "b", Kind: memory.Fact}},
		`{"remember":[{"about":"Ada","text":"\u00e9"}]}`:   {{Text: "é", About: "Ada"}},
		`{"remember":["1","2","3","4","5","6","7","8"]}`:   {{Text: "1"}, {Text: "2"}, {Text: "3"}, {Text: "4"}, {Text: "5"}, {Text: "6"}, {Text: "7"}, {Text: "8"}},
		"{\"remember\":[{\"text\":\"x\",\"about\":\"\"}]}": {{Text: "x"}},
	} {
		got, err := memory.ParseField([]byte(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
	for text, says := range map[string]string{
		``: "too early", `{`: `no "remember"`, `[]`: "{ is missing", `"remember"`: "{ is missing", `{}`: `no "remember"`, `null`: "{ is missing",
		`{"Remember":[]}`: "a key other", `{"remember":[],"x":1}`: "a key other", `{"remember":[],"remember":[]}`: "a key other",
		`{"remember":{}}`: "[ is missing", `{"remember":"x"}`: "[ is missing", `{"remember":[1]}`: "neither", `{"remember":[["x"]]}`: "neither",
		`{"remember":[null]}`: "neither", `{"remember":[{}]}`: `without "text"`, `{"remember":[{"text":""}]}`: `without "text"`,
		`{"remember":[{"text":"x","Text":"y"}]}`: "unknown key", `{"remember":[{"text":"x","text":"y"}]}`: "a key twice",
		`{"remember":[{"text":1}]}`: "a value is no text", `{"remember":[{"text":"x","kind":"poem"}]}`: "a kind that is none of",
		`{"remember":[{"text":"x","about":"` + strings.Repeat("a", 129) + `"}]}`: "more than 128 bytes", `{"remember":["x"]} {}`: "behind it",
		`{"remember":["x"]}}`: "behind it", `{"remember":["x"`: "too early", `{"remember":["x"]`: "too early", `{"remember":["x" "y"]}`: "no JSON at byte",
		`{"remember":["` + "\xff" + `"]}`: "not UTF-8", `{"remember":["1","2","3","4","5","6","7","8","9"]}`: "more than 8",
		`{"remember":["` + strings.Repeat("x", memory.MaxField) + `"]}`: "at most 4096", `{remember:["x"]}`: "no JSON at byte", `{"remember":[{"text":"x"`: "too early",
		`{"remember":[{1:2}]}`: "no JSON at byte", `{"remember":[{"text"`: "too early", `{"remember":[`: "too early", `{"remember"`: "too early",
	} {
		got, err := memory.ParseField([]byte(text))
		if !errors.Is(err, memory.ErrField) || !strings.Contains(err.Error(), says) || got != nil {
			t.Errorf("%s: %v, want %q; %v", text, err, says, got)
		}
	}
	exact := `{"remember":["` + strings.Repeat("x", memory.MaxField-len(`{"remember":[""]}`)) + `"]}`
	if got, err := memory.ParseField([]byte(exact)); err != nil || len(got) != 1 {
		t.Errorf("%d bytes: %v", len(exact), err)
	}
}

// FuzzParseField reads anything: it is refused with a typed error, or within its bounds.
func FuzzParseField(f *testing.F) {
	for _, s := range []string{
		`{"remember":["Ada likes tulips"]}`, `{"remember":[{"text":"x","kind":"fact","about":"Ada"}]}`, `{"remember":[[]]}`, "", "{}", `{"remember":[{"text":"\ud800"}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		notes, err := memory.ParseField(data)
		if err != nil {
			if !errors.Is(err, memory.ErrField) || notes != nil {
				t.Errorf("%v, %v", notes, err)
			}
			return
		}
		if len(notes) > memory.MaxNotes || len(data) > memory.MaxField {
			t.Errorf("%d notes of %d bytes", len(notes), len(data))
		}
	})
}
