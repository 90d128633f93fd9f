package hearing

import (
	"context"
	"slices"
	"testing"
	"time"
)

// sunk takes every event.
func sunk(context.Context, Event) bool { return true }

// TestDefaults are those that the documentation names; what was set stays.
func TestDefaults(t *testing.T) {
	got, err := Config{VAD: nothing{}, Final: nothing{}, Sink: sunk}.withDefaults()
	if err != nil || got.Logger == nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]time.Duration{
		"prefix": {got.Prefix, 500 * time.Millisecond}, "first interim": {got.FirstInterim, 250 * time.Millisecond},
		"interims": {got.InterimEvery, 300 * time.Millisecond}, "alert first": {got.AlertFirst, 192 * time.Millisecond},
		"alert interims": {got.AlertEvery, 64 * time.Millisecond}, "soft part": {got.SoftPart, 12 * time.Second},
		"hard part": {got.HardPart, 25 * time.Second}, "timeout": {got.FinalTimeout, 20 * time.Second}, "buffer": {got.Buffer, 2 * time.Second},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %v, want %v", name, c[0], c[1])
		}
	}
	if got.QuietRMS != 1e-4 {
		t.Errorf("%v", got.QuietRMS)
	}
	set := got
	set.QuietRMS, set.Prefix, set.SoftPart, set.Buffer = -1, time.Second, set.HardPart, WindowLength // what is just allowed
	if again, err := set.withDefaults(); err != nil || again.QuietRMS != -1 || again.Prefix != time.Second ||
		again.SoftPart != set.HardPart || again.Buffer != WindowLength {
		t.Errorf("%+v, %v", again, err)
	}
	turn, err := EndpointConfig{}.withDefaults()
	want := EndpointConfig{
		Start: 0.5, Stop: 0.35, MinSpeech: 50 * time.Millisecond, Pause: 200 * time.Millisecond, CompleteSilence: 350 * time.Millisecond,
		EndSilence: 500 * time.Millisecond, MaxSilence: 3 * time.Second, MaxLength: time.Minute,
	}
	marks := []time.Duration{128 * time.Millisecond, 500 * time.Millisecond, 1200 * time.Millisecond}
	if err != nil || !slices.Equal(turn.Marks, marks) {
		t.Errorf("%v, %v", turn.Marks, err)
	}
	if turn.Marks = nil; turn.Start != want.Start || turn.Stop != want.Stop || turn.MinSpeech != want.MinSpeech || turn.Pause != want.Pause ||
		turn.CompleteSilence != want.CompleteSilence || turn.EndSilence != want.EndSilence || turn.MaxSilence != want.MaxSilence || turn.MaxLength != want.MaxLength {
		t.Errorf("%+v, want %+v", turn, want)
	}
	if low, err := (EndpointConfig{Start: 0.2}).withDefaults(); err != nil || low.Stop != 0.2 {
		t.Errorf("%+v, %v", low, err)
	}
	own := []time.Duration{5, 5, 6}
	edges := EndpointConfig{Start: 1, Stop: 1, MinSpeech: 1, Pause: 1, CompleteSilence: 1, EndSilence: 1, MaxSilence: 1, MaxLength: 1, Marks: own}
	edge, err := edges.withDefaults()
	if err != nil || !slices.Equal(edge.Marks, own) {
		t.Fatalf("what is just allowed: %+v, %v", edge, err)
	}
	if own[0] = 9; edge.Marks[0] != 5 {
		t.Error("the marks are the caller's own")
	}
}

// TestConfigsThatNothingWorksWith name what is wrong.
func TestConfigsThatNothingWorksWith(t *testing.T) {
	good, err := Config{VAD: nothing{}, Final: nothing{}, Sink: sunk}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(c *Config){
		"prefix": func(c *Config) { c.Prefix = -1 }, "first interim": func(c *Config) { c.FirstInterim = -1 },
		"interim interval": func(c *Config) { c.InterimEvery = -1 }, "alert first interim": func(c *Config) { c.AlertFirst = -1 },
		"alert interim interval": func(c *Config) { c.AlertEvery = -1 }, "soft part": func(c *Config) { c.SoftPart = -1 },
		"hard part": func(c *Config) { c.HardPart = -1 }, "final timeout": func(c *Config) { c.FinalTimeout = -1 }, "buffer": func(c *Config) { c.Buffer = -1 },
		"longer than hard part": func(c *Config) { c.SoftPart = c.HardPart + 1 }, "a sink": func(c *Config) { c.Sink = nil },
		"buffer 31.9": func(c *Config) { c.Buffer = WindowLength - 100*time.Microsecond }, "voice detector": func(c *Config) { c.VAD = nil },
		"final transcriber": func(c *Config) { c.Final = nil },
	} {
		c := good
		spoil(&c)
		if _, err := c.withDefaults(); !errorSays(err, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	turn := EndpointConfig{Start: 0.5, Stop: 0.4, MinSpeech: 1, Pause: 2, CompleteSilence: 3, EndSilence: 4, MaxSilence: 5, MaxLength: 6}
	for name, spoil := range map[string]func(c *EndpointConfig){
		"stop (-0.1)": func(c *EndpointConfig) { c.Stop = -0.1 }, "stop (0.6)": func(c *EndpointConfig) { c.Stop = 0.6 }, "start (1.1)": func(c *EndpointConfig) { c.Start = 1.1 },
		"minimum speech": func(c *EndpointConfig) { c.MinSpeech = -1 }, "pause (-1ns)": func(c *EndpointConfig) { c.Pause = -1 }, "pause (4ns)": func(c *EndpointConfig) { c.Pause = 4 },
		"complete (5ns)": func(c *EndpointConfig) { c.CompleteSilence = 5 }, "end (6ns)": func(c *EndpointConfig) { c.EndSilence = 6 }, "longest utterance 4ns": func(c *EndpointConfig) { c.MaxLength = 4 },
		"not ascending": func(c *EndpointConfig) { c.Marks = []time.Duration{1, 3, 2} },
	} {
		c := turn
		spoil(&c)
		if _, err := c.withDefaults(); !errorSays(err, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
