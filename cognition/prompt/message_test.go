package prompt_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

func TestSplitStaysWithinTheText(t *testing.T) {
	for at, want := range map[int]string{-1: "|Ada: hi", 0: "|Ada: hi", 5: "Ada: |hi", 7: "Ada: hi|", 8: "Ada: hi|"} {
		before, behind := prompt.Message{Text: "Ada: hi", Before: at}.Split()
		if got := before + "|" + behind; got != want {
			t.Errorf("at %d: %q, want %q", at, got, want)
		}
	}
}
