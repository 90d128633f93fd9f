package hearing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// loudness is a detector that takes loud windows for speech. It fails where a window holds the value of failAt.
type loudness struct{}

const failAt = 7

var errDetector = errors.New("detector broke")

func (loudness) Probability(window []float32) (float32, error) {
	switch window[len(window)/2] {
	case failAt:
		return 0, errDetector
	case 0:
		return 0.01, nil
	}
	return 0.99, nil
}

func (loudness) Reset() {}

// engine is a transcriber that takes a fixed time and writes the length of the loud part of the clip.
type engine struct {
	delay time.Duration
	text  string // in front of the length; with "." at the end it stands alone
	err   error

	mu    sync.Mutex
	calls int
	ended int // by their context
}

func (e *engine) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	e.mu.Lock()
	e.calls++
	e.mu.Unlock()
	select {
	case <-time.After(e.delay):
	case <-ctx.Done():
		e.mu.Lock()
		e.ended++
		e.mu.Unlock()
		return hearing.Transcript{}, ctx.Err()
	}
	if e.err != nil || strings.HasSuffix(e.text, ".") {
		return hearing.Transcript{Text: e.text, Tokens: 1, AvgLogProb: -1}, e.err
	}
	loud := 0
	for _, x := range pcm {
		if x != 0 {
			loud++
		}
	}
	return hearing.Transcript{Text: fmt.Sprintf("%s %d ms", e.text, loud*1000/hearing.SampleRate), Tokens: 2, AvgLogProb: -0.5}, nil
}

// scene feeds a listener inside a bubble, where time is not real.
type scene struct {
	*hearing.Listener
	media time.Duration
}

// say writes d of loud samples at the speed of sound; hush writes silence.
func (s *scene) say(d time.Duration)  { s.write(d, 0.5) }
func (s *scene) hush(d time.Duration) { s.write(d, 0) }

func (s *scene) write(d time.Duration, value float32) {
	const frame = 20 * time.Millisecond
	pcm := make([]float32, hearing.SampleRate/50)
	for i := range pcm {
		pcm[i] = value
	}
	for ; d > 0; d -= frame {
		s.Write(pcm, s.media, time.Now())
		s.media += frame
		time.Sleep(frame)
	}
}

// play runs a scene in a bubble and returns all events of it, after the end of the track.
func scenario(t *testing.T, cfg hearing.Config, act func(s *scene)) (events []hearing.Event, stats hearing.Stats) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if cfg.VAD == nil {
			cfg.VAD = loudness{}
		}
		l, err := hearing.NewListener(cfg)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for e := range l.Events() {
				events = append(events, e)
			}
		}()
		act(&scene{Listener: l})
		l.EndTrack()
		<-done
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Error(err)
		}
		stats = l.Stats()
	})
	return events, stats
}

// lines writes events as one line each, without wall times.
func lines(events []hearing.Event) string {
	var b strings.Builder
	for _, event := range events {
		switch e := event.(type) {
		case hearing.SpeechStarted:
			fmt.Fprintf(&b, "%d started %v\n", e.Turn, e.At)
		case hearing.SpeechSustained:
			fmt.Fprintf(&b, "%d sustained %v\n", e.Turn, e.Voiced)
		case hearing.Interim:
			fmt.Fprintf(&b, "%d interim %v %q\n", e.Turn, e.At, e.Text)
		case hearing.SpeechStopped:
			fmt.Fprintf(&b, "%d stopped %v\n", e.Turn, e.At)
		case hearing.SpeechResumed:
			fmt.Fprintf(&b, "%d resumed %v\n", e.Turn, e.At)
		case hearing.EndOfTurn:
			fmt.Fprintf(&b, "%d end %v %v\n", e.Turn, e.At, e.Reason)
		case hearing.Final:
			fmt.Fprintf(&b, "%d final %v-%v %q\n", e.Turn, e.SpeechStart, e.SpeechEnd, e.Text)
		case hearing.Failed:
			fmt.Fprintf(&b, "%d failed %v %v\n", e.Turn, e.Stage, e.Err)
		}
	}
	return b.String()
}

