package hearing_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// counting is loudness that counts what it is asked; it is asked by one goroutine, which has ended
// when the test looks.
type counting struct {
	loudness
	windows, resets int
}

func (c *counting) Probability(window []float32) (float32, error) {
	c.windows++
	return c.loudness.Probability(window)
}

func (c *counting) Reset() { c.resets++ }

// TestQuietWindowsNeedNoDetector: outside of an utterance those below Config.QuietRMS are not given
// to it, and after 16 in a row it starts afresh, once; within a turn all are.
func TestQuietWindowsNeedNoDetector(t *testing.T) {
	for _, c := range []struct {
		name           string
		quiet          float32
		act            func(s *scene)
		asked, skipped int
		resets         int
	}{
		{"silence", 0, func(s *scene) { s.hush(3200 * time.Millisecond) }, 0, 100, 1},
		{"silence that is not long", 0, func(s *scene) { s.hush(480 * time.Millisecond) }, 0, 15, 0},
		{"just long enough", 0, func(s *scene) { s.hush(520 * time.Millisecond) }, 0, 17, 1},
		{"silence, and nothing is too quiet", -1, func(s *scene) { s.hush(3200 * time.Millisecond) }, 100, 0, 0},
		{"a faint sound", 0, func(s *scene) { s.write(3200*time.Millisecond, 1.1e-4) }, 100, 0, 0},
		{"a fainter one", 0, func(s *scene) { s.write(3200*time.Millisecond, 0.9e-4) }, 0, 100, 1},
		{"a sound that is called quiet", 0.1, func(s *scene) { s.write(3200*time.Millisecond, 0.09) }, 0, 100, 1},
		{"a turn in silence", 0, func(s *scene) {
			s.hush(640 * time.Millisecond)
			s.say(640 * time.Millisecond)
			s.hush(640 * time.Millisecond) // the first 512 ms are of the utterance
			s.hush(640 * time.Millisecond)
		}, 36, 44, 2},
	} {
		vad := &counting{}
		events, stats := scenario(t, hearing.Config{VAD: vad, QuietRMS: c.quiet, Final: &engine{text: "slow"}}, c.act)
		if c.name != "a turn in silence" {
			for i, e := range events { // a detector may take anything for speech
				if _, ok := e.(hearing.SpeechStarted); ok && c.skipped > 0 {
					t.Errorf("%s: event %d: %+v", c.name, i, e)
				}
			}
		}
		if vad.windows != c.asked && c.skipped > 0 || int(stats.Quiet) != c.skipped || vad.resets != c.resets || stats.Windows != uint64(c.asked+c.skipped) && c.skipped > 0 {
			t.Errorf("%s: asked for %d, reset %d times; %+v", c.name, vad.windows, vad.resets, stats)
		}
	}
}

// TestFailuresOfTheDetectorAreToldSeldom: every second one, and all are counted; their windows are
// silence.
func TestFailuresOfTheDetectorAreToldSeldom(t *testing.T) {
	events, stats := scenario(t, hearing.Config{Final: &engine{text: "slow"}}, func(s *scene) {
		s.write(3200*time.Millisecond, failAt)
	})
	told := 0
	for _, e := range events {
		f, ok := e.(hearing.Failed)
		if !ok || f.Stage != hearing.StageVoice || f.Utterance != 0 || !errors.Is(f.Err, errDetector) {
			t.Fatalf("%+v", e)
		}
		told++
	}
	if told != 4 || stats.Failures != 100 || stats.Windows != 100 {
		t.Errorf("told %d times, %+v", told, stats)
	}
}

