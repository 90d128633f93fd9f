package stream

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/album"
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
	Earlier   float64                        // chance that a picture is shown with an earlier one; a change always is
	Album     *album.Album                   // real pictures beside those that scene.Draw makes; may be nil
	Clean     bool                           // no degradation, one size: for looking at
}

// DefaultConfig is the mixture that the calibration model is trained with.
func DefaultConfig() Config {
	return Config{
		Kinds: map[scene.Kind]float64{
			scene.KindDense: 24, scene.KindShapes: 17, scene.KindMixed: 13, scene.KindNumber: 13, scene.KindEmoji: 4,
			scene.KindQuadrants: 5, scene.KindPlain: 3, scene.KindCount: 9, scene.KindReal: 11, scene.KindChange: 26,
		},
		Questions: map[scene.QuestionKind]float64{
			scene.AskDescribe: 3, scene.AskAt: 4, scene.AskNothingAt: 1, scene.AskColour: 4, scene.AskColourAbsent: 0.5, scene.AskWhere: 5,
			scene.AskWhereAbsent: 1.5, scene.AskIsThere: 14, scene.AskCount: 2, scene.AskQuadrant: 6, scene.AskPlain: 4,
			scene.AskBackground: 1, scene.AskNumber: 8, scene.AskNumberColour: 2, scene.AskNoText: 0.4, scene.AskOnePicture: 0.4,
			scene.AskReal: 1,
		},
		PerImage: 4, Blind: 0.35, Earlier: 0.12,
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

// View is one picture as it is shown. Pixels are Side×Side×3 bytes.
type View struct {
	Caption prompt.Caption `json:"caption"` // when it was taken; empty where it is shown alone
	Labels  *Labels        `json:"labels"`
	Pixels  []byte         `json:"-"`
}

// Record is one example. Its views are oldest first; questions are about the last, and about what
// changed.
type Record struct {
	Seed      uint64     `json:"seed"`
	Kind      scene.Kind `json:"kind"`
	Questions []Question `json:"questions"`
	Views     []View     `json:"views"`
}

// sizes are those that training pictures are drawn at, each with its weight: small for speed, in
// the shapes of cameras.
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
	s, err := c.draw(r, seed, scene.Options{Width: size.width, Height: size.height, Kind: kind})
	if err != nil {
		return nil, err
	}
	record := &Record{Seed: seed, Kind: s.Kind}
	if err := record.view(r, s, l); err != nil {
		return nil, err
	}
	c.ask(r, record, s)
	return record, nil
}

// draw makes the picture, and in some cases one before it: the same or any other.
func (c Config) draw(r *rand.Rand, seed uint64, opt scene.Options) (*scene.Scene, error) {
	s, err := c.one(r, seed, opt)
	if err != nil || s.Before != nil || r.Float64() >= c.Earlier {
		return s, err
	}
	ago := time.Duration(1+r.IntN(longestAgo)) * time.Second
	if r.Float64() < 0.5 {
		return s.Following(s, ago), nil
	}
	opt.Kind = pickKind(r, c.Kinds)
	other, err := c.one(r, seed+1, opt)
	if err != nil {
		return nil, err
	}
	return s.Following(other, ago), nil
}

// longestAgo is the most seconds between two pictures, as in a change.
const longestAgo = 40

// fromAlbum is how many of the real pictures come from the album, if there is one.
const fromAlbum = 0.7

func (c Config) one(r *rand.Rand, seed uint64, opt scene.Options) (*scene.Scene, error) {
	if opt.Kind == scene.KindReal && c.Album != nil && r.Float64() < fromAlbum {
		return c.Album.Draw(seed, opt)
	}
	return scene.Draw(seed, opt)
}

// view shows the scene, behind the one before it if there is one.
func (r *Record) view(random *rand.Rand, s *scene.Scene, l look) error {
	var late time.Duration // most pictures are taken when they are asked about
	if random.Float64() < 0.15 {
		late = time.Duration(1+random.IntN(3)) * time.Second
	}
	shown := []*scene.Scene{s}
	captions := []prompt.Caption{""}
	if s.Before != nil {
		shown = []*scene.Scene{s.Before, s}
		captions = []prompt.Caption{prompt.SeenAgo(late + s.Change.Ago), prompt.SeenAgo(late)}
	}
	for i, s := range shown {
		look := l
		if len(s.Objects) == 0 && len(s.Panels) == 0 && s.Text == "" {
			look = l.steady()
		}
		pixels, err := look.apply(random, s.Image, Side)
		if err != nil {
			return err
		}
		r.Views = append(r.Views, View{captions[i], label(s, l.window), pixels})
	}
	return nil
}

// ask puts questions: to two pictures about what changed first, and fewer about the newer one.
func (c Config) ask(r *rand.Rand, record *Record, s *scene.Scene) {
	n := c.PerImage
	if s.Before != nil {
		for _, q := range s.Questions(record.Seed+2, 2, map[scene.QuestionKind]float64{scene.AskChange: 3, scene.AskHeldUp: 2}) {
			record.add(q, true)
		}
		n = max(1, c.PerImage-2)
	}
	for _, q := range s.Questions(record.Seed, n, c.Questions) {
		record.add(q, true)
	}
	if r.Float64() < c.Blind {
		for _, q := range s.Questions(record.Seed+1, 1, map[scene.QuestionKind]float64{scene.AskNoImage: 7, scene.AskChat: 3}) {
			record.add(q, false)
		}
	} else if r.Float64() < 0.06 {
		for _, q := range s.Questions(record.Seed+1, 1, map[scene.QuestionKind]float64{scene.AskChat: 1}) {
			record.add(q, true)
		}
	}
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

// Writer frames messages: a length in bytes (32 bits, little endian) and that much JSON. The first
// message is a Header; every later one is a Record; the pixels of its views follow it raw, in
// order.
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
	for _, v := range r.Views {
		if _, err := w.to.Write(v.Pixels); err != nil {
			return err
		}
	}
	return nil
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
