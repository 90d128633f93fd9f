package engine_test

import (
	"context"
	"errors"
	"image/color"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// splitting is the calibration model with a processor that cuts pictures into up to four squares
// and a whole one.
func splitting(t *testing.T, files fs.FS) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const name = "preprocessor_config.json"
	text := strings.Replace(string(out[name].Data), `"do_image_splitting": false`, `"do_image_splitting": true`, 1)
	text = strings.Replace(text, `"longest_edge": 128`, `"longest_edge": 256`, 1) // the first is size
	out[name] = &fstest.MapFile{Data: []byte(text)}
	return out
}

// agreed loads the calibration model as one that splits pictures, with a wait. It was not trained
// on squares, so that nobody asks it what is in them.
func agreed(t *testing.T, m *engine.Machine, wait time.Duration) (*engine.Models, error) {
	t.Helper()
	load := func(ctx context.Context, c engine.Config) (*engine.Models, error) { return engine.Agree(ctx, m, c) }
	return opened(t, load, func(c *engine.Config) {
		c.Files = splitting(t, c.Files)
		c.Resolution.Base.ID = "splitting"
		c.Resolution.Device = "some processor"
		if wait > 0 {
			c.Resolution.Sight = &model.Sight{WaitMS: wait.Milliseconds()}
		}
	})
}

// TestPicturesCostWhatWasAgreed: what a picture costs is measured when the model is loaded, as many
// squares are made as are agreed, and who shares the model shares that; a wait that not even one
// square keeps is refused, and says what it costs.
func TestPicturesCostWhatWasAgreed(t *testing.T) {
	m := machine(t)
	loaded, err := agreed(t, m, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	sight := loaded.Sight()
	if sight == nil || sight.Measured == nil {
		t.Fatalf("nothing was measured: %+v", sight)
	}
	got := sight.Measured
	if got.Unit != model.Squares || got.Device != "some processor" || got.Provider != model.ProviderCPU || got.At.IsZero() || len(got.Allowed) != 3 ||
		len(got.Costs) == 0 || got.Costs[0].Pieces != 1 || got.Costs[0].EncodeMS < 1 {
		t.Errorf("measured %+v", got)
	}
	if sight.Pieces != 5 || len(got.Costs) != 3 || sight.TookMS != got.Costs[2].Took().Milliseconds() {
		t.Errorf("%d squares were taken; measured %v", sight.Pieces, got)
	}
	if _, tokens, err := loaded.Ask(t.Context(), "what do you see?", plain(color.RGBA{30, 60, 220, 255}), nil, 1); err != nil || tokens < 5*64 {
		t.Errorf("the prompt has %d tokens: %v", tokens, err)
	}
	again, err := agreed(t, m, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if again.Sight() != sight || again.Eyes() != loaded.Eyes() {
		t.Errorf("it was measured again: %+v", again.Sight())
	}
	if err := errors.Join(again.Close(), loaded.Close()); err != nil {
		t.Error(err)
	}
	_, err = agreed(t, m, time.Millisecond)
	var slow *model.SightError
	if !errors.As(err, &slow) || !errors.Is(err, model.ErrSight) || slow.Model != "splitting" || slow.Least.Took() <= time.Millisecond || len(slow.Measured.Costs) != 1 {
		t.Errorf("a wait of a millisecond: %v", err)
	}
}

// TestWithoutAWaitEyesAreMeasuredAllTheSame: pictures are made as the model's own files say, and
// how long one takes says whether the eyes rest.
func TestWithoutAWaitEyesAreMeasuredAllTheSame(t *testing.T) {
	m := machine(t)
	loaded, err := calibrated(t, m, func(*engine.Config) {})
	if err != nil {
		t.Fatal(err)
	}
	takes := loaded.Eyes().Takes()
	if loaded.Sight() != nil || takes <= 0 || loaded.Eyes().Rests() != (takes >= 250*time.Millisecond) {
		t.Errorf("%+v, a picture takes %v", loaded.Sight(), takes)
	}
	again, err := calibrated(t, m, func(*engine.Config) {})
	if err != nil {
		t.Fatal(err)
	}
	if again.Eyes().Takes() != takes {
		t.Errorf("it was measured again: %v, then %v", takes, again.Eyes().Takes())
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if err := loaded.Close(); err != nil {
		t.Error(err)
	}
}

// BenchmarkFullSizeSightCosts measures the folder SENSORY_AGENT_SMOLVLM, a model in SmolVLM-256M's
// shape, at the full size: scripts/bench. Its weights are random, so that it names no colour: once
// its cost is agreed the probe refuses it.
func BenchmarkFullSizeSightCosts(t *testing.B) {
	dir := os.Getenv("SENSORY_AGENT_SMOLVLM")
	if dir == "" {
		t.Fatal("SENSORY_AGENT_SMOLVLM names no folder; scripts/bench writes one")
	}
	fixture.Installed(t)
	m, err := fixture.OpenMachine(t.Context(), func(c *engine.MachineConfig) { c.Logger = slog.New(slog.NewTextHandler(t.Output(), nil)) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, wait := range []time.Duration{100 * time.Millisecond, time.Second, 3 * time.Second, 10 * time.Second, time.Minute} {
		_, err := calibrated(t, m, func(c *engine.Config) {
			c.Files, c.Resolution.Base.ID, c.Resolution.Device = os.DirFS(dir), "full-size", "this machine"
			c.Resolution.Sight = &model.Sight{WaitMS: wait.Milliseconds()}
		})
		var slow *model.SightError
		var blind *engine.NotReadyError
		if !errors.As(err, &slow) && !errors.As(err, &blind) {
			t.Errorf("%v: %v", wait, err)
		}
		t.Logf("a wait of %v: %v", wait, err)
	}
}
