package vision_test

import (
	"context"
	"errors"
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

// TestWaitersShareOneRun lets eight callers ask for the same picture while the session is busy with it; a ninth gives up.
func TestWaitersShareOneRun(t *testing.T) {
	openRuntime(t)
	texture := texture32(t)
	synctest.Test(t, func(t *testing.T) {
		session := idefics(ort.TypeFloat32, 32)
		gate := make(chan struct{})
		answer := session.answer
		session.answer = func(in []ort.Tensor) (ort.Tensor, error) { <-gate; return answer(in) }
		encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		results := make([]*vision.Features, 8)
		for i := range results {
			group.Go(func() {
				var err error
				if results[i], err = encoder.Encode(t.Context(), texture); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := encoder.Encode(impatient, texture); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that gave up got %v", err)
		}
		close(gate)
		group.Wait()
		for _, features := range results {
			if features == nil || features != results[0] {
				t.Error("the callers got different features")
			}
		}
		if session.runs.Load() != 1 {
			t.Errorf("%d runs for one picture", session.runs.Load())
		}
	})
}
