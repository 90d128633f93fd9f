package race

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/crowd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func at(seconds float64) time.Time {
	return time.Unix(1000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// TestSoundsAreSplitByPauses: a gap is no pause, silence is no sound.
func TestSoundsAreSplitByPauses(t *testing.T) {
	var s sounds
	frame := 20 * time.Millisecond
	s.add(at(0), frame, -60)
	s.add(at(1), frame, -9)
	s.add(at(1.02), frame, -9)
	s.add(at(1.5), frame, -9)
	s.add(at(1.6), frame, -50)
	s.add(at(2.02), frame, -44)
	want := sounds{{at(1), at(1.52)}, {at(2.02), at(2.04)}}
	if diff := cmp.Diff(want, s, cmp.AllowUnexported(sound{})); diff != "" {
		t.Error(diff)
	}
}

// TestJudge: an answer belongs to the question before it, one that begins within the question is
// early, one that is no tone of 2 s is wrong, and what nobody answered is neither.
func TestJudge(t *testing.T) {
	asked := []asking{{at(0), at(2)}, {at(8), at(10)}, {at(16), at(18)}, {at(24), at(26)}}
	heard := []sound{
		{at(-3), at(-1)},         // of what was asked before
		{at(2.6), at(4.6)},       // right
		{at(9), at(11)},          // early
		{at(18.5), at(18.8)},     // too short
		{at(20), at(20.5)},       // and once more
		{at(24 - 0.1), at(24.2)}, // belongs to the third, which has one
	}
	got := judge(asked, heard)
	want := verdict{asked: 4, answered: 2, early: 1, wrong: 1, latencies: []float64{600, 500}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(verdict{})); diff != "" {
		t.Error(diff)
	}
	got.add(verdict{asked: 1, answered: 1, latencies: []float64{7}})
	if got.asked != 5 || got.answered != 3 || len(got.latencies) != 3 {
		t.Errorf("%+v", got)
	}
	if long := judge([]asking{{at(0), at(2)}}, []sound{{at(2.5), at(6)}}); long.wrong != 1 {
		t.Errorf("%+v", long)
	}
}

// TestFamily: children of children count, whatever stands first; others do not.
func TestFamily(t *testing.T) {
	all := []process{{pid: 5, parent: 4}, {pid: 4, parent: 2}, {pid: 2, parent: 1}, {pid: 3, parent: 1}, {pid: 6, parent: 2}}
	got := map[int]bool{}
	for _, p := range family(2, all) {
		if got[p.pid] {
			t.Errorf("%d twice", p.pid)
		}
		got[p.pid] = true
	}
	if diff := cmp.Diff(map[int]bool{2: true, 4: true, 5: true, 6: true}, got); diff != "" {
		t.Error(diff)
	}
}

// TestParseStat: the name of a program may hold brackets and spaces.
func TestParseStat(t *testing.T) {
	line := "42 (a (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 11 22 33 44 20 0 1 0 5 6 7"
	p, err := parseStat([]byte(line))
	if err != nil || p != (process{pid: 42, parent: 7, ticks: 110}) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []string{"", "x", "42 a S 7", "42 (a) S 7 1", ")42( S", "x (a) S 7 42 42 0 -1 4194560 1 2 3 4 11 22 33 44", strings.Replace(line, " 33 ", " x ", 1), strings.Replace(line, "S 7", "S x", 1)} {
		if p, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, p)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (a (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 11 22 33 44 20"))
	f.Add([]byte("1 () R"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if p, err := parseStat(line); err == nil && p.pid == 0 && p.parent == 0 && p.ticks < 0 {
			t.Errorf("%q: %+v", line, p)
		}
	})
}

// TestUsedSeesThisProcess: its memory and its processor time, from /proc.
func TestUsedSeesThisProcess(t *testing.T) {
	u, err := used(1<<30, true)
	if err != nil || u.Processes != 0 {
		t.Errorf("nobody: %+v, %v", u, err)
	}
	if mb, err := parsePSS("Rss:  9 kB\nPss:      1000 kB\nPss_Dirty: 1 kB\n"); err != nil || mb != 1.024 {
		t.Errorf("%v, %v", mb, err)
	}
	for _, bad := range []string{"", "Pss: x kB\n"} {
		if mb, err := parsePSS(bad); err == nil {
			t.Errorf("%q: %v", bad, mb)
		}
	}
}

// TestTable: every part that was measured has its rows, and what is lost is an error.
func TestTable(t *testing.T) {
	r := Report{
		Host: "a machine", Seconds: 40,
		Loads:      []Load{{Contender: "ours", Rooms: 4, Cores: 0.08, Joined: 4, Asked: 20, Answered: 20, Latency: crowd.Spread{P50: 600, P95: 640}}},
		Floor:      &Timing{N: 10, MS: crowd.Spread{P50: 206}},
		Dispatches: []Dispatched{{"ours", Timing{N: 10, MS: crowd.Spread{P50: 260}}}},
		Lates:      []Late{{"other", true, Timing{N: 2, MS: crowd.Spread{Max: 5000}}}},
	}
	if err := r.Failure(); err != nil {
		t.Error(err)
	}
	text := r.Table()
	for _, want := range []string{"| 4 | ours | 0.080 | 0.0200 |", "4 of 4", "| ours | 10 | 260 | 0 | 54 | 0 |", "sensory-agent reconcile beside it", "40 s each"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for what, change := range map[string]func(*Report){
		"rooms": func(r *Report) { r.Loads = []Load{{Rooms: 4, Joined: 3, Asked: 1, Answered: 1}} },
		"lost":  func(r *Report) { r.Loads = []Load{{Rooms: 1, Joined: 1, Asked: 2, Answered: 1}} },
		"wrong": func(r *Report) { r.Loads = []Load{{Rooms: 1, Joined: 1, Asked: 1, Answered: 1, Wrong: 1}} },
		"quiet": func(r *Report) { r.Loads = []Load{{Rooms: 1, Joined: 1}} },
		"jobs":  func(r *Report) { r.Dispatches = []Dispatched{{"ours", Timing{N: 2, Lost: 1}}} },
		"late":  func(r *Report) { r.Lates = []Late{{"ours", false, Timing{N: 2, Lost: 1}}} },
	} {
		var r Report
		change(&r)
		if err := r.Failure(); !errors.Is(err, ErrLost) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestRacesThatCannotBe: what is wrong is said before anything is started.
func TestRacesThatCannotBe(t *testing.T) {
	one := []Contender{{Name: "ours", Command: []string{"true"}}}
	for what, cfg := range map[string]Config{
		"nobody": {}, "no command": {Contenders: []Contender{{Name: "x"}}}, "no name": {Contenders: []Contender{{Command: []string{"x"}}}},
		"no rooms": {Contenders: one, Counts: []int{0}, For: time.Minute}, "many rooms": {Contenders: one, Counts: []int{201}, For: time.Minute},
		"no time": {Contenders: one, Counts: []int{1}, For: time.Second}, "dispatches": {Contenders: one, Dispatches: -1}, "lates": {Contenders: one, Lates: -1},
	} {
		if _, err := Run(t.Context(), cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestAWorkerThatEnds: is told from one that is slow, and nothing of it is left.
func TestAWorkerThatEnds(t *testing.T) {
	w, err := launch([]string{"sh", "-c", "exit 3"}, "x", crowd.Server{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.ready(t.Context()); !errors.Is(err, ErrWorker) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("%v", err)
	}
	w.stop()
	if _, err := launch([]string{"/nowhere"}, "x", crowd.Server{}, nil); !errors.Is(err, ErrWorker) {
		t.Errorf("%v", err)
	}
	w, err = launch([]string{"sh", "-c", "sleep 1000 & wait"}, "x", crowd.Server{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for u := (usage{}); u.Processes < 2; {
		if u, err = w.used(true); err != nil || t.Context().Err() != nil {
			t.Fatalf("%+v, %v", u, err)
		}
	}
	w.stop()
}
