package agent_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// speech says text with flite's clearest voice, at 48 kHz.
func speech(t *testing.T, text string) []float32 {
	t.Helper()
	path := filepath.Join(t.TempDir(), "speech.wav")
	if out, err := exec.CommandContext(t.Context(), "flite", "-voice", "slt", "-t", text, "-o", path).CombinedOutput(); err != nil {
		t.Fatalf("flite: %v: %s (install it with: apt-get install flite)", err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wav, err := media.ReadWAV(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r, err := media.NewResampler(wav.Rate, 48000)
	if err != nil {
		t.Fatal(err)
	}
	return r.Flush(r.Process(nil, wav.Samples))
}

func openEngine(t testing.TB) *agent.Engine {
	t.Helper()
	base, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	testmodels.Runtime(t)
	testmodels.Path(t, "whisper-base.en", "encoder_model.onnx")
	e, err := agent.OpenEngine(t.Context(), agent.EngineConfig{
		Base: base,
		Path: func(id, file string) (string, error) { return testmodels.Path(t, id, file), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// watch collects a session's events.
type watch struct {
	mu     sync.Mutex
	events []agent.Event
	turns  chan agent.Trace
}

func newWatch() *watch { return &watch{turns: make(chan agent.Trace, 16)} }

func (w *watch) observe(e agent.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
	if done, ok := e.(agent.TurnDone); ok {
		w.turns <- done.Trace
	}
}

func (w *watch) turn(t *testing.T) agent.Trace {
	t.Helper()
	select {
	case trace := <-w.turns:
		return trace
	case <-time.After(30 * time.Second):
		w.mu.Lock()
		defer w.mu.Unlock()
		t.Fatalf("no turn within 30 s; events: %+v", w.events)
		return agent.Trace{}
	}
}

func TestPersonaHearsSeesAndAnswersAloud(t *testing.T) {
	engine := openEngine(t)
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	w := newWatch()
	session, err := agent.Join(t.Context(), engine, agent.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "r", Identity: "iris", Observe: w.observe,
	})
	if err != nil {
		t.Fatal(err)
	}
	human, err := participant.Join(t.Context(), participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "r", Identity: "ada",
	})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := scene.Draw(4, scene.Options{Kind: scene.KindQuadrants})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := human.OpenCamera(t.Context(), participant.CameraConfig{}, picture.Image); err != nil {
		t.Fatal(err)
	}
	if _, _, err := human.Say(t.Context(), speech(t, "what do you see?")); err != nil {
		t.Fatal(err)
	}
	trace := w.turn(t)
	if trace.Err != nil {
		t.Fatalf("turn failed: %v", trace.Err)
	}
	if got := strings.ToLower(trace.Question); !strings.Contains(got, "what do you see") {
		t.Errorf("heard %q", trace.Question)
	}
	for _, panel := range picture.Panels {
		if !strings.Contains(trace.Answer, panel.Colour) {
			t.Errorf("answer %q does not name %s (%s)", trace.Answer, panel.Colour, panel.Position)
		}
	}
	t.Logf("answer %q after %v, overhead %v, %+v", trace.Answer, trace.Latency(), trace.Overhead(), trace.Waterfall())
	checkRecording(t, human, trace)
	if err := errors.Join(human.Close(), session.Close()); err != nil {
		t.Error(err)
	}
}

// checkRecording transcribes what the human heard with the persona's own ear: the audio must carry the words of the answer.
func checkRecording(t *testing.T, human *participant.Participant, trace agent.Trace) {
	t.Helper()
	var final string
	limit := time.After(10 * time.Second)
	for final == "" {
		select {
		case e := <-human.Events():
			if tr, ok := e.(participant.Transcript); ok && tr.Final && tr.From == "iris" {
				final = tr.Text
			}
		case <-limit:
			t.Fatal("no transcript of the persona")
		}
	}
	if final != trace.Answer {
		t.Errorf("transcript %q, answer %q", final, trace.Answer)
	}
	heard := human.Recordings()
	if len(heard) != 1 || heard[0].Identity != "iris" {
		t.Fatalf("recordings: %v", heard)
	}
	if level := media.DBFS(heard[0].PCM); level < -45 {
		t.Errorf("recorded level %.1f dBFS: no speech", level)
	}
	if d := time.Duration(len(heard[0].PCM)) * time.Second / 48000; d < time.Second {
		t.Errorf("recorded %v only", d)
	}
}

func TestJoiningNowhereSaysSo(t *testing.T) {
	if _, err := agent.Join(context.Background(), nil, agent.Config{}); !errors.Is(err, agent.ErrConfig) {
		t.Fatalf("got %v, want ErrConfig", err)
	}
}
