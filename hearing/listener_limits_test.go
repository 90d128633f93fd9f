package hearing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

func TestListenerReportsFailures(t *testing.T) {
	broken := errors.New("engine broke")
	events, stats := scenario(t, hearing.Config{Interim: &engine{err: broken}, Final: &engine{err: broken}}, func(s *scene) {
		s.write(100*time.Millisecond, failAt)
		s.say(960 * time.Millisecond)
		s.hush(time.Second)
	})
	compare(t, events, `
		0 failed voice detector broke
		1 started 96ms
		1 sustained 128ms
		1 failed interim engine broke
		1 sustained 500ms
		1 stopped 1.056s
		1 end 1.056s silence
		1 failed final engine broke
	`)
	if stats.Failures < 4 {
		t.Errorf("%+v", stats)
	}
}

func TestListenerGivesSlowTranscriptsUp(t *testing.T) {
	cfg := hearing.Config{Final: &engine{delay: time.Hour}, FinalTimeout: 2 * time.Second}
	events, _ := scenario(t, cfg, func(s *scene) {
		s.say(320 * time.Millisecond)
		s.hush(time.Second)
	})
	last, ok := events[len(events)-1].(hearing.Failed)
	if !ok || !errors.Is(last.Err, hearing.ErrTooSlow) || last.Stage != hearing.StageFinal {
		t.Errorf("%+v", events[len(events)-1])
	}
}

func TestListenerBoundsWaitingTranscripts(t *testing.T) {
	cfg := hearing.Config{Final: &engine{delay: 15 * time.Second, text: "slow."}}
	events, _ := scenario(t, cfg, func(s *scene) {
		for range 20 {
			s.say(100 * time.Millisecond)
			s.hush(600 * time.Millisecond)
		}
	})
	busy, finals := 0, 0
	next := uint64(1)
	for _, e := range events {
		switch e := e.(type) {
		case hearing.Failed:
			if errors.Is(e.Err, hearing.ErrBusy) {
				busy++
			}
			if e.Utterance != next {
				t.Errorf("utterance %d failed, want %d next", e.Utterance, next)
			}
			next++
		case hearing.Final:
			finals++
			if e.Utterance != next {
				t.Errorf("final of turn %d, want %d next", e.Utterance, next)
			}
			next++
		}
	}
	if finals < 10 || busy == 0 || finals+busy != 20 {
		t.Errorf("%d finals, %d busy", finals, busy)
	}
}

func TestListenerCutsLongTurnsIntoParts(t *testing.T) {
	final := &engine{delay: 100 * time.Millisecond, text: "part"}
	events, _ := scenario(t, hearing.Config{Final: final, HardPart: 14 * time.Second}, func(s *scene) {
		s.say(13 * time.Second)
		s.hush(100 * time.Millisecond)
		s.say(30 * time.Second)
		s.hush(time.Second)
	})
	if len(events) == 0 {
		t.Fatal("no events")
	}
	last, ok := events[len(events)-1].(hearing.Final)
	if !ok || strings.Count(last.Text, "part") < 4 {
		t.Fatalf("%+v", events[len(events)-1])
	}
	total := 0
	for field := range strings.FieldsSeq(last.Text) {
		var n int
		if _, err := fmt.Sscan(field, &n); err == nil {
			total += n
		}
	}
	if total < 42980 || total > 43000 {
		t.Errorf("the parts of %q are %d ms together", last.Text, total)
	}
	if last.SpeechEnd-last.SpeechStart < 43*time.Second {
		t.Errorf("%+v", last)
	}
}

// full takes nothing.
func full(ctx context.Context, e hearing.Event) bool {
	if _, ok := e.(hearing.Interim); !ok {
		<-ctx.Done()
	}
	return false
}

// ignore takes everything.
func ignore(context.Context, hearing.Event) bool { return true }

func TestListenerNeverBlocksWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := hearing.NewListener(hearing.Config{VAD: loudness{}, Final: &engine{text: "slow"}, Sink: full})
		if err != nil {
			t.Fatal(err)
		}
		s := &scene{Listener: l}
		for range 20 { // nobody takes the events
			s.say(320 * time.Millisecond)
			s.hush(640 * time.Millisecond)
		}
		if got := l.Stats().DroppedSamples; got == 0 {
			t.Error("nothing was dropped")
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		l.Write(make([]float32, 320), 0, time.Now()) // ignored
	})
}

func TestListenerSkipsInterimsThatAreTooSlow(t *testing.T) {
	interim := &engine{delay: 700 * time.Millisecond, text: "fast"}
	_, stats := scenario(t, hearing.Config{Interim: interim, Final: &engine{text: "slow"}}, func(s *scene) {
		s.say(5 * time.Second)
		s.hush(time.Second)
	})
	if stats.SkippedInterims == 0 || interim.calls > 4 {
		t.Errorf("%+v, %d calls", stats, interim.calls)
	}
}

func TestNewListenerRefuses(t *testing.T) {
	for name, cfg := range map[string]hearing.Config{
		"no detector":     {Final: &engine{}, Sink: ignore},
		"no final":        {VAD: loudness{}, Sink: ignore},
		"no sink":         {VAD: loudness{}, Final: &engine{}},
		"negative prefix": {VAD: loudness{}, Final: &engine{}, Sink: ignore, Prefix: -1},
		"parts":           {VAD: loudness{}, Final: &engine{}, Sink: ignore, SoftPart: time.Minute},
		"tiny buffer":     {VAD: loudness{}, Final: &engine{}, Sink: ignore, Buffer: time.Millisecond},
		"turn":            {VAD: loudness{}, Final: &engine{}, Sink: ignore, Endpoint: hearing.EndpointConfig{Start: 2}},
	} {
		if l, err := hearing.NewListener(cfg); !errors.Is(err, hearing.ErrConfig) || l != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListenerHearsASilentTrackWithoutAllocating(t *testing.T) {
	l, err := hearing.NewListener(hearing.Config{VAD: loudness{}, Final: &engine{}, Sink: ignore})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	pcm := make([]float32, 320)
	media := time.Duration(0)
	write := func() {
		l.Write(pcm, media, time.Time{})
		media += 20 * time.Millisecond
	}
	for range 200 {
		write()
	}
	if got := testing.AllocsPerRun(2000, write); got > 0 {
		t.Errorf("%v allocations a frame", got)
	}
}
