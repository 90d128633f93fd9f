package hearing

import (
	"context"
	"time"
)

// Audio format of everything in this package.
const (
	// SampleRate of all samples, in hertz.
	SampleRate = 16000
	// WindowSamples is the length of one window of the voice detector.
	WindowSamples = 512
	// WindowLength is the duration of WindowSamples: 32 ms.
	WindowLength = WindowSamples * time.Second / SampleRate
)

// VoiceDetector says how likely a window holds speech. One detector serves one stream: it keeps
// state from window to window. Both methods are called by one goroutine at a time.
type VoiceDetector interface {
	// Probability takes the next WindowSamples samples and returns a value in [0,1]. It must not
	// keep the slice.
	Probability(window []float32) (float32, error)
	// Reset forgets the stream so far.
	Reset()
}

// TurnDetector says how likely a speaker has finished. It may be shared by several listeners and
// must be safe for concurrent use. It must not keep pcm after it returned.
type TurnDetector interface {
	// EndOfTurn takes what was said so far with the beginning of the silence behind it, and returns
	// a value in [0,1].
	EndOfTurn(ctx context.Context, pcm []float32) (float32, error)
}

// Transcriber turns a clip into text. It may be shared by several listeners and must be safe for
// concurrent use. It must not keep pcm after it returned, and must return soon after ctx ended (at
// the next token).
type Transcriber interface {
	Transcribe(ctx context.Context, pcm []float32) (Transcript, error)
}

// Hinted is a Transcriber that can be told what may be said.
type Hinted interface {
	Transcriber
	// TranscribeHinted does what Transcribe does, for a clip in which somebody may be called by one
	// of these names. How many of them count is the engine's business: the first ones before later
	// ones. Without names it is Transcribe. It must not keep names.
	TranscribeHinted(ctx context.Context, pcm []float32, names []string) (Transcript, error)
}

// Transcribe has an engine transcribe a clip. One that is Hinted is told the names; for others they
// change nothing.
func Transcribe(ctx context.Context, engine Transcriber, pcm []float32, names []string) (Transcript, error) {
	if hinted, ok := engine.(Hinted); ok {
		return hinted.TranscribeHinted(ctx, pcm, names)
	}
	return engine.Transcribe(ctx, pcm)
}

// Transcript is what an engine heard in one clip.
type Transcript struct {
	Text       string  // trimmed; empty when nothing intelligible was heard
	Tokens     int     // tokens generated, the end token not counted
	AvgLogProb float32 // mean natural log probability of the tokens, 0 where the engine does not compute it
	NoSpeech   float32 // probability, in [0,1], that nobody speaks in the clip; 0 where the engine does not compute it
}

// durationOf returns the length of n samples.
func durationOf(n int64) time.Duration {
	return time.Duration(n) * time.Second / SampleRate
}

// samplesIn returns the number of whole samples in d.
func samplesIn(d time.Duration) int64 {
	return int64(d) * SampleRate / int64(time.Second)
}
