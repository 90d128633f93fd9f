package hearing

import (
	"fmt"
	"slices"
	"time"
)

// EndpointConfig holds the thresholds of an Endpointer. Zero fields take the defaults named beside
// them.
type EndpointConfig struct {
	Start     float32       // probability from which a window is speech: 0.5
	Stop      float32       // probability below which speech falls silent: 0.35; between the two nothing changes
	MinSpeech time.Duration // speech this long counts as started: 50 ms

	Pause           time.Duration // silence after which speech has stopped and the final transcript begins: 200 ms
	AskedSilence    time.Duration // silence that ends a whole question, and a whole sentence of who has not paused in three turns: 160 ms
	CompleteSilence time.Duration // silence that ends an utterance whose transcript is a complete sentence: 350 ms
	EndSilence      time.Duration // silence that ends any other utterance: 500 ms
	MaxSilence      time.Duration // silence that ends an utterance whose transcript breaks off: 3 s

	// How the speaker of a track pauses is followed: silences are waited for a third longer than
	// their longest pause of late.
	PatientSilence time.Duration // but no longer than this: 1 s; negative: pauses change nothing
	Afterthought   time.Duration // who speaks on within this time was cut off: 1 s
	Speaker        Pace          // what is known of them from before, see Endpointer.Pace: a stranger

	// StrangeSilence ends at the soonest the first turn of a stranger: 0.
	StrangeSilence time.Duration

	// DoubtfulSilence ends at the soonest what is hardly over: 1 s. Its transcript, also an interim
	// one, is Leading, or the TurnDetector hears it.
	DoubtfulSilence time.Duration

	// What a TurnDetector says shortens and prolongs the wait. It is asked at the Probes.
	Probes      []time.Duration // silences, ascending: none
	Sure        float32         // from this probability on the turn is surely over: 0.95
	SureSilence time.Duration   // silence that ends it then, unless its transcript breaks off: 192 ms
	Doubtful    float32         // below this one it is hardly over: 0.1

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
	c.fillPace()
	if c.Marks == nil {
		c.Marks = []time.Duration{128 * time.Millisecond, 500 * time.Millisecond, 1200 * time.Millisecond}
	}
	switch {
	case !(c.Stop > 0 && c.Stop <= c.Start && c.Start <= 1):
		return c, fmt.Errorf("%w: want 0 < stop (%g) <= start (%g) <= 1", ErrConfig, c.Stop, c.Start)
	case c.MinSpeech < 0:
		return c, fmt.Errorf("%w: minimum speech %v", ErrConfig, c.MinSpeech)
	case c.AskedSilence < 0 || c.AskedSilence > c.CompleteSilence || c.Speaker.Longest < 0:
		return c, fmt.Errorf("%w: want 0 <= asked (%v) <= complete (%v), 0 <= longest pause (%v)", ErrConfig, c.AskedSilence, c.CompleteSilence, c.Speaker.Longest)
	case c.Pause < 0 || c.Pause > c.CompleteSilence || c.CompleteSilence > c.EndSilence || c.EndSilence > c.MaxSilence:
		return c, fmt.Errorf("%w: want pause (%v) <= complete (%v) <= end (%v) <= max silence (%v)",
			ErrConfig, c.Pause, c.CompleteSilence, c.EndSilence, c.MaxSilence)
	case c.MaxLength < c.MaxSilence:
		return c, fmt.Errorf("%w: longest utterance %v is shorter than longest silence %v", ErrConfig, c.MaxLength, c.MaxSilence)
	case !slices.IsSorted(c.Marks):
		return c, fmt.Errorf("%w: marks %v are not ascending", ErrConfig, c.Marks)
	case !slices.IsSorted(c.Probes):
		return c, fmt.Errorf("%w: probes %v are not ascending", ErrConfig, c.Probes)
	case !(c.Doubtful >= 0 && c.Doubtful <= c.Sure): // a Sure above 1 never is
		return c, fmt.Errorf("%w: want 0 <= doubtful (%g) <= sure (%g)", ErrConfig, c.Doubtful, c.Sure)
	}
	for name, d := range map[string]time.Duration{
		"patient": c.PatientSilence, "sure": c.SureSilence, "doubtful": c.DoubtfulSilence, "afterthought": c.Afterthought, "strange": c.StrangeSilence,
	} {
		if d > c.MaxSilence {
			return c, fmt.Errorf("%w: %s silence %v is longer than the longest, %v", ErrConfig, name, d, c.MaxSilence)
		}
	}
	c.Marks, c.Probes = slices.Clone(c.Marks), slices.Clone(c.Probes)
	return c, nil
}

// fillPace fills what follows the speaker and a TurnDetector. Where these values come from is told
// in BENCHMARKS.md; none may be longer than MaxSilence.
func (c *EndpointConfig) fillPace() {
	fill := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = min(value, c.MaxSilence)
		}
	}
	fill(&c.PatientSilence, time.Second)
	fill(&c.Afterthought, time.Second)
	fill(&c.SureSilence, 6*WindowLength)
	if c.AskedSilence == 0 {
		c.AskedSilence = min(5*WindowLength, c.CompleteSilence)
	}
	fill(&c.DoubtfulSilence, time.Second)
	if c.Sure == 0 {
		c.Sure = 0.95
	}
	if c.Doubtful == 0 {
		c.Doubtful = min(0.1, c.Sure)
	}
}

// Within returns thresholds whose silences lie between two lengths, as somebody sets them: a turn
// ends after least at the soonest and after most at the latest. Zero is no bound.
func (c EndpointConfig) Within(least, most time.Duration) (EndpointConfig, error) {
	c, err := c.withDefaults()
	if err != nil {
		return c, err
	}
	if most == 0 {
		most = max(c.MaxSilence, least)
	}
	if least < 0 || most < least || most > c.MaxLength {
		return c, fmt.Errorf("%w: want 0 <= least (%v) <= most (%v) <= longest utterance (%v)", ErrConfig, least, most, c.MaxLength)
	}
	for _, d := range []*time.Duration{&c.AskedSilence, &c.CompleteSilence, &c.EndSilence, &c.SureSilence, &c.DoubtfulSilence} {
		*d = min(max(*d, least), most)
	}
	if c.PatientSilence > 0 {
		c.PatientSilence = min(max(c.PatientSilence, least), most)
	}
	c.StrangeSilence = min(c.StrangeSilence, most)
	c.MaxSilence = most
	c.Pause, c.Afterthought = min(c.Pause, c.CompleteSilence), min(c.Afterthought, most)
	return c.withDefaults()
}
