package silero

import (
	"context"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
)

const (
	contextSamples = 64                                     // samples of the previous window that the model sees first
	stateSize      = 2 * 128                                // recurrent state of one stream
	inputSamples   = contextSamples + hearing.WindowSamples // one model input
)

// Model is the shared session. It is safe for concurrent use.
type Model struct {
	session *ort.Session
	in      [3]int // positions of input, state, sr
	out     [2]int // positions of output, stateN
}

// New checks that session follows the Silero contract. The session stays its owner's and must
// outlive all detectors. The error is hearing.ErrModel.
func New(session *ort.Session) (*Model, error) {
	m := &Model{session: session}
	var err error
	for i, name := range []string{"input", "state", "sr"} {
		if m.in[i], err = session.Input(name); err != nil {
			return nil, fmt.Errorf("%w: silero: %w", hearing.ErrModel, err)
		}
	}
	for i, name := range []string{"output", "stateN"} {
		if m.out[i], err = session.Output(name); err != nil {
			return nil, fmt.Errorf("%w: silero: %w", hearing.ErrModel, err)
		}
	}
	if len(session.Inputs()) != 3 || len(session.Outputs()) != 2 {
		return nil, fmt.Errorf("%w: silero: %d inputs and %d outputs", hearing.ErrModel, len(session.Inputs()), len(session.Outputs()))
	}
	return m, nil
}

// Detector is the state of one stream. It is used by one goroutine at a time and closed by whoever
// made it.
type Detector struct {
	model *Model

	// Memory of its own for each tensor: native code may not see a Go pointer through it.
	samples, state, next, score []float32

	inputs, outputs []ort.Tensor
	all             []ort.Tensor
}

var _ hearing.VoiceDetector = (*Detector)(nil)

// NewDetector starts a stream.
func (m *Model) NewDetector() (*Detector, error) {
	d := &Detector{
		model:   m,
		samples: make([]float32, inputSamples),
		state:   make([]float32, stateSize),
		next:    make([]float32, stateSize),
		score:   make([]float32, 1),
		inputs:  make([]ort.Tensor, 3),
		outputs: make([]ort.Tensor, 2),
	}
	add := func(list []ort.Tensor, at int, t ort.Tensor, err error) error {
		if err != nil {
			return err
		}
		list[at] = t
		d.all = append(d.all, t)
		return nil
	}
	steps := []func() error{
		func() error {
			t, err := ort.Float32([]int64{1, inputSamples}, d.samples)
			return add(d.inputs, m.in[0], t, err)
		},
		func() error {
			t, err := ort.Float32([]int64{2, 1, 128}, d.state)
			return add(d.inputs, m.in[1], t, err)
		},
		func() error {
			t, err := ort.Int64(nil, []int64{hearing.SampleRate})
			return add(d.inputs, m.in[2], t, err)
		},
		func() error {
			t, err := ort.Float32([]int64{1, 1}, d.score)
			return add(d.outputs, m.out[0], t, err)
		},
		func() error {
			t, err := ort.Float32([]int64{2, 1, 128}, d.next)
			return add(d.outputs, m.out[1], t, err)
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			_ = d.Close()
			return nil, fmt.Errorf("silero: %w", err)
		}
	}
	return d, nil
}

// Probability takes the next 512 samples at 16 kHz. The error is hearing.ErrAudio, or the
// session's. After an error the stream starts afresh with the next window.
func (d *Detector) Probability(window []float32) (float32, error) {
	if len(window) != hearing.WindowSamples {
		return 0, fmt.Errorf("%w: silero takes %d samples, not %d", hearing.ErrAudio, hearing.WindowSamples, len(window))
	}
	copy(d.samples[:contextSamples], d.samples[inputSamples-contextSamples:])
	copy(d.samples[contextSamples:], window)
	if err := d.model.session.Run(context.Background(), d.inputs, d.outputs); err != nil {
		d.Reset()
		return 0, fmt.Errorf("silero: %w", err)
	}
	copy(d.state, d.next)
	p := d.score[0]
	if math.IsNaN(float64(p)) || p < 0 || p > 1 {
		d.Reset()
		return 0, fmt.Errorf("%w: silero: probability %v from this window", hearing.ErrAudio, p)
	}
	return p, nil
}

// Reset forgets the stream so far.
func (d *Detector) Reset() {
	clear(d.samples)
	clear(d.state)
}

// Close releases the tensors. It is idempotent; the shared session stays open.
func (d *Detector) Close() error {
	var first error
	for _, t := range d.all {
		if err := t.Close(); err != nil && first == nil {
			first = err
		}
	}
	d.all = nil
	return first
}
