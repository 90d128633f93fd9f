package crowd

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// clock gives times of a conversation, in milliseconds from its start.
func clock(at int) time.Time {
	return time.Unix(1_000_000, 0).Add(time.Duration(at) * time.Millisecond)
}

// canned is the trace of a canned turn whose speech ended at a time.
func canned(end int) reply.Trace {
	return reply.Trace{
		Question: engine.CannedTranscript, Answer: engine.CannedAnswer, Finish: engine.CannedReason,
		SpeechEnd: clock(end + 20), EndOfTurn: clock(end + 370), STTEnd: clock(end + 300), Begin: clock(end + 370),
		Features: clock(end + 371), FirstToken: clock(end + 372), FirstClause: clock(end + 372), FirstPCM: clock(end + 374), FirstPacket: clock(end + 377),
	}
}

// turnsOf is what a human notices of one canned turn that is as it should be, after so much audible
// sound.
func turnsOf(room, start int, audible float64) []Noticed {
	return []Noticed{
		{Event: humanSpoke, Room: room, Start: clock(start), End: clock(start + 2000)},
		{Event: humanHeard, Room: room, Start: clock(start + 2380)},
		{Event: humanVoice, Room: room, Start: clock(start + 2600), DBFS: -9, LengthMS: audible + 200},
		{Event: humanRead, Room: room, Start: clock(start + 2650), Text: engine.CannedAnswer},
		{Event: humanVoice, Room: room, Start: clock(start + 4300), DBFS: -9, LengthMS: audible + 1900},
	}
}

func judged(t *testing.T, lines []Noticed, traces map[int][]reply.Trace) *Record {
	t.Helper()
	r := &Record{Sessions: 2, Canned: true}
	r.judge(lines, traces, clock(0), clock(20_000))
	return r
}

func TestSessionsSplitTheLatency(t *testing.T) {
	lines := append(turnsOf(0, 1000, 0), turnsOf(1, 5000, 0)...)
	lines = append(lines, turnsOf(0, 9000, 2000)...)
	lines = append(lines, turnsOf(0, 19_000, 4000)...) // ends after what is measured
	r := judged(t, lines, map[int][]reply.Trace{0: {canned(3000), canned(11_000), canned(21_000)}, 1: {canned(7000)}})
	if r.Asked != 3 || r.Answered != 3 || r.Wrong != 0 || r.Failure() != nil {
		t.Fatalf("asked %d, answered %d, wrong %d: %v", r.Asked, r.Answered, r.Wrong, r.Lost)
	}
	got := []float64{r.Latency.P50, r.Silence.P50, r.Model.P50, r.Overhead.P50, r.Way.P50}
	for i, want := range []float64{380, 350, 3, 4, 23} {
		if got[i] != want {
			t.Errorf("latency, silence, model, the rest, way: %v", got)
			break
		}
	}
	if sum := got[1] + got[2] + got[3] + got[4]; sum != got[0] {
		t.Errorf("parts of %v ms add up to %v", got[0], sum)
	}
}

