package engine_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/tts"
)

// calibrated are the embedded models with the calibration model, and as change says.
func calibrated(t testing.TB, machine *engine.Machine, change func(*engine.Config)) (*engine.Models, error) {
	t.Helper()
	return opened(t, machine.Open, change)
}

// opened opens the calibration model by a way of opening models.
func opened(t testing.TB, open func(context.Context, engine.Config) (*engine.Models, error), change func(*engine.Config)) (*engine.Models, error) {
	t.Helper()
	var failed error
	cfg, free, err := fixture.Config(func(c *engine.Config) { failed = fixture.Calibration(c) })
	if err = errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	defer free()
	change(&cfg)
	return open(t.Context(), cfg)
}

// machine is one with a place for the scripted server, closed with the test.
func machine(t *testing.T) *engine.Machine {
	t.Helper()
	fixture.Installed(t)
	m, err := fixture.OpenMachine(t.Context(), func(c *engine.MachineConfig) { c.Places = map[string]int64{fixture.Provider: 1} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func plain(c color.RGBA) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, 256, 256))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return picture
}

// TestModelsLiveSideBySide opens two personas that differ in their voice alone, and a third behind
// a server: what is the same is loaded once, what one of them cannot have is an error of that one.
func TestModelsLiveSideBySide(t *testing.T) {
	m := machine(t)
	one, err := calibrated(t, m, func(*engine.Config) {})
	if err != nil {
		t.Fatal(err)
	}
	alone := m.Pool()
	var parts []string
	two, err := calibrated(t, m, func(c *engine.Config) { c.Voice = tts.Choice{Engine: "espeak"} })
	if err != nil {
		t.Fatal(err)
	}
	if both := m.Pool(); both.Loads != alone.Loads || len(both.Models) != len(alone.Models) {
		t.Errorf("a second voice made %d loads of %d: %+v", both.Loads, alone.Loads, both.Models)
	}
	if one.Voice(engine.Holder{}).Name() == two.Voice(engine.Holder{}).Name() {
		t.Errorf("both speak with %s", two.Voice(engine.Holder{}).Name())
	}
	if _, err := calibrated(t, m, func(c *engine.Config) { c.Voice = tts.Choice{Engine: "piper", Model: "piper-nobody", Name: "nobody"} }); err == nil || !strings.Contains(err.Error(), "load voice: ") {
		t.Errorf("a voice that is not installed: %v", err)
	}
	if _, err := calibrated(t, m, func(c *engine.Config) { c.Resolution.Ear.ID = "whisper-none" }); err == nil || !strings.Contains(err.Error(), "load final transcripts: ") {
		t.Errorf("an ear that is not installed: %v", err)
	}
	server := fixture.NewScripted(t)
	server.Answer = func(w http.ResponseWriter, _ *http.Request, _ fixture.Asked) { fixture.Stream(w, "From afar.") }
	far, err := calibrated(t, m, func(c *engine.Config) {
		c.Resolution.Base.ID, c.Files, c.Remote = "far", nil, fixture.Behind(server.URL)
		c.Loaded = nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range m.Pool().Models {
		parts = append(parts, s.Name)
		if s.State != ort.StateHeld {
			t.Errorf("%s is %s while two hold it", s.Name, s.State)
		}
	}
	said, err := far.Answer(t.Context(), prompt.Request{Messages: engine.Asked("Who is there?", nil, nil), MaxTokens: 8}, nil, nil)
	if err != nil || said.Text != "From afar." {
		t.Errorf("the one behind a server: %q, %v", said.Text, err)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	text, _, err := two.Ask(t.Context(), "what do you see?", plain(color.RGBA{30, 60, 220, 255}), nil, 48)
	if err != nil || !strings.Contains(text, "blue") {
		t.Errorf("with the first one closed the second says %q, %v", text, err)
	}
	if err := errors.Join(two.Close(), two.Close(), far.Close()); err != nil {
		t.Error(err)
	}
	for _, s := range m.Pool().Models {
		if s.State == ort.StateHeld {
			t.Errorf("%s is held by nobody", s.Name)
		}
	}
	if !slices.ContainsFunc(parts, func(s string) bool { return strings.Contains(s, "vision_encoder") }) {
		t.Errorf("loaded %q", parts)
	}
}

// TestWhatIsLoadedIsReported: every part once, and the probe only by who was the first.
func TestWhatIsLoadedIsReported(t *testing.T) {
	m := machine(t)
	said := make(chan string, 32)
	for range 2 {
		got, err := calibrated(t, m, func(c *engine.Config) { c.Loaded = func(part string, _ time.Duration) { said <- part } })
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := got.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	close(said)
	var all []string
	for s := range said {
		all = append(all, s)
	}
	slices.Sort(all)
	want := []string{
		"final transcripts", "final transcripts", "interim transcripts", "interim transcripts", "probe", "probe", "replies", "vision",
		"voice", "voice", "voice activity", "voice activity",
	}
	if !slices.Equal(all, want) {
		t.Errorf("reported %q", all)
	}
}

func TestMachineSaysWhatItLacks(t *testing.T) {
	m := machine(t)
	for name, c := range map[string]struct {
		change func(*engine.Config)
		want   error
		says   string
	}{
		"another library": {func(c *engine.Config) {
			c.Resolution.ExecutionProvider, c.Resolution.Library.ID = model.ProviderCUDA, "runtime-cuda"
		}, engine.ErrLibrary, "runtime-cuda"},
		"another provider": {func(c *engine.Config) {
			c.Files, c.Remote = nil, fixture.Behind("http://127.0.0.1:9")
			c.Remote.Server.Provider = "elsewhere"
		}, engine.ErrProvider, "elsewhere"},
		"no voice":        {func(c *engine.Config) { c.Resolution.Voice = model.Part{} }, engine.ErrConfig, "nobody plays the role \"voice\""},
		"no detector":     {func(c *engine.Config) { c.Resolution.Detector = model.Part{} }, engine.ErrConfig, "nobody plays the role \"voice activity\""},
		"no language":     {func(c *engine.Config) { c.Files = nil }, engine.ErrConfig, "Remote"},
		"two languages":   {func(c *engine.Config) { c.Remote = fixture.Behind("http://127.0.0.1:9") }, engine.ErrConfig, "Remote"},
		"negative tokens": {func(c *engine.Config) { c.AnswerTokens = -1 }, engine.ErrConfig, "-1"},
	} {
		if _, err := calibrated(t, m, c.change); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(m.Pool().Models); n != 0 {
		t.Errorf("%d models were loaded all the same", n)
	}
	if _, err := engine.OpenMachine(engine.MachineConfig{}); !errors.Is(err, engine.ErrConfig) {
		t.Errorf("a machine without a library: %v", err)
	}
}

// TestMachineIsClosedAfterItsModels: what is still open is an error that counts it, and nothing new
// is opened.
func TestMachineIsClosedAfterItsModels(t *testing.T) {
	fixture.Installed(t)
	m, err := fixture.OpenMachine(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := calibrated(t, m, func(c *engine.Config) { c.Voice = tts.Choice{Engine: "espeak"} })
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); !errors.Is(err, engine.ErrInUse) || !errors.Is(m.Close(), engine.ErrInUse) {
		t.Errorf("closed with models open: %v", err)
	}
	if _, err := calibrated(t, m, func(c *engine.Config) { c.Voice = tts.Choice{Engine: "espeak"} }); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("opened after the end: %v", err)
	}
	if err := got.Close(); err != nil {
		t.Error(err)
	}
}

// TestPanicsOfModelsAreErrors: in the model of an answer and in an ear.
func TestPanicsOfModelsAreErrors(t *testing.T) {
	_, models := shared.Open(t)
	restore := models.PanicInMind("out of thoughts")
	_, err := models.Answer(t.Context(), prompt.Request{Messages: engine.Asked("Where?", nil, nil), MaxTokens: 8}, nil, nil)
	var p *fence.PanicError
	if !errors.As(err, &p) || p.Value != "out of thoughts" || !strings.Contains(string(p.Stack), "generate") {
		t.Errorf("the answer ended with %v", err)
	}
	restore()
	if err := engine.PanicInEar(t.Context()); !errors.As(err, &p) || p.Value != "deaf" {
		t.Errorf("in an ear: %v", err)
	}
}

// TestWhoWaitsForAModelHoldsNothing: two personas speak with one voice. The second waits for it
// without units, and has it when the first is done.
func TestWhoWaitsForAModelHoldsNothing(t *testing.T) {
	m, models := shared.Open(t)
	speaking, finish := make(chan struct{}), make(chan struct{})
	said := make(chan error, 2)
	speak := func(persona string, emit func([]float32) error) {
		voice := models.Voice(engine.Holder{Room: "lab", Persona: persona})
		said <- voice.Synthesize(t.Context(), "Good morning.", emit)
	}
	begin := sync.OnceFunc(func() { close(speaking) })
	go speak("iris", func([]float32) error {
		begin()
		<-finish
		return nil
	})
	<-speaking
	go speak("max", func([]float32) error { return nil })
	for limit := time.Now().Add(time.Minute); len(m.Compute().Waiting) == 0; <-time.After(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("nobody waits: %+v", m.Compute())
		}
	}
	now := m.Compute()
	if len(now.Leases) != 1 || now.Leases[0].Holder != "lab/iris" {
		t.Errorf("leases while the second waits: %+v", now.Leases)
	}
	for _, p := range now.Pools {
		if p.Silicon == compute.SiliconCPU && p.UsedUnits != now.Leases[0].Cost.Units {
			t.Errorf("%d units are used, the one who speaks has %d", p.UsedUnits, now.Leases[0].Cost.Units)
		}
	}
	close(finish)
	if err := errors.Join(<-said, <-said); err != nil {
		t.Error(err)
	}
	if now := m.Compute(); len(now.Leases)+len(now.Waiting) != 0 {
		t.Errorf("afterwards: %+v, %+v", now.Leases, now.Waiting)
	}
}
