package hearing

import "math"

const (
	trebleFrom  = 2000.0 // hertz: walls let nothing above this through, every human voice in the room has something there
	trebleBlock = 64     // windows, 2 s: the floor is the quietest of the last one or two blocks
	trebleWorth = 2e-4   // share of the sound at which the floor hides what there may be: −37 dB
)

// treble follows how much of a stream lies above trebleFrom: of speech against what the room has
// there anyway. One goroutine owns it.
type treble struct {
	b0, b1, b2, a1, a2 float64 // high-pass of second order
	x1, x2, y1, y2     float64
	least, before      float64 // energy above in the quietest window of the present block, and of the one before
	at                 int     // windows of the present block

	windows    int // of the speech under way
	high, full float64
}

func newTreble() treble {
	w := 2 * math.Pi * trebleFrom / SampleRate
	alpha, k := math.Sin(w)/math.Sqrt2, 1+math.Cos(w)
	return treble{
		b0: k / 2 / (1 + alpha), b1: -k / (1 + alpha), b2: k / 2 / (1 + alpha),
		a1: -2 * math.Cos(w) / (1 + alpha), a2: (1 - alpha) / (1 + alpha),
		least: math.Inf(1), before: math.Inf(1),
	}
}

// add takes the next window; speech says that it belongs to what somebody says.
func (t *treble) add(window []float32, speech bool) {
	var high, full float64
	for _, s := range window {
		x := float64(s)
		y := t.b0*x + t.b1*t.x1 + t.b2*t.x2 - t.a1*t.y1 - t.a2*t.y2
		t.x2, t.x1, t.y2, t.y1 = t.x1, x, t.y1, y
		high += y * y
		full += x * x
	}
	if t.at == trebleBlock {
		t.before, t.least, t.at = t.least, math.Inf(1), 0
	}
	t.least = min(t.least, high)
	t.at++
	if speech {
		t.windows++
		t.high += high
		t.full += full
	}
}

// forget begins anew with what is said next.
func (t *treble) forget() { t.windows, t.high, t.full = 0, 0, 0 }

// share returns how much of the speech lies above trebleFrom, in dB, at least −90; 0 where the room
// is too loud to tell.
func (t *treble) share() float32 {
	hidden := min(t.least, t.before) * float64(t.windows)
	if t.full <= 0 || hidden > trebleWorth*t.full {
		return 0
	}
	return float32(10 * math.Log10(max(1e-9, (t.high-hidden)/t.full)))
}
