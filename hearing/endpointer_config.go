package hearing

import (
	"fmt"
	"slices"
	"time"
)

// EndpointConfig holds the thresholds of an Endpointer. Zero fields take the defaults named beside them.
type EndpointConfig struct {
	Start     float32       // probability from which a window is speech: 0.5
	Stop      float32       // probability below which speech falls silent: 0.35; between the two nothing changes
	MinSpeech time.Duration // speech this long counts as started: 50 ms

	Pause           time.Duration // silence after which speech has stopped and the final transcript begins: 200 ms
	CompleteSilence time.Duration // silence that ends an utterance whose transcript is a complete sentence: 350 ms
	EndSilence      time.Duration // silence that ends any other utterance: 500 ms
	MaxSilence      time.Duration // silence that ends an utterance whose transcript breaks off: 3 s

	MaxLength time.Duration   // an utterance is ended when it has lasted this long: 60 s
	Marks     []time.Duration // lengths of speech that are signalled as Sustained, ascending: 128 ms, 500 ms, 1.2 s
}

// withDefaults fills zero fields and refuses thresholds that contradict each other.
func (c EndpointConfig) withDefaults() (EndpointConfig, error) {
	fill := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	if c.Start == 0 {
		c.Start = 0.5
	}
	if c.Stop == 0 {
		c.Stop = min(0.35, c.Start)
	}
	fill(&c.MinSpeech, 50*time.Millisecond)
	fill(&c.Pause, 200*time.Millisecond)
	fill(&c.CompleteSilence, 350*time.Millisecond)
	fill(&c.EndSilence, 500*time.Millisecond)
	fill(&c.MaxSilence, 3*time.Second)
	fill(&c.MaxLength, time.Minute)
	if c.Marks == nil {
		c.Marks = []time.Duration{128 * time.Millisecond, 500 * time.Millisecond, 1200 * time.Millisecond}
	}
	switch {
	case !(c.Stop > 0 && c.Stop <= c.Start && c.Start <= 1):
		return c, fmt.Errorf("%w: want 0 < stop (%g) <= start (%g) <= 1", ErrConfig, c.Stop, c.Start)
	case c.MinSpeech < 0:
		return c, fmt.Errorf("%w: minimum speech %v", ErrConfig, c.MinSpeech)
	case c.Pause < 0 || c.Pause > c.CompleteSilence || c.CompleteSilence > c.EndSilence || c.EndSilence > c.MaxSilence:
		return c, fmt.Errorf("%w: want pause (%v) <= complete (%v) <= end (%v) <= max silence (%v)",
			ErrConfig, c.Pause, c.CompleteSilence, c.EndSilence, c.MaxSilence)
	case c.MaxLength < c.MaxSilence:
		return c, fmt.Errorf("%w: longest utterance %v is shorter than longest silence %v", ErrConfig, c.MaxLength, c.MaxSilence)
	case !slices.IsSorted(c.Marks):
		return c, fmt.Errorf("%w: marks %v are not ascending", ErrConfig, c.Marks)
	}
	c.Marks = slices.Clone(c.Marks)
	return c, nil
}
