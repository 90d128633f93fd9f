package telemetry_test

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// TestWhatHappensOftenAllocatesNothing: what rooms report while somebody speaks and shows something
// costs no allocation once it was counted before; packets and frames are reported by nobody at all.
func TestWhatHappensOftenAllocatesNothing(t *testing.T) {
	tel, err := telemetry.New(telemetry.Config{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	for name, e := range map[string]room.Event{
		"an interim transcript": room.Heard{At: at, Who: "ada", Text: secret},
		"a final one":           room.Heard{At: at, Who: "ada", Text: secret, Final: true, Start: at, End: at.Add(time.Second)},
		"a picture":             room.Saw{At: at, Who: "ada", Texture: time.Millisecond, Features: time.Millisecond},
		"a clause":              room.Said{At: at, Text: secret},
		"a state":               room.StateChanged{At: at, State: "speaking"},
		"a sound":               room.Unclear{At: at, Who: "ada", Why: "cough"},
		"a silence":             room.Silent{At: at, Who: "ada", Why: turn.ReasonNotAddressed},
		"a plan":                room.Planned{At: at},
	} {
		observe := func() { tel.Observe(from(), e) }
		observe()
		if n := testing.AllocsPerRun(200, observe); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		var none *telemetry.Telemetry // where nothing is counted
		if n := testing.AllocsPerRun(200, func() { none.Observe(from(), e) }); n != 0 {
			t.Errorf("%s, switched off: %v allocations", name, n)
		}
	}
}

// valueOf is the sum of the samples of a metric.
func valueOf(t *testing.T, text, name string) (sum float64) {
	t.Helper()
	found := false
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, name+" ") && !strings.HasPrefix(line, name+"{") {
			continue
		}
		v, err := strconv.ParseFloat(line[strings.LastIndexByte(strings.TrimSpace(line), ' ')+1:len(line)-1], 64)
		if err != nil {
			t.Fatal(line, err)
		}
		found, sum = true, sum+v
	}
	if !found {
		t.Errorf("no %s", name)
	}
	return sum
}

// TestTheProcessIsSeenToMove: goroutines, memory, the scheduler, drops by hop.
func TestTheProcessIsSeenToMove(t *testing.T) {
	drops := map[string]uint64{"store": 2, "timeline": 0}
	tel, err := telemetry.New(telemetry.Config{Sources: telemetry.Sources{Drops: func() map[string]uint64 { return drops }}})
	if err != nil {
		t.Fatal(err)
	}
	closed := room.TrackClosed{Dropped: map[string]uint64{"audio_network": 3, "video_encoder": 0}}
	tel.Observe(from(), closed)
	before := scrape(t, tel, "text/plain")
	const more = 100
	var work sync.WaitGroup
	free := make(chan struct{})
	held := make([]byte, 64<<20)
	for i := 0; i < len(held); i += 4096 {
		held[i] = 1 // else the pages are nobody's
	}
	for range more {
		work.Go(func() { <-free })
	}
	for range 1000 {
		runtime.Gosched()
	}
	tel.Observe(from(), closed)
	drops = map[string]uint64{"store": 5, "timeline": 1}
	after := scrape(t, tel, "text/plain")
	close(free)
	work.Wait()
	runtime.KeepAlive(held)
	grown := func(name string, least float64) {
		t.Helper()
		if d := valueOf(t, after, name) - valueOf(t, before, name); d < least {
			t.Errorf("%s grew by %v, want %v", name, d, least)
		}
	}
	grown("go_goroutines", more/2) // others may have ended
	grown("process_resident_memory_bytes", 32<<20)
	grown("go_sched_latencies_seconds_count", 1)
	grown("process_cpu_seconds_total", 0)
	for _, want := range []string{
		`sensory_track_dropped_total{hop="audio_network"} 6`, `sensory_process_dropped_total{hop="store"} 5`, `sensory_process_dropped_total{hop="timeline"} 1`,
	} {
		if !strings.Contains(after, want) {
			t.Errorf("no %s", want)
		}
	}
}

// BenchmarkReply is what telemetry costs a reply.
func BenchmarkReply(b *testing.B) {
	tel, err := telemetry.New(telemetry.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for e := (room.TurnDone{Trace: answered()}); b.Loop(); {
		tel.Observe(from(), e)
	}
}
