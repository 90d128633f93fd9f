package stream_test

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/album"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/stream"
)

func TestTwoPicturesOldestFirst(t *testing.T) {
	changes, ordinary := 0, 0
	for seed := range uint64(40) {
		r := example(t, seed, only(scene.KindChange))
		s, err := scene.Draw(seed, scene.Options{Width: 320, Height: 240, Kind: scene.KindChange})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Views) != 2 {
			t.Fatalf("seed %d has %d views", seed, len(r.Views))
		}
		for i, picture := range []*scene.Scene{s.Before, s} {
			shown := map[string]bool{}
			for _, class := range r.Views[i].Labels.Class {
				if class > 0 {
					shown[stream.Classes()[class]] = true
				}
			}
			for _, o := range picture.Objects {
				if !shown[o.Name] {
					t.Errorf("seed %d: picture %d does not show the %s: %v", seed, i, o.Name, shown)
				}
			}
			if len(shown) != len(picture.Objects) {
				t.Errorf("seed %d: picture %d shows %v, holds %v", seed, i, shown, picture.Objects)
			}
		}
		if older, newer := r.Views[0].Caption, r.Views[1].Caption; !strings.HasSuffix(string(older), " ago:") || older == newer {
			t.Errorf("seed %d: captions %q and %q", seed, older, newer)
		}
		for _, q := range r.Questions {
			switch q.Kind {
			case string(scene.AskChange), string(scene.AskHeldUp):
				changes++
			default:
				ordinary++
			}
		}
	}
	if changes < 50 || ordinary < 50 {
		t.Errorf("%d questions about changes, %d others", changes, ordinary)
	}
}

func TestAnyPictureMayHaveAnEarlierOne(t *testing.T) {
	c := stream.DefaultConfig()
	c.Kinds = map[scene.Kind]float64{scene.KindNumber: 1, scene.KindReal: 1}
	c.Earlier, c.Blind, c.Clean = 1, 0, true
	nothing, unrelated := 0, 0
	for seed := range uint64(40) {
		r := example(t, seed, c)
		if len(r.Views) != 2 {
			t.Fatalf("seed %d has %d views", seed, len(r.Views))
		}
		same := *r.Views[0].Labels == *r.Views[1].Labels
		for _, q := range r.Questions {
			switch {
			case q.Kind == string(scene.AskOnePicture):
				t.Errorf("seed %d: two pictures are called one", seed)
			case q.Kind == string(scene.AskChange) && (!same || q.Answer != "Nothing changed."):
				t.Errorf("seed %d: %q", seed, q.Answer)
			case q.Kind == string(scene.AskChange):
				nothing++
			}
		}
		if !same {
			unrelated++
		}
	}
	if nothing < 4 || unrelated < 8 {
		t.Errorf("%d stay, %d follow another", nothing, unrelated)
	}
}

func TestRealPicturesHaveAClassOfTheirOwn(t *testing.T) {
	checkers := image.NewGray(image.Rect(0, 0, 160, 120))
	for i := range checkers.Pix {
		checkers.Pix[i] = uint8((i%160/8 + i/160/8) % 2 * 255)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, checkers); err != nil {
		t.Fatal(err)
	}
	pictures, err := album.Open(fstest.MapFS{"photograph/a.png": {Data: file.Bytes()}})
	if err != nil {
		t.Fatal(err)
	}
	c := only(scene.KindReal)
	c.Album, c.Blind = pictures, 0
	contrasts := 0
	for seed := range uint64(50) {
		r := example(t, seed, c)
		for _, class := range r.Views[0].Labels.Class {
			if int(class) != len(stream.Classes())-1 {
				t.Fatalf("seed %d: class %q", seed, stream.Classes()[class])
			}
		}
		for _, q := range r.Questions {
			if q.Kind != string(scene.AskChat) && !scene.SaysReal(q.Answer) {
				t.Errorf("seed %d: %q is answered %q", seed, q.Question, q.Answer)
			}
		}
		if slices.Min(r.Views[0].Pixels) < 10 && slices.Max(r.Views[0].Pixels) > 245 {
			contrasts++
		}
	}
	if contrasts < 20 || contrasts > 46 {
		t.Errorf("%d of 50 are from the album", contrasts)
	}
}
