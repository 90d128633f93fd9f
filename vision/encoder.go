package vision

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/half"
)

// Session is the part of *ort.Session that an Encoder uses. Run may be called from several
// goroutines and must not keep the tensors; outputs that are nil are allocated by it and then
// belong to the caller.
type Session interface {
	Inputs() []ort.TensorInfo
	Outputs() []ort.TensorInfo
	Run(ctx context.Context, inputs, outputs []ort.Tensor) error
}

var _ Session = (*ort.Session)(nil)

// Defaults of EncoderOptions.
const (
	defaultCacheEntries = 16
	defaultCacheBytes   = 64 << 20
)

// EncoderOptions bound the feature cache. The zero value keeps up to 16 pictures and 64 MiB.
type EncoderOptions struct {
	// CacheEntries is the number of pictures kept; below 0 means none.
	CacheEntries int
	// CacheBytes is the memory they may take.
	CacheBytes int
}

// EncoderStats count what an encoder did.
type EncoderStats struct {
	// Encoded counts runs of the session, Hits answers from the cache, Refused textures and answers
	// that did not fit.
	Encoded, Hits, Refused uint64
	// CachedPictures and CachedBytes are in the cache now.
	CachedPictures, CachedBytes int
}

// Encoder turns textures into features. It does not own the session: close that after the last
// Encode has returned. Safe for concurrent use. Nobody waits in it: calls run side by side, and how
// many may is the caller's business, with a station of package compute for example. Who calls it
// when the same picture was encoded before gets it from the cache.
type Encoder struct {
	session Session
	inputs  []ort.TensorInfo
	patches bool // it takes patches and their grid, not squares
	output  int
	halves  sync.Pool // of *[]uint16: pixels for a half-precision export

	mu    sync.Mutex
	cache *featureCache
	stats EncoderStats
}

// NewEncoder checks that the session is a vision encoder: an input pixel_values of rank 5 and
// possibly a pixel_attention_mask, or one of rank 4 (squares), or one of rank 2 (patches) and
// image_grid_thw or grid_thw; nothing else, and an output image_features. Errors: *ShapeError.
func NewEncoder(session Session, opt EncoderOptions) (*Encoder, error) {
	if opt.CacheEntries == 0 {
		opt.CacheEntries = defaultCacheEntries
	}
	if opt.CacheBytes <= 0 {
		opt.CacheBytes = defaultCacheBytes
	}
	e := &Encoder{session: session, inputs: session.Inputs(), halves: sync.Pool{New: func() any { return new([]uint16) }}}
	e.cache = newFeatureCache(opt.CacheEntries, opt.CacheBytes)
	var err error
	if e.patches, err = checkInputs(e.inputs); err != nil {
		return nil, err
	}
	outputs := session.Outputs()
	e.output = slices.IndexFunc(outputs, func(info ort.TensorInfo) bool { return info.Name == outputFeatures })
	if e.output < 0 {
		return nil, &ShapeError{Tensor: outputFeatures, Problem: "the model has no such output"}
	}
	if kind := outputs[e.output].Type; kind != ort.TypeFloat32 && kind != ort.TypeFloat16 {
		return nil, &ShapeError{Tensor: outputFeatures, Problem: fmt.Sprintf("element type %v is not a float", kind)}
	}
	return e, nil
}

// Cached returns the features of a picture that was encoded before with this grid of tiles or
// patches, or nil. With HashFrame and Preprocessor.Images a caller can ask before it makes a
// texture.
func (e *Encoder) Cached(hash Hash, rows, cols int) *Features {
	return e.cached(featureKey{hash, rows, cols})
}

func (e *Encoder) cached(key featureKey) *Features {
	e.mu.Lock()
	defer e.mu.Unlock()
	features := e.cache.get(key)
	if features != nil {
		e.stats.Hits++
	}
	return features
}

// Stats returns the counts so far.
func (e *Encoder) Stats() EncoderStats {
	e.mu.Lock()
	defer e.mu.Unlock()
	stats := e.stats
	stats.CachedPictures, stats.CachedBytes = e.cache.order.Len(), e.cache.held
	return stats
}

// Encode returns the features of a texture, from the cache or by running the session. The texture
// is only read, and only during the call; the context is handed to the session, which is not run
// when it has ended. Errors: *ShapeError, ErrNotFinite, context errors, those of the session.
func (e *Encoder) Encode(ctx context.Context, t *Texture) (*Features, error) {
	if err := e.checkTexture(t); err != nil {
		e.refused()
		return nil, err
	}
	if features := e.cached(t.key()); features != nil {
		return features, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("vision encoder: %w", context.Cause(ctx))
	}
	features, err := e.run(ctx, t)
	if err != nil {
		e.refused()
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Encoded++
	e.cache.put(t.key(), features)
	return features, nil
}

func (e *Encoder) refused() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Refused++
}

