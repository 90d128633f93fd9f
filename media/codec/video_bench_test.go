package codec_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

func BenchmarkVideoEncode(b *testing.B) {
	for _, c := range codec.VideoCodecs() {
		b.Run(string(c), func(b *testing.B) {
			enc, _ := newPair(b, c, 1280, 720)
			pictures := []*media.I420{codectest.Picture(1280, 720, 0), codectest.Picture(1280, 720, 4), codectest.Picture(1280, 720, 8)}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				encode(b, enc, pictures[i%len(pictures)], false)
			}
		})
	}
}

func BenchmarkVideoDecode(b *testing.B) {
	for _, c := range codec.VideoCodecs() {
		b.Run(string(c), func(b *testing.B) {
			enc, dec := newPair(b, c, 1280, 720)
			var units [][]byte
			for i := range 30 {
				units = append(units, encode(b, enc, codectest.Picture(1280, 720, 4*i), i == 0))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := dec.Decode(units[i%len(units)], 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
