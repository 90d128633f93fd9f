package hearing

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// nothing hears nothing and says nothing.
type nothing struct{}

// Probability and Reset implement VoiceDetector, Transcribe Transcriber.
func (nothing) Probability([]float32) (float32, error) { return 0, nil }
func (nothing) Reset()                                 {}
func (nothing) Transcribe(context.Context, []float32) (Transcript, error) {
	return Transcript{}, nil
}

// errorSays reports whether an error is ErrConfig and names something.
func errorSays(err error, what string) bool {
	return errors.Is(err, ErrConfig) && strings.Contains(err.Error(), what)
}

// TestNames are words for logs; what has none is unknown.
func TestNames(t *testing.T) {
	var got []string
	for s := range StageTurn + 2 {
		got = append(got, s.String())
	}
	for r := range EndSure + 2 {
		got = append(got, r.String())
	}
	for v := range Asked + 2 {
		got = append(got, v.String())
	}
	want := "unknown voice interim final end_of_turn unknown unknown silence complete max_silence max_length track_ended sure unknown unknown complete unfinished leading whole asked unknown"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("%s, want %s", text, want)
	}
}

// TestJudgeByItsWords: every word that dangles, and every one that leads on.
func TestJudgeByItsWords(t *testing.T) {
	for _, w := range strings.Fields("a an the my your our their and or but because if than whether uh um er erm") {
		if v := Judge("I see " + w + "."); v != Unfinished {
			t.Errorf("%q: %v", w, v)
		}
	}
	for _, w := range strings.Fields("of at with for from by about into which who what where when how why is are was were am i we they he she wonder") {
		for _, end := range []string{"", ".", "?"} {
			if v := Judge("Well " + w + end); v != Leading {
				t.Errorf("%q: %v", w+end, v)
			}
		}
		if v := Judge("What then " + w + "?"); v != Complete {
			t.Errorf("a question that ends with %q: %v", w, v)
		}
	}
	for _, w := range strings.Fields("to in on that know like want think say said please so then") {
		if v := Judge("Well " + w + "."); v != Unknown {
			t.Errorf("%q: %v", w, v)
		}
		if v := Judge("Well " + w + "?"); v != Complete {
			t.Errorf("%q as a question: %v", w, v)
		}
	}
	for _, end := range []string{"...", "…", "-", "–", "—", ":", ";"} {
		for _, close := range []string{"", "\"", "'", "”", "’", ")", "] "} {
			if v := Judge("I see it" + end + close); v != Unfinished {
				t.Errorf("%q: %v", end+close, v)
			}
		}
	}
	for text, want := range map[string]Verdict{
		"Yes!": Unknown, "Oh yes!": Complete, "They did not.": Complete, "Room 5.": Complete, "5 5": Unknown, "?!": Unknown, "\"'": Unknown,
		"Tell me about it": Unknown,
	} {
		if v := Judge(text); v != want {
			t.Errorf("%q: %v, want %v", text, v, want)
		}
	}
}