// checkTexture compares the texture with itself and with the declared shapes, in which dimensions
// below one are free.
func (e *Encoder) checkTexture(t *Texture) error {
	if t == nil || t.Images < 1 || t.Width < 1 || t.Height < 1 || !t.complete() {
		return &ShapeError{Tensor: inputPixels, Problem: "the texture was released or is incomplete"}
	}
	if e.patches != (t.Grid.T > 0) {
		return &ShapeError{Tensor: inputPixels, Problem: "one of texture and model is made of patches, the other of squares"}
	}
	for _, info := range e.inputs {
		got := t.shape(info)
		for i, dim := range info.Shape {
			if dim > 0 && dim != got[i] {
				return &ShapeError{Tensor: info.Name, Want: info.Shape, Got: got, Problem: "the texture does not fit the model"}
			}
		}
	}
	return nil
}

// complete compares the memory with what the texture says of itself.
func (t *Texture) complete() bool {
	if t.Grid.T > 0 {
		return t.whole()
	}
	return len(t.Pixels) == t.Images*3*t.Width*t.Height && len(t.Mask) == t.Images*t.Width*t.Height
}

// shape returns the texture's shape for one of the inputs.
func (t *Texture) shape(info ort.TensorInfo) []int64 {
	n, h, w := int64(t.Images), int64(t.Height), int64(t.Width)
	switch {
	case info.Name == inputMask:
		return []int64{1, n, h, w}
	case info.Name != inputPixels:
		return []int64{1, 3}
	case t.Grid.T > 0:
		patches := t.Grid.Len()
		return []int64{int64(patches), int64(len(t.Pixels) / patches)}
	case len(info.Shape) == 4:
		return []int64{n, 3, h, w}
	}
	return []int64{1, n, 3, h, w}
}

// run feeds the texture to the session and copies the answer out.
func (e *Encoder) run(ctx context.Context, t *Texture) (features *Features, err error) {
	halves := e.halves.Get().(*[]uint16) // the pool holds nothing else
	defer e.halves.Put(halves)           // last: the tensors use it until they are closed
	inputs := make([]ort.Tensor, 0, len(e.inputs))
	outputs := make([]ort.Tensor, len(e.session.Outputs()))
	defer func() {
		for _, tensor := range slices.Concat(inputs, outputs) {
			if tensor != nil {
				err = errors.Join(err, tensor.Close())
			}
		}
	}()
	for _, info := range e.inputs {
		tensor, err := tensor(info, t, halves)
		if err != nil {
			return nil, fmt.Errorf("vision encoder input %s: %w", info.Name, err)
		}
		inputs = append(inputs, tensor)
	}
	if err := e.session.Run(ctx, inputs, outputs); err != nil {
		return nil, fmt.Errorf("vision encoder: %w", err)
	}
	return read(outputs[e.output], t)
}

// tensor is the texture as one of the inputs. halves is the memory of those in half precision.
func tensor(info ort.TensorInfo, t *Texture, halves *[]uint16) (ort.Tensor, error) {
	shape := t.shape(info)
	switch {
	case info.Name == inputMask:
		return ort.Bool(shape, t.Mask)
	case info.Name != inputPixels:
		return ort.Int64(shape, []int64{int64(t.Grid.T), int64(t.Grid.H), int64(t.Grid.W)})
	case info.Type == ort.TypeFloat16:
		*halves = grow(*halves, len(t.Pixels))
		for i, value := range t.Pixels {
			(*halves)[i] = half.From(value)
		}
		return ort.Float16(shape, *halves)
	default:
		return ort.Float32(shape, t.Pixels)
	}
}

// read copies features out of an output tensor and checks them.
func read(tensor ort.Tensor, t *Texture) (*Features, error) {
	if tensor == nil {
		return nil, &ShapeError{Tensor: outputFeatures, Problem: "the session returned nothing"}
	}
	shape, want, grid := tensor.Shape(), []int64{int64(t.Images), -1, -1}, t.tokens()
	if grid.T > 0 {
		want = []int64{int64(grid.Len()), -1}
	}
	if len(shape) != len(want) || shape[0] != want[0] || shape[len(shape)-2] < 1 || shape[len(shape)-1] < 1 {
		return nil, &ShapeError{Tensor: outputFeatures, Want: want, Got: slices.Clone(shape), Problem: "unexpected answer"}
	}
	features := &Features{
		Images: t.Images, Tokens: int(shape[len(shape)-2]), Hidden: int(shape[len(shape)-1]), Rows: t.Rows, Cols: t.Cols, Grid: grid, Hash: t.Hash,
	}
	if tensor.Type() == ort.TypeFloat16 {
		features.Data = make([]float32, tensor.Len())
		for i, h := range tensor.Float16s() {
			features.Data[i] = half.To(h)
		}
	} else {
		features.Data = slices.Clone(tensor.Float32s())
	}
	if len(features.Data) != features.Images*features.Tokens*features.Hidden {
		return nil, &ShapeError{Tensor: outputFeatures, Want: shape, Got: []int64{int64(len(features.Data))}, Problem: "incomplete answer"}
	}
	for i, value := range features.Data {
		if v := float64(value); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("value %d of %d is %g: %w", i, len(features.Data), v, ErrNotFinite)
		}
	}
	return features, nil
}