func compare(t *testing.T, events []hearing.Event, want string) {
	t.Helper()
	want = strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", "")
	if got := lines(events); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestListenerReportsATurn(t *testing.T) {
	interim, final := &engine{delay: 40 * time.Millisecond, text: "fast"}, &engine{delay: 100 * time.Millisecond, text: "slow"}
	events, stats := scenario(t, hearing.Config{Interim: interim, Final: final}, func(s *scene) {
		s.hush(640 * time.Millisecond)
		s.say(960 * time.Millisecond)
		s.hush(time.Second)
	})
	compare(t, events, `
		1 started 640ms
		1 sustained 128ms
		1 interim 900ms "fast 260 ms"
		1 sustained 500ms
		1 interim 1.22s "fast 580 ms"
		1 interim 1.54s "fast 900 ms"
		1 stopped 1.6s
		1 end 1.6s silence
		1 final 640ms-1.6s "slow 960 ms"
	`)
	if stats.Discarded != 0 || stats.DroppedSamples != 0 || stats.Failures != 0 || stats.Quiet == 0 {
		t.Errorf("%+v", stats)
	}
}

func TestListenerThrowsEarlyFinalAway(t *testing.T) {
	final := &engine{delay: 400 * time.Millisecond, text: "slow"}
	events, stats := scenario(t, hearing.Config{Final: final}, func(s *scene) {
		s.say(640 * time.Millisecond)
		s.hush(320 * time.Millisecond)
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 640ms
		1 resumed 960ms
		1 stopped 1.6s
		1 end 1.6s silence
		1 final 0s-1.6s "slow 1280 ms"
	`)
	if stats.Discarded != 1 || final.calls != 2 || final.ended != 1 {
		t.Errorf("%+v, %d calls, %d ended early", stats, final.calls, final.ended)
	}
}

func TestListenerEndsACompleteSentenceSooner(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Final: &engine{delay: 50 * time.Millisecond, text: "I am done."}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	var end hearing.EndOfTurn
	var final hearing.Final
	for _, e := range events {
		switch e := e.(type) {
		case hearing.EndOfTurn:
			end = e
		case hearing.Final:
			final = e
		}
	}
	if end.Reason != hearing.EndComplete || end.Silence != 352*time.Millisecond {
		t.Errorf("%+v", end)
	}
	timing := final.Timing
	if got := timing.SpeechEnd.Sub(timing.SpeechStart); got != 640*time.Millisecond {
		t.Errorf("speech lasted %v", got)
	}
	if got := timing.STTEnd.Sub(timing.STTBegin); got != 50*time.Millisecond {
		t.Errorf("the engine took %v", got)
	}
	if wait := timing.EndOfTurn.Sub(timing.SpeechEnd); wait < 340*time.Millisecond || wait > 380*time.Millisecond {
		t.Errorf("end of turn %v after the end of speech", wait)
	}
	if timing.Stopped.After(timing.STTBegin) || timing.Audio != 880*time.Millisecond {
		t.Errorf("%+v", timing)
	}
}

func TestListenerFinalisesWhenTheTrackEnds(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Final: &engine{delay: 3 * time.Second, text: "slow"}}, func(s *scene) {
		s.say(500 * time.Millisecond)
	})
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 512ms
		1 end 512ms track_ended
		1 final 0s-512ms "slow 500 ms"
	`)
}

func TestListenerHearsAMutedTrackAsSilence(t *testing.T) {
	events, stats := scenario(t, hearing.Config{Final: &engine{text: "slow"}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		time.Sleep(2 * time.Second)
		s.media += 2 * time.Second
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 640ms
		1 end 640ms silence
		1 final 0s-640ms "slow 640 ms"
		2 started 2.624s
		2 sustained 128ms
		2 sustained 500ms
		2 stopped 3.264s
		2 end 3.264s silence
		2 final 2.624s-3.264s "slow 640 ms"
	`)
	if stats.Filled == 0 {
		t.Errorf("%+v", stats)
	}
}

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
	cfg := hearing.Config{Final: &engine{delay: 15 * time.Second, text: "slow."}, Events: 256}
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
			if e.Turn != next {
				t.Errorf("turn %d failed, want %d next", e.Turn, next)
			}
			next++
		case hearing.Final:
			finals++
			if e.Turn != next {
				t.Errorf("final of turn %d, want %d next", e.Turn, next)
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

func TestListenerNeverBlocksWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := hearing.NewListener(hearing.Config{VAD: loudness{}, Final: &engine{text: "slow"}, Events: 1})
		if err != nil {
			t.Fatal(err)
		}
		s := &scene{Listener: l}
		for range 20 { // nobody reads the events
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
		"no detector":     {Final: &engine{}},
		"no final":        {VAD: loudness{}},
		"negative prefix": {VAD: loudness{}, Final: &engine{}, Prefix: -1},
		"parts":           {VAD: loudness{}, Final: &engine{}, SoftPart: time.Minute},
		"tiny buffer":     {VAD: loudness{}, Final: &engine{}, Buffer: time.Millisecond},
		"turn":            {VAD: loudness{}, Final: &engine{}, Turn: hearing.TurnConfig{Start: 2}},
	} {
		if l, err := hearing.NewListener(cfg); !errors.Is(err, hearing.ErrConfig) || l != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListenerHearsASilentTrackWithoutAllocating(t *testing.T) {
	l, err := hearing.NewListener(hearing.Config{VAD: loudness{}, Final: &engine{}})
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
