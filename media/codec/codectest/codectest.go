package codectest

import (
	"math"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// Picture draws four coloured quadrants over a gradient, moved by shift pixels.
func Picture(w, h, shift int) *media.I420 {
	f := media.NewI420(w, h)
	for y := range h {
		for x := range w {
			f.Y[y*f.StrideY+x] = byte(60 + (x+y+shift)*80/(w+h))
			if (x+shift)%w < w/2 == (y < h/2) {
				f.Y[y*f.StrideY+x] += 60
			}
		}
	}
	cw, ch := (w+1)/2, (h+1)/2
	for y := range ch {
		for x := range cw {
			f.U[y*f.StrideUV+x], f.V[y*f.StrideUV+x] = 90, 200
			if (2*x+shift)%w < w/2 {
				f.U[y*f.StrideUV+x] = 190
			}
			if y < ch/2 {
				f.V[y*f.StrideUV+x] = 70
			}
		}
	}
	return f
}

// PSNR compares one plane of two pictures of the same size, in dB.
func PSNR(a, b []byte) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*float64(len(a))/sum)
}

// Tone returns n samples of a sine.
func Tone(n, rate int, hz, amplitude float64) []float32 {
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return pcm
}

// ToneLevel returns the amplitude of one frequency in pcm by the Goertzel algorithm.
func ToneLevel(pcm []float32, rate int, hz float64) float64 {
	w := 2 * math.Pi * hz / float64(rate)
	coefficient := 2 * math.Cos(w)
	var s1, s2 float64
	for _, v := range pcm {
		s1, s2 = float64(v)+coefficient*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - coefficient*s1*s2
	return 2 * math.Sqrt(max(power, 0)) / float64(len(pcm))
}

// Opus encodes pcm (48 kHz) into packets of 20 ms; what is left of pcm is dropped.
func Opus(tb testing.TB, pcm []float32, cfg codec.OpusEncoderConfig) [][]byte {
	tb.Helper()
	enc, err := codec.NewOpusEncoder(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if err := enc.Close(); err != nil {
			tb.Error(err)
		}
	}()
	var packets [][]byte
	buf := make([]byte, codec.MaxOpusPacket)
	for ; len(pcm) >= 960; pcm = pcm[960:] {
		n, err := enc.Encode(pcm[:960], buf)
		if err != nil {
			tb.Fatal(err)
		}
		packets = append(packets, append([]byte(nil), buf[:n]...))
	}
	return packets
}
