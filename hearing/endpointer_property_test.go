package hearing_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// Windows in 50, 200 and 500 ms, rounded up.
const minimum, pause, end = 2, 7, 16

// naive finds utterances in a whole list of windows at once, by the plainest reading of the rules
// and without any transcripts. It returns start and end of every utterance that ended by silence,
// in windows.
func naive(loud []bool) [][2]int {
	var turns [][2]int
	start := -1
	for at := 0; at < len(loud); at++ {
		if start < 0 && run(loud, at) {
			start = at
		}
		if start < 0 || loud[at] {
			continue
		}
		if over, ok := silence(loud, at); ok {
			turns = append(turns, [2]int{start, at})
			start, at = -1, over
		}
	}
	return turns
}

// run reports whether speech of the minimum length begins at a position.
func run(loud []bool, at int) bool {
	for i := at; i < at+minimum; i++ {
		if i >= len(loud) || !loud[i] {
			return false
		}
	}
	return true
}

// silence reports whether the windows from a position on end an utterance, and which of them does.
// Before the pause any loud window breaks a silence; later it takes a run of the minimum, and a run
// that has begun holds the end back.
func silence(loud []bool, at int) (over int, ok bool) {
	for i := at; i < len(loud); i++ {
		switch {
		case loud[i] && (i-at < pause || run(loud, i)):
			return 0, false
		case !loud[i] && i-at+1 >= end:
			return i, true
		}
	}
	return 0, false
}

func TestTurnAgreesWithNaiveModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var loud []bool
		for i, n := range rapid.SliceOfN(rapid.IntRange(1, 24), 1, 20).Draw(t, "stretches") {
			for range n {
				loud = append(loud, i%2 == 1)
			}
		}
		turn, err := hearing.NewEndpointer(hearing.EndpointConfig{PatientSilence: -1})
		if err != nil {
			t.Fatal(err)
		}
		var got [][2]int
		var start int
		for i, l := range loud {
			p := float32(0.1)
			if l {
				p = 0.9
			}
			for _, s := range turn.Window(time.Duration(i)*hearing.WindowLength, p, nil) {
				switch s.Kind {
				case hearing.Started:
					start = int(s.At / hearing.WindowLength)
				case hearing.Ended:
					got = append(got, [2]int{start, int(s.At / hearing.WindowLength)})
				}
			}
		}
		want := naive(loud)
		if len(got) != len(want) {
			t.Fatalf("turns %v, naive %v", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("turns %v, naive %v", got, want)
			}
		}
	})
}

func TestTurnSignalsAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		turn, err := hearing.NewEndpointer(hearing.EndpointConfig{MaxLength: 5 * time.Second, Probes: []time.Duration{96 * time.Millisecond}})
		if err != nil {
			t.Fatal(err)
		}
		var all []hearing.Signal
		now := time.Duration(0)
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 24), 1, 400).Draw(t, "steps") {
			switch step {
			case 20, 21, 22:
				all = turn.Heard(hearing.Verdict(step-20), all)
			case 23:
				all = turn.Finish(all)
			case 24:
				all = turn.Judged(silentAt(all), 0.97, all)
			default:
				all = turn.Window(now, float32(step)/20, all)
				now += hearing.WindowLength
			}
		}
		checkOrder(t, all)
	})
}

// silentAt is the silence that was probed last.
func silentAt(all []hearing.Signal) time.Duration {
	for _, s := range slices.Backward(all) {
		if s.Kind == hearing.Probed {
			return s.At
		}
	}
	return 0
}

// checkOrder checks the grammar of signals and that time does not run backwards.
func checkOrder(t *rapid.T, all []hearing.Signal) {
	allowed := map[hearing.SignalKind][]hearing.SignalKind{
		0:                 {hearing.Started},
		hearing.Ended:     {hearing.Started},
		hearing.Started:   {hearing.Sustained, hearing.Stopped},
		hearing.Sustained: {hearing.Sustained, hearing.Stopped},
		hearing.Resumed:   {hearing.Sustained, hearing.Stopped},
		hearing.Stopped:   {hearing.Resumed, hearing.Ended},
	}
	var last hearing.Signal
	for _, s := range all {
		if s.Kind == hearing.Probed {
			if last.Kind == 0 || last.Kind == hearing.Ended || s.Utterance != last.Utterance {
				t.Fatalf("%+v outside its utterance, after %+v", s, last)
			}
			continue
		}
		ok := false
		for _, k := range allowed[last.Kind] {
			ok = ok || k == s.Kind
		}
		newTurn := s.Kind == hearing.Started
		switch {
		case !ok:
			t.Fatalf("%v after %v in %v", s.Kind, last.Kind, all)
		case newTurn && s.Utterance != last.Utterance+1, !newTurn && s.Utterance != last.Utterance:
			t.Fatalf("utterance %d after %d", s.Utterance, last.Utterance)
		case s.At < last.At && s.Kind != hearing.Stopped:
			t.Fatalf("%+v lies before %+v", s, last)
		case s.Kind == hearing.Ended && s.Silence > 5*time.Second:
			t.Fatalf("ended after %v of silence", s.Silence)
		}
		last = s
	}
}
