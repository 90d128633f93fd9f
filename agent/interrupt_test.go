package agent

import (
	"testing"
	"time"
)

func TestOverlapDucksThenStops(t *testing.T) {
	var o overlap
	for _, step := range []struct {
		voiced time.Duration
		want   overlapAction
	}{
		{60 * time.Millisecond, overlapNothing},
		{128 * time.Millisecond, overlapDuck},
		{200 * time.Millisecond, overlapNothing},
		{500 * time.Millisecond, overlapStop},
	} {
		if got := o.sustained(step.voiced); got != step.want {
			t.Errorf("after %v: %v, want %v", step.voiced, got, step.want)
		}
	}
}

func TestShortOverlapIsForgotten(t *testing.T) {
	var o overlap
	if got := o.ended(); got != overlapNothing {
		t.Errorf("nothing happened, got %v", got)
	}
	o.sustained(128 * time.Millisecond)
	if got := o.words("mm-hmm, yeah"); got != overlapNothing {
		t.Errorf("a backchannel interrupts: %v", got)
	}
	if got := o.ended(); got != overlapRestore {
		t.Errorf("got %v, want full voice again", got)
	}
	if got := o.words("wait"); got != overlapStop {
		t.Errorf("a word does not interrupt: %v", got)
	}
}
