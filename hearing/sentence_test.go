package hearing_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing"
)

func TestJudge(t *testing.T) {
	for text, want := range map[string]hearing.Verdict{
		"What do you see in this picture?":   hearing.Complete,
		"I can see it now.":                  hearing.Complete,
		"\u201cStop that!\u201d":             hearing.Complete,
		"What are you looking at?":           hearing.Complete,
		"I am looking at.":                   hearing.Unknown,
		"I would like to know.":              hearing.Unknown,
		"How many circles":                   hearing.Unknown,
		"Yes.":                               hearing.Unknown,
		"":                                   hearing.Unknown,
		"...":                                hearing.Unfinished,
		"\u266a":                             hearing.Unknown,
		"What is the.":                       hearing.Unfinished,
		"I was there and":                    hearing.Unfinished,
		"First the red one,":                 hearing.Unfinished,
		"Well, I -":                          hearing.Unfinished,
		"Let me think\u2026":                 hearing.Unfinished,
		"There are three things that, uh...": hearing.Unfinished,
	} {
		if got := hearing.Judge(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

func FuzzJudge(f *testing.F) {
	f.Add("What is the.")
	f.Add("\xff\xfe...")
	f.Fuzz(func(t *testing.T, text string) {
		if v := hearing.Judge(text); v.String() == "" {
			t.Errorf("%q: verdict %d", text, v)
		}
	})
}
