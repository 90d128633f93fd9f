package hearing_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing"
)

func TestJudge(t *testing.T) {
	for text, want := range map[string]hearing.Verdict{
		"What do you see in this picture?":   hearing.Asked,
		"I can see it now.":                  hearing.Whole,
		"\u201cStop that!\u201d":             hearing.Complete,
		"What are you looking at?":           hearing.Asked,
		"What do you see?":                   hearing.Complete,
		"Could you tell me?":                 hearing.Leading,
		"Let me think.":                      hearing.Leading,
		"Well, let's see.":                   hearing.Leading,
		"So let me see it.":                  hearing.Whole,
		"I am looking at.":                   hearing.Leading,
		"I would like to know.":              hearing.Leading,
		"I would like to know":               hearing.Leading,
		"Could you tell me what?":            hearing.Leading,
		"What's it like?":                    hearing.Complete,
		"Who’s it from?":                     hearing.Complete,
		"What?":                              hearing.Unknown,
		"What is it for?":                    hearing.Complete,
		"The number is.":                     hearing.Leading,
		"Here it is.":                        hearing.Unknown,
		"Do you remember what I said about":  hearing.Leading,
		"I don't know why.":                  hearing.Unknown,
		"Can you describe what?":             hearing.Leading,
		"Yes, please.":                       hearing.Unknown,
		"I think so.":                        hearing.Unknown,
		"I don't want to.":                   hearing.Unknown,
		"Come in.":                           hearing.Unknown,
		"So am I!":                           hearing.Complete,
		"How many circles":                   hearing.Unknown,
		"Yes.":                               hearing.Unknown,
		"":                                   hearing.Unknown,
		"...":                                hearing.Unfinished,
		"\u266a":                             hearing.Unknown,
		"What is the.":                       hearing.Unfinished,
		"I was there and":                    hearing.Unfinished,
		"First the red one,":                 hearing.Leading,
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
