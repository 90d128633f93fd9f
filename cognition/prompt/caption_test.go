package prompt_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

func TestSeenAgo(t *testing.T) {
	for age, want := range map[time.Duration]prompt.Caption{
		-time.Second: "Now:", 0: "Now:", 999 * time.Millisecond: "Now:", time.Second: "1 second ago:",
		1999 * time.Millisecond: "1 second ago:", 4 * time.Second: "4 seconds ago:", 59 * time.Second: "59 seconds ago:",
		time.Minute: "1 minute ago:", 150 * time.Second: "2 minutes ago:", time.Hour: "1 hour ago:", 50 * time.Hour: "50 hours ago:",
	} {
		if got := prompt.SeenAgo(age); got != want {
			t.Errorf("%v: %q, want %q", age, got, want)
		}
		if got := prompt.SeenAgo(age).Modality(); got != prompt.Words {
			t.Errorf("a caption is %q", got)
		}
	}
}
