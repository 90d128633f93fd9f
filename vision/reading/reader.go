package reading

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// Session is the part of *ort.Session that a reader uses. Run may be called from several goroutines
// and must not keep the tensors; outputs that are nil are allocated by it and then belong to the
// caller.
type Session interface {
	Inputs() []ort.TensorInfo
	Outputs() []ort.TensorInfo
	Run(ctx context.Context, inputs, outputs []ort.Tensor) error
}

// Bounds of what is read of one picture.
const (
	linesMost = 24  // the most likely ones
	runesMost = 120 // of a line
)

// Line is a line of text in a picture.
type Line struct {
	Text string
	// Sure is the mean probability of the line's characters, as the recogniser gives it: 0 to 1.
	Sure float64
	// Box is where it stands, in pixels of the picture.
	Box image.Rectangle
}

// Reader reads. It is safe for concurrent use, and owns no session.
type Reader struct {
	find, read Session
	characters []string // of the recogniser's classes from 1 on
}

// Characters are those that the file of a recogniser names in its metadata, one an entry, in the
// order of its classes. Errors: ErrModel where it names none, those of reading the file.
func Characters(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	about, err := onnx.Metadata(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrModel, filepath.Base(file), err)
	}
	characters := about["character"]
	if characters == "" {
		return nil, fmt.Errorf("%w: %s names no characters", ErrModel, filepath.Base(file))
	}
	return strings.Split(characters, "\n"), nil
}

// New checks that the sessions follow the contract. characters are those of the recogniser, one an
// entry, in the order of its classes; a space behind them is added where it has one class more. The
// sessions must outlive the reader. Errors: ErrModel.
func New(find, read Session, characters []string) (*Reader, error) {
	for _, s := range []struct {
		name    string
		session Session
	}{{"detector", find}, {"recogniser", read}} {
		in, out := s.session.Inputs(), s.session.Outputs()
		if len(in) != 1 || in[0].Type != ort.TypeFloat32 || len(in[0].Shape) != 4 || len(out) != 1 {
			return nil, fmt.Errorf("%w: the %s has the inputs %v and the outputs %v", ErrModel, s.name, in, out)
		}
	}
	if shape := read.Outputs()[0].Shape; len(shape) == 3 && shape[2] > 0 {
		switch shape[2] - int64(len(characters)) {
		case 1:
		case 2:
			characters = append(slices.Clone(characters), " ")
		default:
			return nil, fmt.Errorf("%w: %d characters for %d classes", ErrModel, len(characters), shape[2])
		}
	}
	return &Reader{find: find, read: read, characters: characters}, nil
}

// Read returns the lines of a picture, from the top down and from left to right. The picture is
// only read, and only during the call. Errors: ErrPicture, ErrModel, the context's, the sessions'.
func (r *Reader) Read(ctx context.Context, picture *image.RGBA) ([]Line, error) {
	if picture == nil || picture.Rect.Empty() {
		return nil, ErrPicture
	}
	strips, err := r.strips(ctx, picture)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, s := range strips {
		line, err := r.line(ctx, picture, s)
		if err != nil {
			return nil, err
		}
		if line.Text != "" {
			lines = append(lines, line)
		}
	}
	order(lines)
	return lines, nil
}

// order sorts lines as people read them: what stands beside each other is one row.
func order(lines []Line) {
	slices.SortStableFunc(lines, func(a, b Line) int { return a.Box.Min.Y - b.Box.Min.Y })
	for i := 0; i < len(lines); {
		row, end := lines[i].Box, i+1
		for end < len(lines) && lines[end].Box.Min.Y < row.Min.Y+row.Dy()/2 {
			end++
		}
		slices.SortStableFunc(lines[i:end], func(a, b Line) int { return a.Box.Min.X - b.Box.Min.X })
		i = end
	}
}

// line reads one strip. One that may as well be upside down is read both ways.
func (r *Reader) line(ctx context.Context, picture *image.RGBA, s strip) (Line, error) {
	text, sure, err := r.recognise(ctx, s.pixels(picture))
	if err != nil {
		return Line{}, err
	}
	if s.upright() && sure > turnBelow {
		return Line{text, sure, s.box(picture.Rect)}, nil
	}
	turned, surer, err := r.recognise(ctx, s.turned().pixels(picture))
	if err != nil {
		return Line{}, err
	}
	if surer > sure {
		text, sure = turned, surer
	}
	return Line{text, sure, s.box(picture.Rect)}, nil
}

// turnBelow is how sure the recogniser is at most of a line that is tried upside down.
const turnBelow = 0.6

// recognise reads an image of stripHeight × width: its text, and how sure that is.
func (r *Reader) recognise(ctx context.Context, pixels []float32) (string, float64, error) {
	width := len(pixels) / 3 / stripHeight
	out, err := run(ctx, r.read, []int64{1, 3, stripHeight, int64(width)}, pixels)
	if err != nil {
		return "", 0, fmt.Errorf("recogniser: %w", err)
	}
	defer func() { _ = out.Close() }()
	shape, data := out.Shape(), out.Float32s()
	if len(shape) != 3 || shape[2] < 2 || int(shape[1]*shape[2]) != len(data) || int(shape[2]) > len(r.characters)+1 {
		return "", 0, fmt.Errorf("%w: the recogniser gave %v for %d characters", ErrModel, shape, len(r.characters))
	}
	text, sure := r.decode(data, int(shape[2]))
	return text, sure, nil
}

// decode takes the likeliest class of each column; repeated ones and those of no character are left
// out.
func (r *Reader) decode(data []float32, classes int) (string, float64) {
	var text strings.Builder
	var sum float64
	taken, last := 0, 0
	for at := 0; at+classes <= len(data) && taken < runesMost; at += classes {
		best := 0
		for i, p := range data[at : at+classes] {
			if p > data[at+best] {
				best = i
			}
		}
		if best != 0 && best != last {
			text.WriteString(r.characters[best-1])
			sum += float64(data[at+best])
			taken++
		}
		last = best
	}
	if taken == 0 {
		return "", 0
	}
	return clean(text.String()), sum / float64(taken)
}

// clean leaves what can be shown on one line.
func clean(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == ' ' {
			return r
		}
		return ' '
	}, text)), " ")
}

// run gives a session one tensor and returns its only output, which the caller closes.
func run(ctx context.Context, s Session, shape []int64, data []float32) (ort.Tensor, error) {
	in, err := ort.Float32(shape, data)
	if err != nil {
		return nil, err
	}
	outputs := make([]ort.Tensor, 1)
	err = errors.Join(s.Run(ctx, []ort.Tensor{in}, outputs), in.Close())
	if err != nil {
		if outputs[0] != nil {
			err = errors.Join(err, outputs[0].Close())
		}
		return nil, err
	}
	if outputs[0] == nil {
		return nil, fmt.Errorf("%w: no output", ErrModel)
	}
	return outputs[0], nil
}
