package crowd

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

// spokeAt is what a human reports that spoke for 2 s.
func spokeAt(start int) Noticed {
	return Noticed{Event: humanSpoke, Start: clock(start), End: clock(start + 2000)}
}

func TestAPanelHearsAndSeesAndSaysNothing(t *testing.T) {
	events := []room.Event{
		room.Heard{At: clock(500), Text: "Please", Final: false},
		room.Heard{At: clock(3500), Final: true},   // of what was said first
		room.Heard{At: clock(3600), Final: true},   // its second sentence
		room.Heard{At: clock(18_500), Final: true}, // of the third
		room.Heard{At: clock(26_500), Final: true}, // of the fourth, which is not counted
		room.Saw{At: clock(-500), Features: 5},
		room.Saw{At: clock(700), Features: 5},
		room.Saw{At: clock(800), Features: 5},
		room.Saw{At: clock(900)}, // the picture was known
		room.Saw{At: clock(20_500), Features: 5},
	}
	lines := []Noticed{spokeAt(0), {Event: humanHeard, Start: clock(100)}, spokeAt(8000), spokeAt(16_000), spokeAt(24_000)}
	var w witnessed
	for _, e := range events {
		w.note(e)
	}
	p := Panel{Personas: 3, Human: 0.2, Alone: 0.1}
	for range 2 { // it is judged again while answers are waited for
		p.judge(lines, &w, clock(0), clock(20_000))
	}
	if d := cmp.Diff(Panel{Personas: 3, Human: 0.2, Alone: 0.1, Said: 3, Heard: 2, Looked: 2}, p); d != "" {
		t.Error(d)
	}
	w.note(room.TurnDone{At: clock(4000)})
	p.judge(lines, &w, clock(0), clock(20_000))
	if p.Replies != 1 {
		t.Errorf("%d replies were noticed, want 1", p.Replies)
	}
}

func TestPanelsFailLoudly(t *testing.T) {
	fine := Panel{Personas: 5, Said: 4, Heard: 4, Looked: 9}
	for name, c := range map[string]struct {
		change        func(*Panel)
		silent, video bool
		want          string // empty: it is what was to be measured
	}{
		"fine":              {func(*Panel) {}, false, true, ""},
		"more was heard":    {func(p *Panel) { p.Heard = 5 }, false, true, ""},
		"without a camera":  {func(p *Panel) { p.Looked = 0 }, false, false, ""},
		"silent":            {func(p *Panel) { p.Said, p.Heard = 0, 0 }, true, true, ""},
		"nothing was asked": {func(p *Panel) { p.Said, p.Heard = 0, 0 }, false, true, ErrNothingAsked.Error()},
		"not heard":         {func(p *Panel) { p.Heard = 3 }, false, true, "of 4 times that somebody spoke 3 were heard"},
		"not seen":          {func(p *Panel) { p.Looked = 0 }, false, true, "the camera was not seen"},
		"answered":          {func(p *Panel) { p.Replies = 2 }, false, true, "2 replies"},
		"silent, answered":  {func(p *Panel) { p.Said, p.Heard, p.Replies = 0, 0, 1 }, true, true, "1 replies"},
	} {
		p := fine
		c.change(&p)
		r := Record{Sessions: 1, Panel: &p, Silent: c.silent, Video: c.video}
		err := r.Failure()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestPanelsAreComparedWithOnePersona(t *testing.T) {
	at := func(n int, human float64) Record {
		return Record{Sessions: 1, Cores: map[string]float64{service: human + 0.01}, Panel: &Panel{Personas: n, Alone: 0.01, Human: human, Said: 2, Heard: 2}}
	}
	records := []Record{at(1, 0.1), at(5, 0.103)}
	if got := ToOne(records[:1]); got != nil {
		t.Errorf("one persona was compared with itself: %v", *got)
	}
	if got := ToOne(records[1:]); got != nil {
		t.Errorf("compared with nobody: %v", *got)
	}
	if got := ToOne([]Record{{Sessions: 1}}); got != nil {
		t.Errorf("rooms of one are no panel: %v", *got)
	}
	records[1].Panel.ToOne = ToOne(records)
	if got := *records[1].Panel.ToOne; got < 1.0299 || got > 1.0301 {
		t.Errorf("five cost %v times as much as one, want 1.03", got)
	}
	table := Table(records)
	for _, want := range []string{"personas in one room", "1.03 ×", "0.113", "nobody is called by name"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is missing in\n%s", want, table)
		}
	}
	if strings.Contains(table, "latency") {
		t.Errorf("nobody answers, so there is no latency:\n%s", table)
	}
}

func TestASecondVoiceIsToldFromTheRest(t *testing.T) {
	stages := []Memory{{Stage: stageRooms, PSSMB: 400}, {Stage: stageFirst, PSSMB: 420}, {Stage: stageVoice, PSSMB: 520}, {Stage: stageSecond, PSSMB: 522.5}}
	got := secondOf("espeak", stages)
	if d := cmp.Diff(&SecondVoice{Voice: "espeak", VoiceMB: 100, RestMB: 2.5, TotalMB: 102.5}, got); d != "" {
		t.Error(d)
	}
	table := Table([]Record{{Sessions: 1, Memory: stages, SecondVoice: got}})
	for _, want := range []string{"speaks with espeak takes 102.5 MB more", "its voice 100.0, the rest of it 2.5", "voice: PSS 520.0 MB"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is missing in\n%s", want, table)
		}
	}
}

// TestGreetingsAreWaitedFor: for as many as there are personas, and a failed one is an error at
// once.
func TestGreetingsAreWaitedFor(t *testing.T) {
	broken := errors.New("no sound")
	b := &bench{traces: map[int][]reply.Trace{0: {{}, {Err: broken}}}}
	if err := b.greeted(t.Context(), 3, "x"); !errors.Is(err, ErrGreeting) || !errors.Is(err, broken) {
		t.Errorf("a greeting failed: %v", err)
	}
	b.traces[0] = b.traces[0][:1]
	late, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := b.greeted(late, 2, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one of two greetings was said: %v", err)
	}
	if len(b.record.Memory) != 0 {
		t.Errorf("the memory of what did not happen: %+v", b.record.Memory)
	}
}

func TestPanelsThatCannotBe(t *testing.T) {
	second := func(context.Context) (*engine.Models, error) { return nil, io.EOF }
	for name, change := range map[string]func(*Config){
		"two rooms":             func(c *Config) { c.Rooms, c.Personas = 2, 3 },
		"no room":               func(c *Config) { c.Rooms, c.Personas = 0, 1 },
		"fewer than none":       func(c *Config) { c.Personas = -1 },
		"second in two rooms":   func(c *Config) { c.Rooms, c.Second, c.Silent = 2, second, true },
		"second in a panel":     func(c *Config) { c.Personas, c.Second, c.Silent = 2, second, true },
		"second, somebody asks": func(c *Config) { c.Second = second },
	} {
		cfg := Config{Models: &engine.Models{}, Rooms: 1, For: time.Second, Humans: []string{"x"}}
		if err := cfg.validate(); err != nil {
			t.Fatal(err)
		}
		change(&cfg)
		if err := cfg.validate(); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
