package limits_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

func start() time.Time { return time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC) }

func TestRatesComeFromTheLimits(t *testing.T) {
	l := limits.Limits{
		ChatsPerMinute: 1, ChatBurst: 2, RoomChatsPerMinute: 3, RoomChatBurst: 4, DataPackets: 5, DataBytes: 6,
		UpdatesPerMinute: 7, UpdateBurst: 8, LogLines: 9,
	}
	for _, c := range []struct {
		name      string
		got, want limits.Rate
	}{
		{"chat", l.ChatRate(), limits.Rate{Burst: 2, Per: 1, Every: time.Minute}},
		{"room chat", l.RoomChatRate(), limits.Rate{Burst: 4, Per: 3, Every: time.Minute}},
		{"packets", l.PacketRate(), limits.Rate{Burst: 10, Per: 5, Every: time.Second}},
		{"bytes", l.ByteRate(), limits.Rate{Burst: 12, Per: 6, Every: time.Second}},
		{"updates", l.UpdateRate(), limits.Rate{Burst: 8, Per: 7, Every: time.Minute}},
		{"log", l.LogRate(), limits.Rate{Burst: 9, Per: 9, Every: time.Second}},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, c.got, c.want)
		}
	}
}

func TestBucketGivesItsBurstThenItsRate(t *testing.T) {
	rate := limits.Rate{Burst: 3, Per: 2, Every: time.Second}
	var b limits.Bucket
	now := start()
	for step, c := range []struct {
		after time.Duration
		n     int
		want  bool
	}{
		{0, 1, true},
		{0, 1, true},
		{0, 1, true},
		{0, 1, false},
		{499 * time.Millisecond, 1, false},
		{time.Millisecond, 1, true}, // half a second is one more
		{time.Second, 3, false},
		{0, 2, true},
		{-time.Hour, 1, false}, // a clock that was put back gives nothing, and takes nothing
		{time.Hour + time.Second, 2, true},
		{time.Hour, 4, false},
		{0, 3, true}, // never more than the burst
	} {
		now = now.Add(c.after)
		if got := b.Take(rate, c.n, now); got != c.want {
			t.Fatalf("step %d: Take(%d) = %v", step, c.n, got)
		}
	}
}

// TestNoWindowHoldsMoreThanBurstAndRate compares any sequence of takes with the bound that a rate
// promises for every window of time.
func TestNoWindowHoldsMoreThanBurstAndRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := limits.Rate{Burst: rapid.IntRange(1, 9).Draw(t, "burst"), Per: rapid.IntRange(1, 9).Draw(t, "per"), Every: time.Second}
		var b limits.Bucket
		type taken struct {
			at time.Duration
			n  int
		}
		var all []taken
		var now time.Duration
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 700).Draw(t, "ms")) * time.Millisecond
			n := rapid.IntRange(1, 3).Draw(t, "n")
			if b.Take(rate, n, start().Add(now)) {
				all = append(all, taken{now, n})
			}
		}
		for i := range all {
			sum := 0
			for _, later := range all[i:] {
				sum += later.n
				most := float64(rate.Burst) + float64(rate.Per)*(later.at-all[i].at).Seconds()
				if float64(sum) > most+1e-6 {
					t.Fatalf("%d within %s, rate %+v", sum, later.at-all[i].at, rate)
				}
			}
		}
	})
}

func TestMeterKeepsNamesApart(t *testing.T) {
	m := limits.NewMeter(limits.Rate{Burst: 1, Per: 1, Every: time.Second}, 2)
	now := start()
	for step, c := range []struct {
		name  string
		after time.Duration
		want  bool
	}{
		{"a", 0, true},
		{"a", 0, false},
		{"b", 0, true},
		{"b", 0, false},
		{"c", 0, true},
		{"d", 0, false}, // beyond the capacity all share one
		{"a", time.Second, true},
		{"d", 0, true}, // b is idle and makes way
		{"d", 0, false},
		{"a", 0, false},
		{"c", 0, true},
		{"b", 0, false}, // again beyond it
	} {
		now = now.Add(c.after)
		if got := m.Take(c.name, 1, now); got != c.want {
			t.Fatalf("step %d: Take(%s) = %v", step, c.name, got)
		}
	}
}

// TestAFloodOfNamesGainsNothing: whoever invents identities shares the one bucket of all invented
// ones.
func TestAFloodOfNamesGainsNothing(t *testing.T) {
	m := limits.NewMeter(limits.Rate{Burst: 2, Per: 1, Every: time.Minute}, 8)
	taken := 0
	for i := range 1000 {
		if m.Take(fmt.Sprint(i), 1, start()) {
			taken++
		}
	}
	if taken != 8+2 {
		t.Errorf("%d taken, want one each of eight and a burst of two for everybody else", taken)
	}
}
