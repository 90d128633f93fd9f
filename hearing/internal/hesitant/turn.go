package hesitant

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
)

// Turn is one turn of a speaker.
type Turn struct {
	Name   string
	Text   string             // "|" where the speaker pauses
	PCM    []float32          // mono at 16 kHz, a quiet room before, between and behind
	Pauses [][2]time.Duration // inside the turn
	Ends   time.Duration      // of the last sound
}

// The room around a turn.
const (
	before  = 600 * time.Millisecond
	behind  = 3500 * time.Millisecond
	room    = 0.0005 // −66 dBFS
	lead    = 5 * time.Millisecond
	closing = ".?!"
)

// Pace says how long a speaker pauses.
type Pace struct{ Least, Most time.Duration }

// Paces are those of three kinds of speakers: one who stops for a moment, one who thinks, and a
// slow one.
func Paces() []Pace {
	return []Pace{
		{250 * time.Millisecond, 500 * time.Millisecond},
		{400 * time.Millisecond, 900 * time.Millisecond},
		{600 * time.Millisecond, 900 * time.Millisecond},
	}
}

// Speak has a speaker say a text. cut says how it gets its pauses: the sentence is spoken in one
// breath and cut between two words; otherwise its pieces are spoken one by one, each as what a
// comma follows.
func Speak(tb testing.TB, by scripted.Speaker, text string, pace Pace, cut bool, seed uint64) Turn {
	tb.Helper()
	pieces := strings.Split(text, "|")
	for i := range pieces {
		pieces[i] = strings.TrimSpace(pieces[i])
	}
	return Paused(by.Name, text, spoken(tb, by, pieces, cut), pace, seed)
}

// Paused puts pauses between the parts of a turn.
func Paused(name, text string, parts [][]float32, pace Pace, seed uint64) Turn {
	draw := rand.New(rand.NewPCG(seed, 7))
	out := Turn{Name: name, Text: text, PCM: scripted.Silence(before)}
	for i, part := range parts {
		if i > 0 {
			d := pace.Least + time.Duration(draw.Int64N(int64(pace.Most-pace.Least)))
			from := at(len(out.PCM))
			out.PCM = append(out.PCM, scripted.Silence(d)...)
			out.Pauses = append(out.Pauses, [2]time.Duration{from, at(len(out.PCM))})
		}
		out.PCM = append(out.PCM, faded(part)...)
	}
	out.Ends = at(len(out.PCM))
	out.PCM = append(out.PCM, scripted.Silence(behind)...)
	for i, x := range scripted.Noise(at(len(out.PCM)), room, seed)[:len(out.PCM)] {
		out.PCM[i] = min(1, max(-1, out.PCM[i]+x))
	}
	return out
}

// spoken are the pieces of a sentence as sound.
func spoken(tb testing.TB, by scripted.Speaker, pieces []string, cut bool) (parts [][]float32) {
	tb.Helper()
	if cut {
		return Cut(tb, scripted.Trim(by.Say(tb, strings.Join(pieces, " "))), pieces)
	}
	for i, piece := range pieces {
		if i < len(pieces)-1 && !strings.HasSuffix(piece, ",") {
			piece += ","
		}
		parts = append(parts, scripted.Trim(by.Say(tb, piece)))
	}
	return parts
}

// Cut parts a sentence that was said in one breath where its words part: about where flite would
// part them, and where there is the least sound near it.
func Cut(tb testing.TB, whole []float32, pieces []string) (parts [][]float32) {
	tb.Helper()
	say := func(words []string) float64 {
		return float64(len(scripted.Flite(tb, "slt", strings.TrimRight(strings.Join(words, " "), ","), 1)))
	}
	from := 0
	for i := 1; i < len(pieces); i++ {
		head, tail := say(pieces[:i]), say(pieces[i:])
		if here := quietest(whole, int(head/(head+tail)*float64(len(whole)))); here > from {
			parts, from = append(parts, whole[from:here]), here
		}
	}
	return append(parts, whole[from:])
}

// quietest is the place of the least sound near one: between two words there is less than inside.
func quietest(pcm []float32, near int) int {
	const around, width = hearing.SampleRate * 150 / 1000, hearing.SampleRate * 20 / 1000
	best, least := near, float32(1e9)
	for i := max(width, near-around); i < min(len(pcm)-width, near+around); i += width / 4 {
		var sum float32
		for _, x := range pcm[i-width/2 : i+width/2] {
			sum += x * x
		}
		if sum < least {
			best, least = i, sum
		}
	}
	return best
}

// faded lets a piece begin and end without a click.
func faded(pcm []float32) []float32 {
	out := append([]float32(nil), pcm...)
	n := min(int(lead*hearing.SampleRate/time.Second), len(out)/2)
	for i := range n {
		by := float32(i) / float32(n)
		out[i] *= by
		out[len(out)-1-i] *= by
	}
	return out
}

func at(samples int) time.Duration {
	return time.Duration(samples) * time.Second / hearing.SampleRate
}
