package hearing_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// turnTake is a turn with pauses and all that was heard of it: what an Endpointer is judged by
// without hearing it again.
type turnTake struct {
	Name   string // of the voice
	Text   string
	Pace   int // of hesitant.Paces
	Ends   time.Duration
	Pauses [][2]time.Duration
	Voice  []int // probability of each window, in hundredths
	Stops  []stopTake
}

// stopTake is a silence: what a TurnDetector and an ear made of what was said before it.
type stopTake struct {
	At   int             // its first window
	Over map[int]float32 // by the windows of silence behind it
	Text string
}

// turnOutcome is what became of a turn.
type turnOutcome struct {
	*turnTake
	first bool          // of its speaker
	cuts  int           // ends inside the turn
	wait  time.Duration // from the last sound to the end that counts
}

// speaker is somebody whose turns are heard one after the other.
type speaker struct {
	way
	machine *hearing.Endpointer
	now     time.Duration // where the present turn begins
	heardAt time.Duration // up to where the last interim transcript heard
	ripe    []ripe
}

// ripe is something that becomes known at a time.
type ripe struct {
	at   time.Duration
	tell func(out []hearing.Signal) []hearing.Signal
}

// hear plays a turn to the machine.
func (s *speaker) hear(k *turnTake) turnOutcome {
	o := turnOutcome{turnTake: k, wait: -1}
	for i, p := range k.Voice {
		if s.fluent && i < k.lastPause() {
			continue
		}
		start := s.now + time.Duration(i)*hearing.WindowLength
		end := start + hearing.WindowLength
		signals := s.machine.Window(start, float32(p)/100, nil)
		s.ripe = slices.DeleteFunc(s.ripe, func(r ripe) bool {
			if r.at <= end {
				signals = r.tell(signals)
			}
			return r.at <= end
		})
		s.glimpse(k, end)
		for _, g := range signals {
			s.follow(k, g, end)
			if g.Kind != hearing.Ended {
				continue
			}
			if g.At-s.now < k.Ends-120*time.Millisecond { // a voice may fade before it ends
				o.cuts++
			} else {
				o.wait = end - s.now - k.Ends
			}
		}
	}
	s.now += time.Duration(len(k.Voice)) * hearing.WindowLength
	if o.wait < 0 {
		o.wait = time.Duration(len(k.Voice))*hearing.WindowLength - k.Ends
	}
	return o
}

// lastPause is the first window of the last pause inside the turn, 0 where there is none.
func (k *turnTake) lastPause() (at int) {
	for _, s := range k.Stops {
		if time.Duration(s.At)*hearing.WindowLength < k.Ends-120*time.Millisecond {
			at = s.At
		}
	}
	return at
}

// glimpse has an interim transcript become known in time, where a listener begins one. What it says
// of a silence of two windows stands for what it says of a shorter one.
func (s *speaker) glimpse(k *turnTake, now time.Duration) {
	silence, fading, fresh := s.machine.Silence(), s.machine.Fading(), now-s.heardAt
	if !s.text || (silence == 0 || fresh <= silence+hearing.WindowLength) && (fading == 0 || fresh <= fading) {
		return
	}
	s.heardAt = now
	_, cost := s.costs()
	for _, stop := range k.Stops {
		at := s.now + time.Duration(stop.At)*hearing.WindowLength
		if at >= now-max(silence, fading) && at <= now+hearing.WindowLength {
			s.ripe = append(s.ripe, ripe{now + cost, func(out []hearing.Signal) []hearing.Signal {
				return s.machine.Glimpsed(hearing.Judge(stop.Text), now, out)
			}})
			return
		}
	}
}

// follow has what a signal asks for become known in time.
func (s *speaker) follow(k *turnTake, g hearing.Signal, now time.Duration) {
	i := slices.IndexFunc(k.Stops, func(x stopTake) bool {
		return s.now+time.Duration(x.At)*hearing.WindowLength == g.At
	})
	if i < 0 {
		return
	}
	stop := k.Stops[i]
	textCost, _ := s.costs()
	switch g.Kind {
	case hearing.Probed:
		if over, ok := stop.Over[int(g.Silence/hearing.WindowLength)]; ok && s.judge {
			s.ripe = append(s.ripe, ripe{now + judgeCost, func(out []hearing.Signal) []hearing.Signal {
				return s.machine.Judged(g.At, over, out)
			}})
		}
	case hearing.Stopped:
		s.ripe = slices.DeleteFunc(s.ripe, func(r ripe) bool { return r.at > now+judgeCost }) // an earlier transcript
		if s.text {
			s.ripe = append(s.ripe, ripe{now + textCost, func(out []hearing.Signal) []hearing.Signal {
				return s.machine.Heard(hearing.Judge(stop.Text), out)
			}})
		}
	default:
	}
}

