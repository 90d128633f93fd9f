package hearing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
)

// engines are the real models, loaded once a test.
type engines struct {
	voice     *silero.Model
	moonshine *moonshine.Model
}

func loadEngines(tb testing.TB) engines {
	tb.Helper()
	rt := installed.Runtime(tb)
	return engines{voice: installed.Silero(tb, rt), moonshine: installed.Moonshine(tb, rt, ort.Options{})}
}

// listener makes a listener of the real models; cfg may change what it is made of.
func (e engines) listener(tb testing.TB, change func(*hearing.Config)) *hearing.Listener {
	tb.Helper()
	detector, err := e.voice.NewDetector()
	if err != nil {
		tb.Fatal(err)
	}
	cfg := hearing.Config{VAD: detector, Interim: e.moonshine, Final: e.moonshine, Sink: ignore}
	if change != nil {
		change(&cfg)
	}
	l, err := hearing.NewListener(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := l.Close(); err != nil {
			tb.Error(err)
		}
		if err := detector.Close(); err != nil {
			tb.Error(err)
		}
	})
	return l
}

// timed is an event and when it was read.
type timed struct {
	hearing.Event
	at time.Duration
}

// listen plays pcm as a track does, in media time, and returns all events and what was counted.
func listen(t *testing.T, pcm []float32) (all []timed, stats hearing.Stats) {
	t.Helper()
	models := loadEngines(t)
	ears := installed.Ears{Voice: models.voice, Fast: models.moonshine, Slow: models.moonshine}
	stats = ears.Hear(t, pcm, func(_ *hearing.Listener, e hearing.Event, at time.Duration) { all = append(all, timed{e, at}) })
	return all, stats
}

// of returns the events of one type.
func of[E hearing.Event](all []timed) []E {
	var some []E
	for _, t := range all {
		if e, ok := t.Event.(E); ok {
			some = append(some, e)
		}
	}
	return some
}

func mustContain(tb testing.TB, text string, words ...string) {
	tb.Helper()
	text = strings.ToLower(text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			tb.Errorf("%q lacks %q", text, w)
		}
	}
}

func TestSpokenQuestionIsHeard(t *testing.T) {
	speech := scripted.Flite(t, "slt", "Please tell me what you can see in the picture.", 1)
	all, _ := listen(t, scripted.Join(scripted.Silence(time.Second), speech, scripted.Silence(1200*time.Millisecond)))

	started, ended := of[hearing.SpeechStarted](all), of[hearing.EndOfTurn](all)
	interims, finals := of[hearing.Interim](all), of[hearing.Final](all)
	if len(started) != 1 || len(ended) != 1 || len(finals) != 1 || len(interims) < 3 {
		t.Fatalf("%d starts, %d ends, %d interims, %d finals", len(started), len(ended), len(interims), len(finals))
	}
	final := finals[0]
	mustContain(t, final.Text, "please tell me", "see in the picture")
	mustContain(t, interims[len(interims)-1].Text, "please tell me")
	for i := 1; i < len(interims); i++ {
		if gap := interims[i].At - interims[i-1].At; gap < 290*time.Millisecond {
			t.Errorf("interims %v apart", gap)
		}
	}
	length := time.Duration(len(speech)) * time.Second / hearing.SampleRate
	near(t, "speech start", final.SpeechStart, time.Second, 150*time.Millisecond)
	near(t, "speech end", final.SpeechEnd, time.Second+length, 150*time.Millisecond)
	if first := interims[0].At - final.SpeechStart; first > 400*time.Millisecond {
		t.Errorf("first interim transcript heard %v of speech", first)
	}
	order := []time.Time{final.Timing.SpeechStart, final.Timing.SpeechEnd, final.Timing.STTBegin, final.Timing.STTEnd}
	for i := 1; i < len(order); i++ {
		if !order[i].After(order[i-1]) {
			t.Errorf("timing out of order: %+v", final.Timing)
		}
	}
}

func near(tb testing.TB, what string, got, want, tolerance time.Duration) {
	tb.Helper()
	if d := got - want; d < -tolerance || d > tolerance {
		tb.Errorf("%s at %v, want %v", what, got, want)
	}
}

func TestPauseThrowsEarlyFinalAway(t *testing.T) {
	all, stats := listen(t, scripted.Join(
		scripted.Silence(500*time.Millisecond),
		scripted.Flite(t, "slt", "I would like to know", 1), scripted.Silence(240*time.Millisecond), // shorter than what ends a turn, however early the transcript is there
		scripted.Flite(t, "slt", "how many circles there are.", 1), scripted.Silence(time.Second),
	))
	finals := of[hearing.Final](all)
	if len(finals) != 1 || len(of[hearing.SpeechResumed](all)) != 1 || len(of[hearing.SpeechStopped](all)) != 2 {
		t.Fatalf("%d finals, %d resumptions, %d stops", len(finals), len(of[hearing.SpeechResumed](all)), len(of[hearing.SpeechStopped](all)))
	}
	mustContain(t, finals[0].Text, "would like to know", "how many circles")
	if got := stats.Discarded; got != 1 {
		t.Errorf("%d early finals thrown away", got)
	}
}

func TestSilenceAndNoiseAreNotSpeech(t *testing.T) {
	all, stats := listen(t, scripted.Join(
		scripted.Silence(500*time.Millisecond), scripted.Noise(time.Second, 0.001, 1),
		scripted.Noise(time.Second, 0.05, 2), scripted.Silence(500*time.Millisecond),
	))
	if len(all) != 0 {
		t.Errorf("%d events", len(all))
	}
	if s := stats; s.Quiet == 0 || s.Quiet == s.Windows {
		t.Errorf("%d of %d windows were quiet", s.Quiet, s.Windows)
	}
}

func TestTrackThatEndsWithinAWordIsFinalised(t *testing.T) {
	speech := scripted.Flite(t, "slt", "There are seven yellow butterflies.", 1)
	all, _ := listen(t, speech[:len(speech)*3/4])
	ended, finals := of[hearing.EndOfTurn](all), of[hearing.Final](all)
	if len(ended) != 1 || ended[0].Reason != hearing.EndOfTrack || len(finals) != 1 {
		t.Fatalf("ends %+v, finals %+v", ended, finals)
	}
	mustContain(t, finals[0].Text, "there are seven")
}