// TestSessionsLoseNoTurnQuietly: every way to lose a turn, or to answer it wrong, is counted, named
// and an error.
func TestSessionsLoseNoTurnQuietly(t *testing.T) {
	without := func(event string) []Noticed {
		var out []Noticed
		for _, l := range turnsOf(0, 1000, 0) {
			if l.Event != event {
				out = append(out, l)
			}
		}
		return out
	}
	changed := func(change func(*Noticed)) []Noticed {
		out := turnsOf(0, 1000, 0)
		for i := range out {
			change(&out[i])
		}
		return out
	}
	traced := func(change func(*reply.Trace)) []reply.Trace {
		out := canned(3000)
		change(&out)
		return []reply.Trace{out}
	}
	fine := []reply.Trace{canned(3000)}
	for name, c := range map[string]struct {
		lines           []Noticed
		traces          []reply.Trace
		answered, wrong int
		why             string
	}{
		"no turn":         {turnsOf(0, 1000, 0), nil, 0, 0, "no turn"},
		"broken":          {turnsOf(0, 1000, 0), traced(func(t *reply.Trace) { t.Err = errors.New("broken") }), 0, 0, "broken"},
		"unsaid":          {turnsOf(0, 1000, 0), traced(func(t *reply.Trace) { t.FirstPacket = time.Time{} }), 0, 0, "nothing was said"},
		"unheard":         {without(humanHeard), fine, 0, 0, "nothing was heard"},
		"unwritten":       {without(humanRead), fine, 0, 0, "nothing was written"},
		"no tone":         {without(humanVoice), fine, 1, 1, "tone of 0s"},
		"quiet":           {changed(func(l *Noticed) { l.DBFS = -40 }), fine, 1, 1, "-40.0 dBFS"},
		"other words":     {changed(func(l *Noticed) { l.Text = "No." }), fine, 1, 1, `"No." was read`},
		"other answer":    {turnsOf(0, 1000, 0), traced(func(t *reply.Trace) { t.Answer = "No." }), 1, 1, `with "No."`},
		"other reason":    {turnsOf(0, 1000, 0), traced(func(t *reply.Trace) { t.Finish = "stop" }), 1, 1, "(stop)"},
		"begun anew":      {turnsOf(0, 1000, 0), append(traced(func(t *reply.Trace) { t.Err = errors.New("broken") }), canned(3100)), 1, 0, ""},
		"turn before it":  {turnsOf(0, 1000, 0), append([]reply.Trace{canned(-2000)}, fine...), 1, 0, ""},
		"answer to other": {append(without(humanHeard), turnsOf(0, 9000, 2000)...), []reply.Trace{canned(3000), canned(11_000)}, 1, 0, "nothing was heard"},
	} {
		r := judged(t, c.lines, map[int][]reply.Trace{0: c.traces})
		if r.Answered != c.answered || r.Wrong != c.wrong || !strings.Contains(strings.Join(r.Lost, "\n"), c.why) {
			t.Errorf("%s: answered %d, wrong %d of %d: %q", name, r.Answered, r.Wrong, r.Asked, r.Lost)
		}
		var lost *TurnsError
		if failed := errors.As(r.Failure(), &lost); failed != (c.why != "") || failed && (lost.Asked != r.Asked || lost.Answered != c.answered) {
			t.Errorf("%s: %v", name, r.Failure())
		}
	}
	if err := judged(t, nil, nil).Failure(); !errors.Is(err, ErrNothingAsked) {
		t.Errorf("nothing was asked: %v", err)
	}
}

func TestMemoryIsReadAsTheSystemWritesIt(t *testing.T) {
	var m Memory
	rollup := "00400000-7ffd ---p 00000000 00:00 0    [rollup]\nRss:            2000 kB\nPss:            1000 kB\nPss_Dirty:       600 kB\nPss_Anon:        700 kB\nPss_File:        300 kB\nPss_Shmem:         0 kB\n"
	if err := m.rollup(strings.NewReader(rollup)); err != nil || m.PSSMB != 1.024 || m.RSSMB != 2.048 || m.AnonMB != 0.7168 || m.FileMB != 0.3072 {
		t.Errorf("%+v, %v", m, err)
	}
	if err := m.rollup(strings.NewReader("Rss: 1 kB\n")); err == nil {
		t.Error("a system that does not say is not zero")
	}
	smaps := `00400000-00403000 r--p 00000000 fe:00 1      /opt/program
Size:                 12 kB
Pss:                  10 kB
00403000-00503000 r-xp 00003000 fe:00 1      /opt/program
Pss:                 990 kB
7f0000000000-7f0000100000 rw-p 00000000 00:00 0
Pss:                2000 kB
7f0000200000-7f0000300000 rw-p 00000000 00:00 0      [heap]
Pss:                   5 kB
`
	got, err := mappings(strings.NewReader(smaps), 2)
	if err != nil || len(got) != 2 || got[0] != (Mapping{"anonymous", 2.048}) || got[1] != (Mapping{"program", 1.024}) {
		t.Errorf("%+v, %v", got, err)
	}
	here, err := MemoryNow("test")
	if err != nil {
		t.Skip(err)
	}
	if here.PSSMB < 1 || here.RSSMB < here.PSSMB || here.HeapMB <= 0 || here.GoMB < here.HeapMB || len(here.Largest) != 8 {
		t.Errorf("%+v", here)
	}
}

func TestSessionsTableHasEveryCount(t *testing.T) {
	at := func(n int, pss float64) Record {
		return Record{Sessions: n, Canned: true, Seconds: 60, Cores: map[string]float64{"service": 0.02 * float64(n)}, Memory: []Memory{{AnonMB: 1}, {Stage: "models", AnonMB: 40 + float64(n)}, {Stage: "rooms", AnonMB: 7}, {Stage: "measured", AnonMB: pss, PSSMB: pss}}}
	}
	records := []Record{at(0, 50), at(1, 60), at(5, 80)}
	records[2].PSSFurtherMB = Further(records)
	records[2].Lost = []string{"room 3: nothing was heard"}
	if Further(records[:2]) != nil || *records[2].PSSFurtherMB != 4 {
		t.Errorf("each further session takes %v MB, want 4", records[2].PSSFurtherMB)
	}
	table := Table(records)
	for _, want := range []string{"canned parts: nobody is understood", "0.0200", "4.0 MB", "5 sessions: room 3: nothing was heard", "measured: PSS 50.0 MB"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is missing in\n%s", want, table)
		}
	}
}
