package naming

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Chosen on photographs: see README.md.
const (
	temperatureChosen = 1.1 // by which logits are divided
	exactChosen       = 0.7 // how likely a name has to be to be told, rather than its sort
	tellLeast         = 0.2 // below it nothing is returned; what is told of the rest, package prompt decides
)

// What the network was trained with.
const (
	middle = 127 // of 8 bits
	spread = 128
)

// Session is the part of *ort.Session that a namer uses. Run may be called from several goroutines
// and must not keep the tensors; outputs that are nil are allocated by it and then belong to the
// caller.
type Session interface {
	Inputs() []ort.TensorInfo
	Outputs() []ort.TensorInfo
	Run(ctx context.Context, inputs, outputs []ort.Tensor) error
}

// Name is what a picture shows.
type Name struct {
	What string
	// Sure is how likely that is, 0 to 1.
	Sure float64
}

// Namer names. It is safe for concurrent use, and does not own its session.
type Namer struct {
	session Session
	labels  *labels
	side    int
}

// New checks that the session follows the contract. It must outlive the namer. Errors: ErrModel.
func New(session Session) (*Namer, error) {
	in, out := session.Inputs(), session.Outputs()
	fits := len(in) == 1 && in[0].Type == ort.TypeFloat32 && len(in[0].Shape) == 4 &&
		len(out) == 1 && out[0].Type == ort.TypeFloat32 && len(out[0].Shape) == 2
	if fits {
		shape := in[0].Shape
		fits = one(shape[0]) && one(out[0].Shape[0]) && shape[1] == 3 && shape[2] == shape[3] && shape[2] > 0 && shape[2] <= 1024 && out[0].Shape[1] == classes
	}
	if !fits {
		return nil, fmt.Errorf("%w: the inputs %v and the outputs %v", ErrModel, in, out)
	}
	l, err := newLabels()
	if err != nil {
		return nil, err
	}
	return &Namer{session: session, labels: l, side: int(in[0].Shape[2])}, nil
}

// one tells whether a batch may be a single picture: of one, or of any size, which is below 0.
func one(batch int64) bool { return batch == 1 || batch < 0 }

// Name returns what a picture shows, or false where the network has no idea. The picture is only
// read, and only during the call. Errors: ErrPicture, ErrModel, the context's, the session's.
func (n *Namer) Name(ctx context.Context, picture *image.RGBA) (Name, bool, error) {
	logits, err := n.logits(ctx, picture)
	if err != nil {
		return Name{}, false, err
	}
	best, ok := n.labels.best(logits, temperatureChosen, exactChosen)
	return best, ok, nil
}

// logits runs the network.
func (n *Namer) logits(ctx context.Context, picture *image.RGBA) (logits []float32, err error) {
	if picture == nil || picture.Rect.Empty() {
		return nil, ErrPicture
	}
	in, err := ort.Float32([]int64{1, 3, int64(n.side), int64(n.side)}, pixels(picture, n.side))
	if err != nil {
		return nil, err
	}
	outputs := make([]ort.Tensor, 1)
	err = errors.Join(n.session.Run(ctx, []ort.Tensor{in}, outputs), in.Close())
	if outputs[0] != nil {
		if err == nil {
			logits = append(logits, outputs[0].Float32s()...)
		}
		err = errors.Join(err, outputs[0].Close())
	}
	if err == nil && len(logits) != classes {
		err = fmt.Errorf("%w: %d logits", ErrModel, len(logits))
	}
	for _, v := range logits {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, errors.Join(err, fmt.Errorf("%w: a logit is no number", ErrModel))
		}
	}
	return logits, err
}

// pixels are the middle square of a picture as the network takes it: 3 planes, red first.
func pixels(picture *image.RGBA, side int) []float32 {
	size := picture.Rect.Size()
	edge := min(size.X, size.Y)
	from := picture.Rect.Min.Add(image.Pt((size.X-edge)/2, (size.Y-edge)/2))
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(small, small.Rect, picture, image.Rectangle{Min: from, Max: from.Add(image.Pt(edge, edge))}, draw.Src, nil)
	area := side * side
	out := make([]float32, 3*area)
	for i := range area {
		for c := range 3 {
			out[c*area+i] = (float32(small.Pix[4*i+c]) - middle) / spread
		}
	}
	return out
}

// best is the likeliest name, or, where that is not likely enough, the likeliest sort.
func (l *labels) best(logits []float32, temperature, exact float64) (Name, bool) {
	top := 0
	for i, v := range logits {
		if v > logits[top] {
			top = i
		}
	}
	var sum float64
	likely := make([]float64, len(logits))
	for i, v := range logits {
		likely[i] = math.Exp(float64(v-logits[top]) / temperature)
		sum += likely[i]
	}
	sorts := make([]float64, len(l.all))
	for i := range likely {
		likely[i] /= sum
		sorts[l.sorts[i]] += likely[i]
	}
	name := Name{What: l.names[top], Sure: likely[top]}
	if likely[top] < exact {
		sort := 0
		for i := 1; i < len(sorts); i++ {
			if sort == 0 || sorts[i] > sorts[sort] {
				sort = i
			}
		}
		if sort > 0 && sorts[sort] > likely[top] {
			name = Name{What: l.all[sort], Sure: sorts[sort]}
		}
	}
	return name, name.Sure >= tellLeast
}
