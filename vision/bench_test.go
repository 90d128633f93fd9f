package vision_test

import (
	"fmt"
	"image"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// BenchmarkTexture measures one frame to one texture: whole-frame hash, colour conversion, scaling,
// normalisation.
func BenchmarkTexture(b *testing.B) {
	for _, c := range []struct {
		name string
		size image.Point
		text string
		opt  vision.Options
	}{
		{"live-720p-to-128", image.Pt(1280, 720), config(128, 128, false), vision.Options{}},
		{"live-480p-to-128", image.Pt(640, 480), config(128, 128, false), vision.Options{}},
		{"live-720p-to-512", image.Pt(1280, 720), config(2048, 512, true), vision.Options{Split: vision.SplitNever}},
		{"reference-720p-to-128", image.Pt(1280, 720), config(128, 128, false), vision.Options{Fidelity: vision.FidelityReference}},
		{"tiles-480p-to-13x512", image.Pt(640, 480), config(2048, 512, true), vision.Options{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := newPreprocessor(b, c.text, c.opt)
			frame := media.FromRGBA(busy(c.size.X, c.size.Y, 1))
			b.ReportAllocs()
			for b.Loop() {
				texture, err := p.Texture(frame)
				if err != nil {
					b.Fatal(err)
				}
				texture.Release()
			}
		})
	}
}

// BenchmarkHashFrame measures the whole-frame hash alone.
func BenchmarkHashFrame(b *testing.B) {
	frame := media.FromRGBA(busy(1280, 720, 1))
	b.SetBytes(int64(media.I420Size(1280, 720)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vision.HashFrame(frame); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSceneChange measures what every decoded frame of a track pays.
func BenchmarkSceneChange(b *testing.B) {
	for _, size := range []image.Point{{1280, 720}, {640, 480}} {
		b.Run(fmt.Sprintf("%dx%d", size.X, size.Y), func(b *testing.B) {
			frame := media.FromRGBA(busy(size.X, size.Y, 1))
			detector := vision.NewSceneChange(vision.SceneChangeConfig{})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := detector.Observe(frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode measures texture to features with the calibration model, without and with the
// cache.
func BenchmarkEncode(b *testing.B) {
	encoder, p := calibrationEncoder(b)
	frame := media.FromRGBA(busy(640, 480, 1))
	for _, c := range []struct {
		name string
		same bool
	}{{"run", false}, {"cached", true}} {
		b.Run(c.name, func(b *testing.B) {
			texture, err := p.Texture(frame)
			if err != nil {
				b.Fatal(err)
			}
			defer texture.Release()
			b.ReportAllocs()
			for b.Loop() {
				if !c.same { // another hash: the cache cannot answer
					texture.Hash[0]++
					if texture.Hash[0] == 0 {
						texture.Hash[1]++
					}
				}
				if _, err := encoder.Encode(b.Context(), texture); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
