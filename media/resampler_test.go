package media_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
)

var ratePairs = [][2]int{
	{22050, 48000},
	{24000, 48000},
	{48000, 16000},
	{44100, 16000},
	{44100, 48000},
	{16000, 48000},
	{48000, 44100},
	{8000, 16000},
	{16000, 22050},
}

func newResampler(tb testing.TB, in, out int) *media.Resampler {
	tb.Helper()
	r, err := media.NewResampler(in, out)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func sine(n int, hz, rate float64) []float32 {
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/rate))
	}
	return pcm
}

// middle leaves out what the edges of the filter touch.
func middle(pcm []float32) []float32 { return pcm[len(pcm)/4 : len(pcm)*3/4] }

// amplitude fits a sine of the given frequency by least squares and returns its amplitude and what
// is left besides.
func amplitude(pcm []float32, hz, rate float64) (level, rest float64) {
	var ss, cc, sc, ys, yc float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		ss, cc, sc = ss+s*s, cc+c*c, sc+s*c
		ys, yc = ys+float64(v)*s, yc+float64(v)*c
	}
	det := ss*cc - sc*sc
	a, b := (ys*cc-yc*sc)/det, (yc*ss-ys*sc)/det
	var sum float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		d := float64(v) - a*s - b*c
		sum += d * d
	}
	return math.Hypot(a, b), math.Sqrt(2 * sum / float64(len(pcm)))
}

func db(ratio float64) float64 { return 20 * math.Log10(max(ratio, 1e-9)) }

func TestResamplerPassbandIsFlat(t *testing.T) {
	for _, pair := range ratePairs {
		in, out := float64(pair[0]), float64(pair[1])
		r := newResampler(t, pair[0], pair[1])
		for _, part := range []float64{0.01, 0.1, 0.2, 0.3, 0.4, 0.42} {
			hz := part * min(in, out)
			got := r.Flush(r.Process(nil, sine(pair[0]/2, hz, in)))
			level, rest := amplitude(middle(got), hz, out)
			if gain := db(level / 0.5); gain < -0.1 || gain > 0.1 {
				t.Errorf("%d to %d Hz: %.0f Hz passes with %.2f dB", pair[0], pair[1], hz, gain)
			}
			if noise := db(rest / 0.5); noise > -70 {
				t.Errorf("%d to %d Hz: %.0f Hz brings images at %.1f dB", pair[0], pair[1], hz, noise)
			}
		}
	}
}

func TestResamplerStopband(t *testing.T) {
	for _, pair := range [][2]int{{48000, 16000}, {44100, 16000}, {48000, 22050}, {48000, 44100}} {
		in, out := float64(pair[0]), float64(pair[1])
		r := newResampler(t, pair[0], pair[1])
		for hz := out / 2; hz < in/2; hz += (in - out) / 16 {
			got := r.Flush(r.Process(nil, sine(pair[0]/2, hz+1, in)))
			if level := db(media.RMS(middle(got)) * math.Sqrt2 / 0.5); level > -75 {
				t.Errorf("%d to %d Hz: %.0f Hz comes through at %.1f dB", pair[0], pair[1], hz, level)
			}
		}
	}
}

func TestResamplerKeepsTime(t *testing.T) {
	for _, pair := range ratePairs {
		in := make([]float32, pair[0]/10)
		const at = 0.05 // seconds
		for i := range in {
			x := (float64(i)/float64(pair[0]) - at) * 800
			in[i] = float32(math.Exp(-x * x))
		}
		r := newResampler(t, pair[0], pair[1])
		out := r.Flush(r.Process(nil, in))
		best := 0
		for i, v := range out {
			if v > out[best] {
				best = i
			}
		}
		if off := float64(best) - at*float64(pair[1]); off < -1 || off > 1 {
			t.Errorf("%d to %d Hz: a pulse moves by %.1f samples", pair[0], pair[1], off)
		}
	}
}

func TestResamplerStreamingEqualsOneShot(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	noise := make([]float32, 9001)
	for i := range noise {
		noise[i] = random.Float32()*2 - 1
	}
	for _, pair := range append(ratePairs, [2]int{16000, 16000}) {
		r := newResampler(t, pair[0], pair[1])
		whole := r.Flush(r.Process(nil, noise))
		want := (len(noise)*pair[1] + pair[0] - 1) / pair[0]
		if len(whole) != want {
			t.Errorf("%d to %d Hz: %d samples, want %d", pair[0], pair[1], len(whole), want)
		}
		for range 3 { // the same resampler starts over after each Flush
			var pieces []float32
			for rest := noise; len(rest) > 0; {
				n := min(random.IntN(500), len(rest))
				before := len(pieces)
				pieces = r.Process(pieces, rest[:n])
				if got, limit := len(pieces)-before, r.OutputLen(n); got > limit {
					t.Fatalf("%d samples for %d, at most %d announced", got, n, limit)
				}
				rest = rest[n:]
			}
			pieces = r.Flush(pieces)
			if len(pieces) != len(whole) {
				t.Fatalf("%d to %d Hz: %d samples in pieces, %d at once", pair[0], pair[1], len(pieces), len(whole))
			}
			for i := range whole {
				if pieces[i] != whole[i] {
					t.Fatalf("%d to %d Hz: sample %d differs", pair[0], pair[1], i)
				}
			}
		}
	}
}

func TestResamplerShortInput(t *testing.T) {
	for _, pair := range ratePairs {
		r := newResampler(t, pair[0], pair[1])
		if got := r.Flush(nil); len(got) != 0 {
			t.Errorf("%d samples out of nothing", len(got))
		}
		want := (pair[1] + pair[0] - 1) / pair[0]
		if got := r.Flush(r.Process(nil, []float32{0.5})); len(got) != want {
			t.Errorf("%d to %d Hz: %d samples out of one, want %d", pair[0], pair[1], len(got), want)
		}
	}
}

func TestResamplerRefuses(t *testing.T) {
	for _, pair := range [][2]int{{0, 16000}, {16000, -1}, {999, 16000}, {16000, 768001}, {44099, 767999}} {
		if _, err := media.NewResampler(pair[0], pair[1]); !errors.Is(err, media.ErrSampleRate) {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

func TestResamplerDoesNotAllocate(t *testing.T) {
	r := newResampler(t, 22050, 48000)
	src, dst := sine(441, 440, 22050), make([]float32, 0, 2000)
	for range 10 {
		r.Process(dst, src)
	}
	if n := testing.AllocsPerRun(200, func() { r.Process(dst, src) }); n != 0 {
		t.Errorf("%v allocations a piece", n)
	}
}

// BenchmarkResampler measures one second of audio in pieces of 20 ms.
func BenchmarkResampler(b *testing.B) {
	for _, pair := range ratePairs[:4] {
		b.Run(fmt.Sprintf("%d-%d", pair[0], pair[1]), func(b *testing.B) {
			r := newResampler(b, pair[0], pair[1])
			src, dst := sine(pair[0]/50, 440, float64(pair[0])), make([]float32, 0, 4000)
			b.ReportAllocs()
			for b.Loop() {
				for range 50 {
					r.Process(dst, src)
				}
			}
		})
	}
}
