package stream

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// Side is the width and height in pixels of the square that the calibration model takes.
const Side = 128

// ErrWeight means that a weight is negative or names nothing.
var ErrWeight = errors.New("stream: bad weight")

// Config chooses what is streamed.
type Config struct {
	Kinds     map[scene.Kind]float64         // how often each kind of picture comes
	Questions map[scene.QuestionKind]float64 // how often each kind of question comes where it can be asked
	PerImage  int                            // questions about each picture
	Blind     float64                        // chance of one more question without the picture
	Clean     bool                           // no degradation, one size: for looking at
}

// DefaultConfig is the mixture that the calibration model is trained with.
func DefaultConfig() Config {
	return Config{
		Kinds: map[scene.Kind]float64{
			scene.KindDense: 30, scene.KindShapes: 20, scene.KindMixed: 16, scene.KindNumber: 16,
			scene.KindEmoji: 4, scene.KindQuadrants: 6, scene.KindPlain: 3, scene.KindCount: 5,
		},
		Questions: map[scene.QuestionKind]float64{
			scene.AskDescribe: 3, scene.AskAt: 4, scene.AskNothingAt: 1, scene.AskColour: 4, scene.AskColourAbsent: 0.5, scene.AskWhere: 5,
			scene.AskWhereAbsent: 1.5, scene.AskIsThere: 5, scene.AskCount: 2, scene.AskQuadrant: 6, scene.AskPlain: 4,
			scene.AskBackground: 1, scene.AskNumber: 8, scene.AskNumberColour: 2, scene.AskNoText: 0.4,
		},
		PerImage: 4, Blind: 0.35,
	}
}

// Validate checks the weights.
func (c Config) Validate() error {
	for kind, w := range c.Kinds {
		if _, err := scene.Draw(0, scene.Options{Width: scene.MinSide, Height: scene.MinSide, Kind: kind}); err != nil || w < 0 {
			return fmt.Errorf("%w: picture %q=%g", ErrWeight, kind, w)
		}
	}
	known := map[scene.QuestionKind]bool{}
	for _, k := range scene.QuestionKinds() {
		known[k] = true
	}
	for kind, w := range c.Questions {
		if !known[kind] || w < 0 {
			return fmt.Errorf("%w: question %q=%g", ErrWeight, kind, w)
		}
	}
	return nil
}

// Question is one question as the trainer gets it.
type Question struct {
	Kind     string `json:"kind"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
	Picture  bool   `json:"picture"` // whether the picture is shown with it
}

// Record is one example; Pixels are Side×Side×3 bytes.
type Record struct {
	Seed      uint64     `json:"seed"`
	Kind      scene.Kind `json:"kind"`
	Questions []Question `json:"questions"`
	Labels    *Labels    `json:"labels"`
	Pixels    []byte     `json:"-"`
}

// sizes are those that training pictures are drawn at, each with its weight: small for speed, in the shapes of cameras.
var sizes = [...]struct {
	width, height int
	weight        float64
}{{320, 240, 0.35}, {426, 240, 0.4}, {240, 240, 0.08}, {180, 240, 0.07}, {480, 360, 0.05}, {640, 360, 0.05}}

// Example makes the example of a seed.
func Example(seed uint64, c Config) (*Record, error) {
	r := rand.New(rand.NewPCG(seed, 0x5ce4e))
	kind := pickKind(r, c.Kinds)
	size := sizes[0]
	l := cleanLook()
	if !c.Clean {
		size = pickSize(r)
		l = randomLook(r)
	}
	s, err := scene.Draw(seed, scene.Options{Width: size.width, Height: size.height, Kind: kind})
	if err != nil {
		return nil, err
	}
	record := &Record{Seed: seed, Kind: s.Kind, Labels: label(s, l.window)}
	if record.Pixels, err = l.apply(r, s.Image, Side); err != nil {
		return nil, err
	}
	for _, q := range s.Questions(seed, c.PerImage, c.Questions) {
		record.add(q, true)
	}
	if r.Float64() < c.Blind {
		for _, q := range s.Questions(seed+1, 1, map[scene.QuestionKind]float64{scene.AskNoImage: 7, scene.AskChat: 3}) {
			record.add(q, false)
		}
	} else if r.Float64() < 0.06 {
		for _, q := range s.Questions(seed+1, 1, map[scene.QuestionKind]float64{scene.AskChat: 1}) {
			record.add(q, true)
		}
	}
	return record, nil
}

func (r *Record) add(q scene.QA, picture bool) {
	r.Questions = append(r.Questions, Question{string(q.Kind), q.Question, q.Answer, picture})
}

func pickKind(r *rand.Rand, weights map[scene.Kind]float64) scene.Kind {
	var sum float64
	for _, k := range scene.Kinds() {
		sum += weights[k]
	}
	at := r.Float64() * sum
	for _, k := range scene.Kinds() {
		if at -= weights[k]; at < 0 {
			return k
		}
	}
	return "" // no weights: as the seed says
}

func pickSize(r *rand.Rand) (s struct {
	width, height int
	weight        float64
},
) {
	at := r.Float64()
	for _, s = range sizes {
		if at -= s.weight; at < 0 {
			break
		}
	}
	return s
}

// Header is the first message on a pipe.
type Header struct {
	Side      int      `json:"side"`
	Cells     int      `json:"cells"`
	Classes   []string `json:"classes"`
	Colours   []string `json:"colours"`
	Positions []string `json:"positions"`
	Orders    int      `json:"orders"`
}

// Writer frames messages: a length in bytes (32 bits, little endian) and that much JSON. The first message is a Header;
// every later one is a Record, whose Pixels follow it raw.
type Writer struct{ to io.Writer }

// NewWriter sends the header.
func NewWriter(to io.Writer) (*Writer, error) {
	w := &Writer{to}
	return w, w.message(Header{Side, Cells, Classes(), scene.Colours(), scene.Positions(), maxOrder + 1})
}

// Write sends one example.
func (w *Writer) Write(r *Record) error {
	if err := w.message(r); err != nil {
		return err
	}
	_, err := w.to.Write(r.Pixels)
	return err
}

func (w *Writer) message(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := w.to.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(text)))); err != nil {
		return err
	}
	_, err = w.to.Write(text)
	return err
}
