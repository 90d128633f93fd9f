package hearing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/tts"
)

// Environment of the tests that measure.
const (
	measureEnv = "SENSORY_AGENT_FIGURES" // set: measure; a path: and append a take of every clip to this file
	replayEnv  = "SENSORY_AGENT_REPLAY"  // a path: nothing is heard, the takes of this file are judged
	soundsEnv  = "SENSORY_AGENT_SOUNDS"  // a folder of WAV files without speech, scripts/bench-nonspeech fetches some
	namesEnv   = "SENSORY_AGENT_NAMES"   // names, with commas between them, that the ears are told
)

// take is a clip and all that the ears made of it: what rules are judged by without hearing it
// again.
type take struct {
	Set     int
	Kind    string        // what it is, one word
	Name    string        // which one of them
	Length  time.Duration // of the clip
	Begins  time.Duration // where speech begins in it
	Tells   time.Duration // where the word ends that tells an interruption
	Moments []moment
	Voice   []int // probability of each window, in hundredths
}

// moment is an event, or a transcript that an engine made: "fast" and "slow", at the time it began.
type moment struct {
	At    time.Duration // media time
	What  string
	Event json.RawMessage
}

// transcribed is a transcript of an engine and the length of its clip.
type transcribed struct {
	Audio time.Duration
	hearing.Transcript
}

// studio makes takes.
type studio struct {
	t      *testing.T
	rt     *ort.Runtime
	file   *os.File
	ears   installed.Ears
	replay []take

	mu   sync.Mutex
	take *take // that is being made
}

// openStudio skips the test unless it is asked for.
func openStudio(t *testing.T) *studio {
	t.Helper()
	if path := os.Getenv(replayEnv); path != "" {
		return &studio{t: t, replay: readTakes(t, path)}
	}
	path := os.Getenv(measureEnv)
	if path == "" {
		t.Skip(measureEnv + " is not set: this takes minutes")
	}
	rt := installed.Runtime(t)
	s := &studio{t: t, rt: rt, ears: installed.OpenEars(t, rt)}
	s.ears.Fast, s.ears.Slow = noted{s.ears.Fast, s, "fast"}, noted{s.ears.Slow, s, "slow"}
	if names := os.Getenv(namesEnv); names != "" {
		s.ears.Names = strings.Split(names, ",")
	}
	s.ears.Judged = func(p float32) { s.take.Voice = append(s.take.Voice, int(100*p+0.5)) }
	if strings.Contains(path, "/") {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
		s.file = f
	}
	return s
}

// again returns the takes of the set and of some kinds that were recorded, none where clips are
// heard.
func (s *studio) again(is func(kind string) bool) (takes []take) {
	for _, k := range s.replay {
		if k.Set == scripted.Set() && is(k.Kind) {
			takes = append(takes, k)
		}
	}
	return takes
}

// hear plays a clip. alert says that somebody speaks over an answer: the ears are quick all the
// time, also behind where a rule stops it.
func (s *studio) hear(k take, pcm []float32, alert bool) take {
	s.t.Helper()
	k.Set, k.Length = scripted.Set(), time.Duration(len(pcm))*time.Second/hearing.SampleRate
	s.take = &k
	s.ears.Hear(s.t, pcm, func(l *hearing.Listener, event hearing.Event, at time.Duration) {
		l.Alert(alert)
		s.note(at, strings.TrimPrefix(fmt.Sprintf("%T", event), "hearing."), event)
	})
	if s.file != nil {
		if err := json.NewEncoder(s.file).Encode(k); err != nil {
			s.t.Fatal(err)
		}
	}
	return k
}

func (s *studio) note(at time.Duration, what string, event any) {
	data, err := json.Marshal(event)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take.Moments = append(s.take.Moments, moment{at, what, data})
}

// noted is an engine all of whose transcripts are noted.
type noted struct {
	hearing.Transcriber
	studio *studio
	what   string
}

// Transcribe implements hearing.Transcriber.
func (n noted) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	return n.TranscribeHinted(ctx, pcm, nil)
}

// TranscribeHinted implements hearing.Hinted.
func (n noted) TranscribeHinted(ctx context.Context, pcm []float32, names []string) (hearing.Transcript, error) {
	at := time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) // when time begins where it is not real
	text, err := hearing.Transcribe(ctx, n.Transcriber, pcm, names)
	n.studio.note(at, n.what, transcribed{time.Duration(len(pcm)) * time.Second / hearing.SampleRate, text})
	return text, err
}

// readTakes reads what earlier measurements appended to a file.
func readTakes(t *testing.T, path string) (takes []take) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := json.NewDecoder(f); ; {
		var k take
		if err := lines.Decode(&k); errors.Is(err, io.EOF) {
			return takes
		} else if err != nil {
			t.Fatal(err)
		}
		takes = append(takes, k)
	}
}

// as returns what a moment holds.
func as[T any](t *testing.T, m moment) (event T) {
	t.Helper()
	if err := json.Unmarshal(m.Event, &event); err != nil {
		t.Fatal(err)
	}
	return event
}

// verdicts returns what the rules say of each utterance of a take.
func (k take) verdicts(t *testing.T) (turns []verdict) {
	t.Helper()
	for _, m := range k.Moments {
		var v verdict
		switch m.What {
		case "Final":
			v.Evidence = as[hearing.Final](t, m).Evidence
		case "Dismissed":
			v.Evidence = as[hearing.Dismissed](t, m).Evidence
		default:
			continue
		}
		v.why = v.Doubt()
		turns = append(turns, v)
	}
	return turns
}

// verdict is what is known of an utterance, and why it is dismissed.
type verdict struct {
	hearing.Evidence
	why hearing.Doubt
}

// cast returns the speakers of the set.
func (s *studio) cast() []scripted.Speaker {
	s.t.Helper()
	speakers := scripted.Cast()
	if scripted.Set() < 2 {
		piper := scripted.OpenPiper(s.t, s.rt, testmodels.Path(s.t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx"))
		return append(speakers, scripted.Speaker{Name: "piper", Say: piper.Speak})
	}
	for _, name := range []string{"af_bella", "am_michael", "bf_emma"} {
		testmodels.Path(s.t, "kokoro-82m", "voices/"+name+".bin")
		voice, err := tts.Open(s.t.Context(), s.rt, "kokoro:"+name, tts.FilesIn(testmodels.Dir()))
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() {
			if err := voice.Close(); err != nil {
				s.t.Error(err)
			}
		})
		speakers = append(speakers, scripted.Speaker{Name: name, Say: func(tb testing.TB, text string) []float32 {
			tb.Helper()
			var pcm []float32
			err := voice.Synthesize(tb.Context(), text, func(p []float32) error {
				pcm = append(pcm, p...)
				return nil
			})
			if err != nil {
				tb.Fatal(err)
			}
			return scripted.Trim(scripted.To16k(tb, pcm, voice.SampleRate()))
		}})
	}
	return speakers
}