// TestMediaTimeThatJumps: what is missing is heard as silence, up to 4 s of it; a little, and time
// that runs backwards, is nothing.
func TestMediaTimeThatJumps(t *testing.T) {
	for _, c := range []struct {
		jump   time.Duration
		filled uint64
	}{
		{60 * time.Millisecond, 0},
		{61 * time.Millisecond, 1}, // and half a window that is heard with what follows
		{320 * time.Millisecond, 10},
		{4 * time.Second, 125},
		{time.Hour, 125},
		{-time.Second, 0},
	} {
		_, stats := scenario(t, hearing.Config{Final: &engine{text: "slow"}}, func(s *scene) {
			s.hush(640 * time.Millisecond)
			s.media += c.jump
			s.hush(640 * time.Millisecond)
		})
		if stats.Filled != c.filled || stats.Windows < 40+c.filled-1 || stats.Windows > 41+c.filled {
			t.Errorf("%v: %+v", c.jump, stats)
		}
	}
}

// TestTurnsKeepTheirTimes across a gap: what comes behind it has the media time that it was written
// with.
func TestTurnsKeepTheirTimes(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Final: &engine{text: "slow"}}, func(s *scene) {
		s.media = 10 * time.Second // where the stream happens to begin
		s.hush(640 * time.Millisecond)
		s.media += time.Hour
		s.hush(320 * time.Millisecond)
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	start := time.Hour + 10*time.Second + 960*time.Millisecond
	for _, e := range events {
		switch e := e.(type) {
		case hearing.SpeechStarted:
			if d := e.At - start; d < -WindowTolerance || d > WindowTolerance {
				t.Errorf("started at %v, want about %v", e.At, start)
			}
		case hearing.Final:
			if d := e.SpeechEnd - e.SpeechStart - 640*time.Millisecond; d < -WindowTolerance || d > WindowTolerance {
				t.Errorf("from %v to %v", e.SpeechStart, e.SpeechEnd)
			}
			return
		}
	}
	t.Fatal(lines(events))
}

// WindowTolerance is how far a time may lie beside a sound that does not begin with a window.
const WindowTolerance = hearing.WindowLength

// TestWhatTheTranscribersGet: the sound of the utterance with Config.Prefix before it, as far as
// there is any, and nothing of the utterance before.
func TestWhatTheTranscribersGet(t *testing.T) {
	for _, c := range []struct {
		name          string
		prefix        time.Duration
		before, after time.Duration // silence before the utterance, and between the two
		want          [2]time.Duration
	}{
		{"all of the prefix", 0, 960 * time.Millisecond, 1920 * time.Millisecond, [2]time.Duration{500, 500}},
		{"a short one", 100 * time.Millisecond, 960 * time.Millisecond, 1920 * time.Millisecond, [2]time.Duration{100, 100}},
		{"a stream that has just begun", 0, 96 * time.Millisecond, 1920 * time.Millisecond, [2]time.Duration{96, 500}},
		{"a turn soon after another", 2 * time.Second, 960 * time.Millisecond, 960 * time.Millisecond, [2]time.Duration{960, 736}},
	} {
		final := &answers{calls: []answer{text(10*time.Millisecond, "ok then")}}
		events, _ := scenario(t, hearing.Config{Final: final, Sound: wanted, Prefix: c.prefix}, func(s *scene) {
			s.hush(c.before)
			s.say(640 * time.Millisecond)
			s.hush(c.after)
			s.say(640 * time.Millisecond)
			s.hush(time.Second)
		})
		n := 0
		for _, e := range events {
			f, ok := e.(hearing.Final)
			if !ok {
				continue
			}
			silent := 0
			for silent < len(f.PCM) && f.PCM[silent] == 0 {
				silent++
			}
			got := time.Duration(silent) * time.Second / hearing.SampleRate
			if d := got - c.want[n]*time.Millisecond; d < -20*time.Millisecond || d > 20*time.Millisecond {
				t.Errorf("%s, turn %d: %v before the speech, want %v ms", c.name, f.Utterance, got, int(c.want[n]))
			}
			if d := f.Timing.Audio - time.Duration(len(f.PCM))*time.Second/hearing.SampleRate; d != 0 {
				t.Errorf("%s: the engine took %v of %d samples", c.name, f.Timing.Audio, len(f.PCM))
			}
			n++
		}
		if n != 2 {
			t.Fatalf("%s: %s", c.name, lines(events))
		}
	}
}
