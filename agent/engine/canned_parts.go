package engine

import (
	"context"
	"errors"
	"image"
	"io/fs"
	"math"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/vision"
	"github.com/sensory-agent/sensory-agent/vision/naming"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

// cannedEar hears what it is told to in every clip.
type cannedEar struct{ hears func() string }

// Transcribe implements hearing.Transcriber.
func (e cannedEar) Transcribe(ctx context.Context, _ []float32) (hearing.Transcript, error) {
	if ctx.Err() != nil {
		return hearing.Transcript{}, context.Cause(ctx)
	}
	// As sure as a real ear is of clear speech.
	text := e.hears()
	return hearing.Transcript{Text: text, Tokens: len(strings.Fields(text)), AvgLogProb: -0.1}, nil
}

// Close implements io.Closer.
func (cannedEar) Close() error { return nil }

const (
	cannedRate  = 24000 // hertz, as many voices; so the way to 48 kHz is part of what is measured
	cannedPitch = 440.0 // hertz
	cannedLoud  = 0.5   // amplitude: −9 dBFS
	cannedPiece = cannedRate / 10
)

// cannedVoice says every clause with one tone that is at full level at once. The tone begins at the
// top of the wave, so that its first sample can be heard.
type cannedVoice struct{ tone []float32 }

func newCannedVoice(length time.Duration, pitch float64) *cannedVoice {
	v := &cannedVoice{tone: make([]float32, int(length.Seconds()*cannedRate))}
	for i := range v.tone {
		v.tone[i] = cannedLoud * float32(math.Cos(2*math.Pi*pitch*float64(i)/cannedRate))
	}
	return v
}

// Name implements tts.Voice.
func (*cannedVoice) Name() string { return "canned" }

// SampleRate implements tts.Voice.
func (*cannedVoice) SampleRate() int { return cannedRate }

// Synthesize implements tts.Voice.
func (v *cannedVoice) Synthesize(ctx context.Context, _ string, emit func([]float32) error) error {
	for rest := v.tone; len(rest) > 0; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n := min(cannedPiece, len(rest))
		if err := emit(append([]float32(nil), rest[:n]...)); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// Close implements tts.Voice.
func (*cannedVoice) Close() error { return nil }

// cannedWindow is the window of the canned mind, in tokens: that of a small model, so that a long
// conversation is compacted as with one.
const cannedWindow = 4096

// cannedMind answers what it is told to. It takes instructions and history as a real one
// does, under the same leases.
type cannedMind struct {
	place
	broker *compute.Broker
	says   func(asked prompt.Message) string
}

func (m *cannedMind) fits(messages []prompt.Message) error {
	if tokens := m.tokens(messages); tokens >= cannedWindow {
		return &prompt.TooLongError{Tokens: tokens, Limit: cannedWindow - 1}
	}
	return nil
}

func (m *cannedMind) acquire(ctx context.Context, d compute.Demand) (*compute.Lease, error) {
	d.Class, d.Silicon, d.Cost, d.TTL = compute.LocalGeneration, m.silicon, compute.Cost{Units: m.price(unitsReply)}, modelTTL
	return m.broker.Acquire(ctx, d)
}

func (m *cannedMind) generate(
	ctx context.Context, req prompt.Request, _ *PromptCache, emit func(string) error,
) (prompt.Result, error) {
	out := prompt.Result{PromptTokens: m.tokens(req.Messages)}
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	var asked prompt.Message
	if n := len(req.Messages); n > 0 {
		asked = req.Messages[n-1]
	}
	says := m.says(asked)
	if emit != nil {
		if err := emit(says); err != nil {
			return out, err
		}
	}
	out.Text, out.Tokens, out.Finish, out.Reason = says, countCanned(says), prompt.FinishEnd, CannedReason
	return out, nil
}

func (m *cannedMind) newPromptCache(Holder) (*PromptCache, error) { return nil, nil } // nothing is kept

func (m *cannedMind) traits() prompt.Traits {
	return prompt.Traits{Window: cannedWindow, Instructions: true, History: true, Count: countCanned, Frame: 8, Empty: 8}
}

func (m *cannedMind) partTokens(part prompt.Part) int {
	if caption, is := part.(prompt.Caption); is {
		return countCanned(string(caption))
	}
	return cannedSight
}

func (m *cannedMind) close() error { return nil }

// tokens counts a prompt as traits say.
func (m *cannedMind) tokens(messages []prompt.Message) int {
	t := m.traits()
	n := t.Empty
	for _, message := range messages {
		n += t.Frame + t.Count(message.Text)
		for _, part := range message.Parts {
			n += m.partTokens(part)
		}
	}
	return n
}

// countCanned is how many tokens a text has: four bytes each.
func countCanned(text string) int { return (len(text) + 3) / 4 }

// cannedSight is how many tokens a picture is for the canned mind; cannedHidden the width of each.
const (
	cannedSight  = 64
	cannedHidden = 64
)

// cannedEyes prepare pictures as a folder says and see the same in each.
func (m *Machine) cannedEyes(at place, folder fs.FS) (*Eyes, error) {
	textures, err := vision.OpenPreprocessor(folder)
	if err != nil {
		return nil, err
	}
	session := cannedSession{}
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		return nil, errors.Join(err, textures.Close())
	}
	stations, err := m.stations("canned eyes")
	if err != nil {
		return nil, errors.Join(err, textures.Close())
	}
	return &Eyes{place: at, textures: textures, whole: textures.Config(), session: session, encoder: encoder, at: stations}, nil
}

// cannedReaders are adapters that see what they are told to; names may be nil.
func (m *Machine) cannedReaders(at place, reads cannedReader, names cannedNamer) (*Eyes, error) {
	stations, err := m.stations("canned reader")
	out := &Eyes{place: at, name: "canned reader", adapters: &adapters{reader: reads, limit: perceiveLimit}, at: stations}
	if names != nil {
		out.adapters.namer = names
	}
	return out, err
}

type (
	cannedReader func(context.Context, *image.RGBA) ([]reading.Line, error)
	cannedNamer  func(context.Context, *image.RGBA) (naming.Name, bool, error)
)

// Read implements textReader.
func (r cannedReader) Read(ctx context.Context, picture *image.RGBA) ([]reading.Line, error) {
	return r(ctx, picture)
}

// Name implements thingNamer.
func (n cannedNamer) Name(ctx context.Context, picture *image.RGBA) (naming.Name, bool, error) {
	return n(ctx, picture)
}

// cannedSession is a vision encoder of squares that computes nothing.
type cannedSession struct{}

// Inputs implements vision.Session.
func (cannedSession) Inputs() []ort.TensorInfo {
	return []ort.TensorInfo{{Name: "pixel_values", Type: ort.TypeFloat32, Shape: []int64{-1, -1, 3, -1, -1}}}
}

// Outputs implements vision.Session.
func (cannedSession) Outputs() []ort.TensorInfo {
	return []ort.TensorInfo{{Name: "image_features", Type: ort.TypeFloat32, Shape: []int64{-1, cannedSight, cannedHidden}}}
}

// Run implements vision.Session: it sees the same in every square.
func (cannedSession) Run(_ context.Context, inputs, outputs []ort.Tensor) error {
	squares := inputs[0].Shape()[1]
	data := make([]float32, squares*cannedSight*cannedHidden)
	for i := range data {
		data[i] = 1
	}
	var err error
	outputs[0], err = ort.Float32([]int64{squares, cannedSight, cannedHidden}, data)
	return err
}

// Close implements io.Closer.
func (cannedSession) Close() error { return nil }

// CannedReason is why every canned answer ends, in its result and its trace.
const CannedReason = "canned"
