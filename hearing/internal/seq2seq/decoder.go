package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// cache is one key or value cache: where it goes in and comes out.
type cache struct {
	in, out     int
	encoder     bool
	heads, size int64
}

// Decoder knows the names and shapes of one session. It is safe for concurrent use; the session
// stays its owner's.
type Decoder struct {
	session                  *ort.Session
	ids, hidden, mask, cache int // input positions, -1 where there is none
	logits                   int // output position
	caches                   []cache
}

var pastName = regexp.MustCompile(`^past_key_values\.(\d+)\.(decoder|encoder)\.(key|value)$`)

// New checks that session follows the contract. The error is hearing.ErrModel.
func New(session *ort.Session) (*Decoder, error) {
	d := &Decoder{session: session, ids: -1, hidden: -1, mask: -1, cache: -1}
	for i, in := range session.Inputs() {
		switch in.Name {
		case "input_ids":
			d.ids = i
		case "encoder_hidden_states":
			d.hidden = i
		case "encoder_attention_mask":
			d.mask = i
		case "use_cache_branch":
			d.cache = i
		default:
			c, err := cacheOf(session, i, in)
			if err != nil {
				return nil, err
			}
			d.caches = append(d.caches, c)
		}
	}
	var err error
	if d.logits, err = session.Output("logits"); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", hearing.ErrModel, session.Name(), err)
	}
	if d.ids < 0 || d.hidden < 0 || len(d.caches) == 0 || len(d.caches)%4 != 0 || len(session.Outputs()) != len(d.caches)+1 {
		return nil, fmt.Errorf("%w: %s: not a merged decoder with caches", hearing.ErrModel, session.Name())
	}
	return d, nil
}

// cacheOf describes a cache input and finds its output.
func cacheOf(session *ort.Session, at int, in ort.TensorInfo) (cache, error) {
	m := pastName.FindStringSubmatch(in.Name)
	if m == nil {
		return cache{}, fmt.Errorf("%w: %s: unknown input %q", hearing.ErrModel, session.Name(), in.Name)
	}
	if in.Type != ort.TypeFloat32 || len(in.Shape) != 4 || in.Shape[1] <= 0 || in.Shape[3] <= 0 {
		return cache{}, fmt.Errorf("%w: %s: %s is %v%v", hearing.ErrModel, session.Name(), in.Name, in.Type, in.Shape)
	}
	out, err := session.Output("present." + m[1] + "." + m[2] + "." + m[3])
	if err != nil {
		return cache{}, fmt.Errorf("%w: %s: %w", hearing.ErrModel, session.Name(), err)
	}
	return cache{in: at, out: out, encoder: m[2] == "encoder", heads: in.Shape[1], size: in.Shape[3]}, nil
}

// Masked reports whether the decoder takes an attention mask over the encoder's input.
func (d *Decoder) Masked() bool { return d.mask >= 0 }

// Clip is the decoding of one clip: its caches and how far it got. One goroutine uses it; Close
// must be called.
type Clip struct {
	decoder *Decoder
	steps   int
	past    []ort.Tensor // by cache
	fixed   []ort.Tensor // inputs that all steps share and that the clip made
	inputs  []ort.Tensor
	outputs []ort.Tensor
	branch  []bool // one element, memory of its own: native code may not see a Go pointer through it
}

// Begin starts a clip. hidden, and mask where Masked, stay the caller's and must live until Close.
func (d *Decoder) Begin(hidden, mask ort.Tensor) (*Clip, error) {
	c := &Clip{
		decoder: d,
		past:    make([]ort.Tensor, len(d.caches)),
		inputs:  make([]ort.Tensor, len(d.session.Inputs())),
		outputs: make([]ort.Tensor, len(d.session.Outputs())),
		branch:  make([]bool, 1),
	}
	c.inputs[d.hidden] = hidden
	if d.mask >= 0 {
		c.inputs[d.mask] = mask
	}
	for i, spec := range d.caches {
		empty, err := ort.Float32([]int64{1, spec.heads, 0, spec.size}, nil)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.past[i] = empty
	}
	if d.cache >= 0 {
		t, err := ort.Bool([]int64{1}, c.branch)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.fixed = append(c.fixed, t)
		c.inputs[d.cache] = t
	}
	return c, nil
}

// Step feeds tokens and passes the logits behind each of them to use, one row a token, which it may
// change but must not keep. It returns the context's error when ctx ends, hearing.ErrModel for
// outputs that cannot be used, or the session's error.
func (c *Clip) Step(ctx context.Context, tokens []int64, use func(rows Logits)) error {
	d := c.decoder
	ids, err := ort.Int64([]int64{1, int64(len(tokens))}, tokens)
	if err != nil {
		return err
	}
	defer func() { _ = ids.Close() }()
	c.inputs[d.ids] = ids
	c.branch[0] = c.steps > 0
	for i, spec := range d.caches {
		c.inputs[spec.in] = c.past[i]
	}
	clear(c.outputs)
	if err := d.session.Run(ctx, c.inputs, c.outputs); err != nil {
		return err
	}
	logits := c.outputs[d.logits]
	defer func() { _ = logits.Close() }()
	c.keepCaches()
	c.steps++
	shape, data := logits.Shape(), logits.Float32s()
	if len(shape) != 3 || shape[0] != 1 || shape[1] != int64(len(tokens)) || shape[2] < 1 || len(data) != int(shape[1]*shape[2]) {
		return fmt.Errorf("%w: %s: logits have shape %v", hearing.ErrModel, d.session.Name(), shape)
	}
	use(Logits{values: data, vocabulary: int(shape[2])})
	return nil
}

// keepCaches takes the caches of the step over: the decoder's always, the encoder's from the first
// step only.
func (c *Clip) keepCaches() {
	for i, spec := range c.decoder.caches {
		made := c.outputs[spec.out]
		if spec.encoder && c.steps > 0 {
			_ = made.Close()
			continue
		}
		_ = c.past[i].Close()
		c.past[i] = made
	}
}

// Close releases the caches. It is idempotent.
func (c *Clip) Close() error {
	var errs []error
	for i, t := range c.past {
		if t != nil {
			errs = append(errs, t.Close())
			c.past[i] = nil
		}
	}
	for _, t := range c.fixed {
		errs = append(errs, t.Close())
	}
	c.fixed = nil
	return errors.Join(errs...)
}

// Layers returns the number of decoder layers.
func (d *Decoder) Layers() int { return len(d.caches) / 4 }

// String describes the decoder for logs.
func (d *Decoder) String() string {
	return d.session.Name() + ", " + strconv.Itoa(d.Layers()) + " layers"
}

// Logits are the outputs of one step.
type Logits struct {
	values     []float32
	vocabulary int
}

// Rows returns the number of tokens that were fed.
func (l Logits) Rows() int { return len(l.values) / l.vocabulary }

// Row returns the logits behind token i of the step.
func (l Logits) Row(i int) []float32 { return l.values[i*l.vocabulary : (i+1)*l.vocabulary] }

// Last returns the logits behind the last token.
func (l Logits) Last() []float32 { return l.Row(l.Rows() - 1) }
