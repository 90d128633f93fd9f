package vision_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/vision"
)

// TestCacheIsBounded encodes more pictures than fit; the ones used last stay.
func TestCacheIsBounded(t *testing.T) {
	openRuntime(t)
	for name, opt := range map[string]vision.EncoderOptions{
		"entries": {CacheEntries: 2}, "bytes": {CacheBytes: 40},
	} {
		session := idefics(ort.TypeFloat32, 32)
		encoder, err := vision.NewEncoder(session, opt)
		if err != nil {
			t.Fatal(err)
		}
		p := newPreprocessor(t, config(32, 32, false), vision.Options{})
		see := func(seed uint64) {
			t.Helper()
			texture, err := p.TextureImage(busy(40, 40, seed))
			if err != nil {
				t.Fatal(err)
			}
			defer texture.Release()
			if _, err := encoder.Encode(t.Context(), texture); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			seed uint64
			runs int64
		}{{1, 1}, {2, 2}, {1, 2}, {3, 3}, {1, 3}, {2, 4}, {3, 5}} {
			see(step.seed)
			if got := session.runs.Load(); got != step.runs {
				t.Errorf("%s: %d runs after picture %d, expected %d", name, got, step.seed, step.runs)
			}
			if stats := encoder.Stats(); stats.CachedPictures > 2 || stats.CachedBytes != 16*stats.CachedPictures {
				t.Errorf("%s: %+v", name, stats)
			}
		}
	}
	session := idefics(ort.TypeFloat32, 32)
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{CacheEntries: -1})
	if err != nil {
		t.Fatal(err)
	}
	texture := texture32(t)
	for range 2 {
		if _, err := encoder.Encode(t.Context(), texture); err != nil {
			t.Fatal(err)
		}
	}
	if session.runs.Load() != 2 {
		t.Errorf("%d runs without a cache", session.runs.Load())
	}
}

// TestPicturesSideBySide: calls do not wait for each other, each gets the features of its own
// picture, in half precision too, and one whose context has ended runs nothing.
func TestPicturesSideBySide(t *testing.T) {
	openRuntime(t)
	p := newPreprocessor(t, config(32, 32, false), vision.Options{Buffers: 8})
	textures := make([]*vision.Texture, 8)
	for i := range textures {
		picture := quadrants(50, 40)
		fill(picture, picture.Bounds(), rgb(uint8(30*i), 0, 0))
		texture, err := p.TextureImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(texture.Release)
		textures[i] = texture
	}
	synctest.Test(t, func(t *testing.T) {
		session := idefics(ort.TypeFloat16, 32)
		gate := make(chan struct{})
		session.answer = func(in []ort.Tensor) (ort.Tensor, error) {
			<-gate
			return ort.Float16([]int64{1, 1, 1}, []uint16{in[1].Float16s()[0]}) // the first pixel's red
		}
		encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		results := make([]*vision.Features, len(textures))
		for i, texture := range textures {
			group.Go(func() {
				var err error
				if results[i], err = encoder.Encode(t.Context(), texture); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := session.runs.Load(); n != int64(len(textures)) {
			t.Errorf("%d of %d run side by side", n, len(textures))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := encoder.Encode(gone, textures[0]); !errors.Is(err, context.Canceled) || session.runs.Load() != int64(len(textures)) {
			t.Errorf("after its end: %v", err)
		}
		close(gate)
		group.Wait()
		for i, features := range results {
			if features == nil || len(features.Data) != 1 || math.Abs(float64(features.Data[0]-textures[i].Pixels[0])) > 1e-3 {
				t.Errorf("picture %d: %+v, its red is %v", i, features, textures[i].Pixels[0])
			}
		}
	})
}
