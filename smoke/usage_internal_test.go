package smoke

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestProcessorTime(t *testing.T) {
	const behind = " S 1 1 1 0 -1 4194304 100 0 0 0 "
	for stat, want := range map[string]time.Duration{
		"7 (sensory-agent)" + behind + "5 6 7 8 20 0":  260 * time.Millisecond,
		"7 (a) b (c)" + behind + "0 0 0 0 20 0":        0,
		"7 (sensory-agent)" + behind + "100 0 0 0":     time.Second,
		"7 (sensory-agent)" + behind + "5 6 7":         -1,
		"7 sensory-agent" + behind + "5 6 7 8":         -1,
		"7 (sensory-agent)" + behind + "5 six 7 8 9 9": -1,
		"7 (sensory-agent)" + behind + "5 -6 7 8 9 9":  -1,
		"": -1,
	} {
		got, err := parseUsage(stat)
		if want < 0 && !errors.Is(err, errUsage) || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q: %v, %v, want %v", stat, got, err, want)
		}
	}
	if _, err := usage(os.Getpid()); err != nil {
		t.Error(err)
	}
	if _, err := usage(-1); !errors.Is(err, errUsage) {
		t.Errorf("%v", err)
	}
}