// judgeTurns plays all turns, those of each speaker one after the other.
func judgeTurns(t *testing.T, w way, takes []turnTake) (all []turnOutcome) {
	t.Helper()
	speakers := map[string]*speaker{}
	for i := range takes {
		who := fmt.Sprint(takes[i].Name, takes[i].Pace)
		first := speakers[who] == nil || w.strangers
		if first {
			m, err := hearing.NewEndpointer(w.cfg)
			if err != nil {
				t.Fatal(err)
			}
			speakers[who] = &speaker{way: w, machine: m}
		}
		o := speakers[who].hear(&takes[i])
		o.first = first
		all = append(all, o)
	}
	return all
}

// figure is one line of the table.
func figure(all []turnOutcome) string {
	if len(all) == 0 {
		return "none"
	}
	cut, ends, pauses := 0, 0, 0
	waits := make([]time.Duration, 0, len(all))
	for _, o := range all {
		cut += min(o.cuts, 1)
		ends += o.cuts
		pauses += len(o.Pauses)
		waits = append(waits, o.wait)
	}
	slices.Sort(waits)
	return fmt.Sprintf("%3d turns: cut off %5.1f %% (at %4.1f %% of %d pauses), end of turn p50 %v, p95 %v", len(all),
		100*float64(cut)/float64(len(all)), 100*float64(ends)/float64(max(1, pauses)), pauses,
		waits[len(waits)/2].Round(time.Millisecond), waits[len(waits)*95/100].Round(time.Millisecond))
}

// TestFiguresTurns counts the turns that are cut off in a pause, and how long their end takes to be
// noticed, for each way to find it. Wanted are at most 3 % cut off, p50 220 ms and p95 900 ms.
func TestFiguresTurns(t *testing.T) {
	takes := turnTakes(t)
	for _, w := range ways(t) {
		all := judgeTurns(t, w, takes)
		t.Logf("%s: %s", w.name, figure(all))
		for _, of := range []struct {
			name string
			is   func(o turnOutcome) bool
		}{
			{"pauses of 0.25-0.5 s", func(o turnOutcome) bool { return o.Pace == 0 }},
			{"pauses of 0.4-0.9 s", func(o turnOutcome) bool { return o.Pace == 1 }},
			{"pauses of 0.6-0.9 s", func(o turnOutcome) bool { return o.Pace == 2 }},
			{"a speaker's first turn", func(o turnOutcome) bool { return o.first }},
			{"later turns", func(o turnOutcome) bool { return !o.first }},
			{"questions", func(o turnOutcome) bool { return strings.HasSuffix(o.Text, "?") }},
			{"a person", func(o turnOutcome) bool { return o.Name == "person" }},
		} {
			t.Logf("    %-22s %s", of.name, figure(slices.DeleteFunc(slices.Clone(all), func(o turnOutcome) bool { return !of.is(o) })))
		}
	}
	t.Log("Smart Turn, over at the end of a turn and at a pause:")
	for _, name := range voicesOf(takes) {
		ends, pauses := overs(takes, name)
		t.Logf("    %-14s sure of %3.0f %% of %d ends and %3.0f %% of %d pauses; an end above a pause: %3.0f %%", name,
			100*above(ends, 0.95), len(ends), 100*above(pauses, 0.95), len(pauses), 100*apart(ends, pauses))
	}
}

func voicesOf(takes []turnTake) (names []string) {
	for i := range takes {
		names = append(names, takes[i].Name)
	}
	slices.SortFunc(names, cmp.Compare)
	return slices.Compact(names)
}

// overs are the judgements after 96 ms of silence, at the ends of a voice's turns and at its
// pauses.
func overs(takes []turnTake, name string) (ends, pauses []float32) {
	for i := range takes {
		k := &takes[i]
		for _, s := range k.Stops {
			over, ok := s.Over[3]
			switch {
			case !ok || k.Name != name:
			case time.Duration(s.At)*hearing.WindowLength >= k.Ends-120*time.Millisecond:
				ends = append(ends, over)
			default:
				pauses = append(pauses, over)
			}
		}
	}
	return ends, pauses
}

func above(values []float32, level float32) float64 {
	n := 0
	for _, v := range values {
		if v >= level {
			n++
		}
	}
	return float64(n) / float64(max(1, len(values)))
}

// apart is how often a value of the first is above one of the second: 0.5 by chance.
func apart(first, second []float32) float64 {
	sum := 0.0
	for _, a := range first {
		for _, b := range second {
			switch {
			case a > b:
				sum++
			case a == b:
				sum += 0.5
			}
		}
	}
	return sum / float64(max(1, len(first)*len(second)))
}
