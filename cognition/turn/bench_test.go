package turn_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// conversation is what two people and three personas do in 10,000 events.
func conversation() (events []turn.Event, times []time.Duration) {
	now := time.Duration(0)
	add := func(after time.Duration, e turn.Event) {
		now += after
		events, times = append(events, e), append(times, now)
	}
	for _, seat := range []string{"iris", "max", "otto"} {
		add(0, turn.Seated{Seat: seat, Sees: true})
	}
	for _, who := range []string{"ada", "bob"} {
		add(0, turn.PersonJoined{Who: who})
		add(0, turn.Opened{Who: who, Track: "cam-" + who, Source: turn.Camera})
	}
	for n := uint64(1); len(events) < 10_000; n++ {
		who := []string{"ada", "bob"}[n%2]
		add(time.Second, turn.Voiced{Who: who})
		add(128*time.Millisecond, turn.Voiced{Who: who, Length: 128 * time.Millisecond})
		for i := range 4 {
			add(300*time.Millisecond, turn.Interim{Who: who, Text: "Iris, what is this"[:6+3*i], AvgLogProb: -0.3})
			add(0, turn.Shown{Track: "cam-" + who, Number: n*4 + uint64(i)})
		}
		add(time.Second, turn.Ended{Who: who, Utterance: n})
		add(100*time.Millisecond, turn.Heard{
			Who: who, Utterance: n, Text: "Iris, what is this?", From: now - 2*time.Second, To: now, Voiced: 1500 * time.Millisecond, AvgLogProb: -0.2,
		})
		reply := turn.Reply{Turn: n, Seat: "iris"}
		add(500*time.Millisecond, turn.Ready{Reply: reply})
		for range 3 {
			add(time.Second, turn.Audible{Reply: reply, Text: "It is a fern, which is a plant."})
		}
		add(time.Second, turn.Done{Reply: reply, Outcome: turn.Spoken, Text: "It is a fern."})
	}
	return events[:10_000], times
}

// BenchmarkTenThousandEvents steps a conversation of 10,000 events.
func BenchmarkTenThousandEvents(b *testing.B) {
	events, times := conversation()
	b.ReportAllocs()
	for b.Loop() {
		table, err := turn.New(turn.Default())
		if err != nil {
			b.Fatal(err)
		}
		effects := 0
		for i, e := range events {
			effects += len(table.Step(times[i], e))
		}
		if stats := table.Stats(); effects < 10_000 || stats.Answered < 500 || stats.Stray > 0 {
			b.Fatal(fmt.Sprint(effects, stats))
		}
	}
}

// BenchmarkPlan plans a turn of 100 personas with 20 sources.
func BenchmarkPlan(b *testing.B) {
	r := turn.Request{
		Room: "demo", Trigger: turn.Trigger{ID: "1", Kind: turn.KindTyped, From: "ada", Text: "Everybody, what do you see on the table in front of me?"},
		Capacity: 2, Policy: turn.PlanPolicy{Responders: &turn.Responders{}},
	}
	for i := range 100 {
		r.Personas = append(r.Personas, turn.Candidate{
			Name: fmt.Sprintf("persona%d", i), Window: 4096, Capabilities: []string{turn.CapabilityVision}, Provider: []string{"", "far"}[i%2],
			Speed: &turn.Speed{P50: 800, P95: 2000},
		})
	}
	for i := range 20 {
		kind := []turn.MaterialKind{turn.MaterialCamera, turn.MaterialText}[i%2]
		r.Sources = append(r.Sources, turn.Material{ID: fmt.Sprint(i), Kind: kind, Owner: "ada", Key: fmt.Sprint("key", i), Tokens: 64})
	}
	b.ReportAllocs()
	for b.Loop() {
		if p, err := r.Plan(); err != nil || len(p.Replies) != 100 {
			b.Fatal(len(p.Replies), err)
		}
	}
}
