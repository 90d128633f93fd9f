package hearing

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Config says what a listener works with. VAD and Final are required; zero values elsewhere take
// the defaults beside them.
type Config struct {
	VAD     VoiceDetector // owned by the listener while it lives, not shared
	Interim Transcriber   // fast engine, may be shared; nil: no interim transcripts
	Final   Transcriber   // accurate engine, may be shared

	// Turn says how likely the turn is over once somebody has fallen silent; it may be shared. nil:
	// silence and transcripts alone end turns. Endpoint.Probes are then 96 ms and 224 ms unless
	// they are set: three windows and seven, before and when the final transcript begins.
	Turn TurnDetector

	// Sound is asked at the end of an utterance, by a goroutine of the listener, whether its Final
	// carries its sound; nil: never.
	Sound func() bool
	// Likely is asked, by a goroutine of the listener, whether Likely is reported; nil: never.
	Likely func() bool

	// Names is asked whenever a transcript begins, by the goroutine of the listener, for names that
	// somebody may be called by, the most likely first. Engines that are Hinted are told them. It
	// must not wait; what it returns stays unchanged. nil: none.
	Names func() []string

	// Paced is told after every utterance what is known of the speaker's pauses: Endpoint.Speaker
	// for the next listener that hears them. The goroutine of the listener calls it; it must not
	// wait. nil: nobody.
	Paced func(p Pace)

	// Sink takes every event, in order, from one goroutine of the listener, which does not go on
	// before it returns. It waits while there is no room for the event, until ctx ends, but not for
	// an Interim; it returns whether it has taken it. Required.
	Sink func(ctx context.Context, e Event) bool

	Endpoint     EndpointConfig
	Prefix       time.Duration // audio before the start of speech that the transcribers get too: 500 ms
	FirstInterim time.Duration // speech before the first interim transcript: 250 ms
	InterimEvery time.Duration // time between interim transcripts: 300 ms, or twice what the last one took if that is more
	AlertFirst   time.Duration // speech before the first interim transcript while Listener.Alert holds: 192 ms
	AlertEvery   time.Duration // time between interim transcripts then, or twice what the last one took if that is more: 64 ms
	SoftPart     time.Duration // from this length on, a long utterance is transcribed in parts, cut at the next silence: 12 s
	HardPart     time.Duration // a part is cut here even within a word: 25 s; engines must take clips of this length plus Prefix
	FinalTimeout time.Duration // a transcript that takes longer fails with ErrTooSlow: 20 s
	QuietRMS     float32       // outside an utterance, windows below this level are not given to the detector: 1e-4 (-80 dBFS); negative: all are

	// NoStall says that sound is not written at the pace of speech, as from a file: then a track
	// from which nothing comes is waited for, while otherwise it is heard as silent within an
	// utterance.
	NoStall bool

	Buffer time.Duration // audio that can wait for the listener; older is dropped and counted: 2 s
	Logger *slog.Logger  // default: discards
}

// withDefaults fills zero fields and refuses values that no listener can work with.
func (c Config) withDefaults() (Config, error) {
	if c.VAD == nil || c.Final == nil || c.Sink == nil {
		return c, fmt.Errorf("%w: a voice detector, a final transcriber and a sink are required", ErrConfig)
	}
	for _, d := range []struct {
		name    string
		value   *time.Duration
		initial time.Duration
	}{
		{"prefix", &c.Prefix, 500 * time.Millisecond},
		{"first interim", &c.FirstInterim, 250 * time.Millisecond},
		{"interim interval", &c.InterimEvery, 300 * time.Millisecond},
		{"alert first interim", &c.AlertFirst, 192 * time.Millisecond},
		{"alert interim interval", &c.AlertEvery, 64 * time.Millisecond},
		{"soft part", &c.SoftPart, 12 * time.Second},
		{"hard part", &c.HardPart, 25 * time.Second},
		{"final timeout", &c.FinalTimeout, 20 * time.Second},
		{"buffer", &c.Buffer, 2 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.initial
		}
		if *d.value < 0 {
			return c, fmt.Errorf("%w: %s %v", ErrConfig, d.name, *d.value)
		}
	}
	if c.Turn != nil && c.Endpoint.Probes == nil {
		c.Endpoint.Probes = []time.Duration{3 * WindowLength, 7 * WindowLength}
	}
	if c.SoftPart > c.HardPart {
		return c, fmt.Errorf("%w: soft part %v is longer than hard part %v", ErrConfig, c.SoftPart, c.HardPart)
	}
	if c.QuietRMS == 0 {
		c.QuietRMS = 1e-4
	}
	if samplesIn(c.Buffer) < WindowSamples {
		return c, fmt.Errorf("%w: buffer %v", ErrConfig, c.Buffer)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
