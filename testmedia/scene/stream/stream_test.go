package stream_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/stream"
	"pgregory.net/rapid"
)

func example(t rapid.TB, seed uint64, c stream.Config) *stream.Record {
	t.Helper()
	r, err := stream.Example(seed, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func only(kind scene.Kind) stream.Config {
	c := stream.DefaultConfig()
	c.Kinds = map[scene.Kind]float64{kind: 1}
	c.Clean, c.Earlier = true, 0
	return c
}

func TestSameSeedSameBytes(t *testing.T) {
	c := stream.DefaultConfig()
	for seed := range uint64(20) {
		var a, b bytes.Buffer
		for _, to := range []io.Writer{&a, &b} {
			w, err := stream.NewWriter(to)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(example(t, seed, c)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Fatalf("seed %d differs from itself", seed)
		}
	}
}

func TestLabelsMatchTheScene(t *testing.T) {
	classes := stream.Classes()
	for seed := range uint64(60) {
		r := example(t, seed, only(scene.KindDense))
		s, err := scene.Draw(seed, scene.Options{Width: 320, Height: 240, Kind: scene.KindDense})
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range s.Objects {
			x, y := o.Box.Centre()
			cell := int(y*stream.Cells)*stream.Cells + int(x*stream.Cells)
			labels := r.Views[0].Labels
			if got := classes[labels.Class[cell]]; got != o.Name {
				t.Errorf("seed %d: the cell in the middle of the %s is labelled %s", seed, o.Name, got)
			}
			wantColour := uint8(1 + slices.Index(scene.Colours(), o.Colour))
			if got := labels.Colour[cell]; got != wantColour {
				t.Errorf("seed %d: the %s %s has colour label %d", seed, o.Colour, o.Name, got)
			}
			if got := labels.Order[cell]; int(got) != min(i+1, 6) {
				t.Errorf("seed %d: object %d has order label %d", seed, i, got)
			}
			if got := scene.Positions()[labels.Position[cell]-1]; got != o.Position {
				t.Errorf("seed %d: the %s is at the %s, labelled %s", seed, o.Name, o.Position, got)
			}
		}
	}
}

func TestDigitsAreLabelledFromLeftToRight(t *testing.T) {
	classes := stream.Classes()
	for seed := range uint64(60) {
		r := example(t, seed, only(scene.KindNumber))
		s, err := scene.Draw(seed, scene.Options{Width: 320, Height: 240, Kind: scene.KindNumber})
		if err != nil {
			t.Fatal(err)
		}
		read := map[uint8]string{}
		for i, class := range r.Views[0].Labels.Class {
			if class > 0 {
				read[r.Views[0].Labels.Order[i]] = classes[class]
			}
		}
		text := ""
		for i := range uint8(4) {
			text += read[i+1]
		}
		if text != s.Text {
			t.Errorf("seed %d: labels read %q, written is %q", seed, text, s.Text)
		}
	}
}

func TestCleanPlainPictureKeepsItsColour(t *testing.T) {
	s, err := scene.Draw(5, scene.Options{Width: 320, Height: 240, Kind: scene.KindPlain})
	if err != nil {
		t.Fatal(err)
	}
	pixels := example(t, 5, only(scene.KindPlain)).Views[0].Pixels
	want := s.Image.RGBAAt(0, 0)
	for i := 0; i < len(pixels); i += 3 {
		if pixels[i] != want.R || pixels[i+1] != want.G || pixels[i+2] != want.B {
			t.Fatalf("pixel %d is %v, drawn in %v", i/3, pixels[i:i+3], want)
		}
	}
}

func TestDegradedPicturesStayRecognisable(t *testing.T) {
	c := only(scene.KindQuadrants)
	c.Clean = false
	changed := 0
	for seed := range uint64(50) {
		dirty, clean := example(t, seed, c).Views[0].Pixels, example(t, seed, only(scene.KindQuadrants)).Views[0].Pixels
		if len(dirty) != stream.Side*stream.Side*3 {
			t.Fatalf("%d bytes of pixels", len(dirty))
		}
		var apart int
		for i := range dirty {
			d := int(dirty[i]) - int(clean[i])
			apart += max(d, -d)
		}
		if apart > 0 {
			changed++
		}
		if mean := apart / len(dirty); mean > 60 {
			t.Errorf("seed %d: %d steps away on average", seed, mean)
		}
	}
	if changed < 30 {
		t.Errorf("only %d of 50 pictures were degraded", changed)
	}
}

func TestWriterFramesWhatAReaderExpects(t *testing.T) {
	var pipe bytes.Buffer
	w, err := stream.NewWriter(&pipe)
	if err != nil {
		t.Fatal(err)
	}
	want := example(t, 3, only(scene.KindChange))
	if err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	var header stream.Header
	message(t, &pipe, &header)
	if header.Side != 128 || len(header.Classes) != 63 || header.Classes[1] != "circle" || header.Orders != 7 {
		t.Errorf("header %+v", header)
	}
	var got stream.Record
	message(t, &pipe, &got)
	if got.Seed != 3 || got.Kind != want.Kind || !slices.Equal(got.Questions, want.Questions) || len(got.Views) != 2 {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i, v := range want.Views {
		if got.Views[i].Caption != v.Caption || *got.Views[i].Labels != *v.Labels {
			t.Errorf("view %d is %+v, want %+v", i, got.Views[i], v)
		}
		if pixels := pipe.Next(len(v.Pixels)); len(pixels) != 3*stream.Side*stream.Side || !bytes.Equal(pixels, v.Pixels) {
			t.Errorf("view %d has %d bytes of pixels", i, len(pixels))
		}
	}
	if pipe.Len() != 0 {
		t.Errorf("%d bytes are left over", pipe.Len())
	}
}

func message(t *testing.T, from *bytes.Buffer, into any) {
	t.Helper()
	n := int(binary.LittleEndian.Uint32(from.Next(4)))
	if err := json.Unmarshal(from.Next(n), into); err != nil {
		t.Fatal(err)
	}
}

func TestBlindQuestionsAreAnsweredBlindly(t *testing.T) {
	c := stream.DefaultConfig()
	c.Blind, c.Clean, c.Earlier = 1, true, 0
	blind := 0
	for seed := range uint64(100) {
		for _, q := range example(t, seed, c).Questions {
			if q.Picture {
				continue
			}
			blind++
			if q.Kind == string(scene.AskNoImage) && q.Answer != scene.NoImage {
				t.Errorf("%q is answered %q without a picture", q.Question, q.Answer)
			}
		}
	}
	if blind != 100 {
		t.Errorf("%d questions without a picture", blind)
	}
}

func TestBadWeights(t *testing.T) {
	for _, c := range []stream.Config{
		{Kinds: map[scene.Kind]float64{"landscape": 1}},
		{Kinds: map[scene.Kind]float64{scene.KindPlain: -1}},
		{Questions: map[scene.QuestionKind]float64{"why": 1}},
		{Questions: map[scene.QuestionKind]float64{scene.AskAt: -1}},
	} {
		if err := c.Validate(); !errors.Is(err, stream.ErrWeight) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := stream.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func BenchmarkExample(b *testing.B) {
	c := stream.DefaultConfig()
	b.ReportAllocs()
	for seed := range uint64(b.N) {
		if _, err := stream.Example(seed, c); err != nil {
			b.Fatal(err)
		}
	}
}
