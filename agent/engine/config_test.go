package engine_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/tts"
)

func TestTheVoiceIsThatOfTheResolution(t *testing.T) {
	for want, part := range map[string]model.Part{
		"piper:en_US-joe-medium": {ID: "piper-en_US-joe-medium", Family: "piper", Files: []string{"en_US-joe-medium.onnx", "en_US-joe-medium.onnx.json"}},
		"piper:mine":             {ID: "my-voice", Family: "piper", Files: []string{"mine.onnx", "mine.onnx.json"}},
		"kokoro:af_bella":        {ID: "kokoro-82m", Family: "kokoro"},
		"kokoro:bm_mine":         {ID: "kokoro-bm_mine", Family: "kokoro", Files: []string{"bm_mine.bin"}},
	} {
		cfg := config(t)
		cfg.Resolution.Voice = part
		if err := cfg.Validate(); err != nil || cfg.Voice.String() != want || cfg.Voice.Model != part.ID {
			t.Errorf("%+v: %+v, %v, want %q", part, cfg.Voice, err, want)
		}
	}
	for _, part := range []model.Part{{}, {ID: "whisper-base.en", Family: "whisper"}, {ID: "piper-x", Family: "kokoro"}, {ID: "mine", Family: "piper"}} {
		cfg := config(t)
		cfg.Resolution.Voice = part
		var wrong *engine.PartError
		if err := cfg.Validate(); !errors.As(err, &wrong) || wrong.Part.ID != part.ID || wrong.Role != model.RoleVoice || !errors.Is(err, engine.ErrConfig) {
			t.Errorf("%+v: %v", part, err)
		}
	}
}

func TestPartsThatCannotPlayTheirRoleAreNamed(t *testing.T) {
	for role, spoil := range map[model.Role]func(*model.Resolution) *model.Part{
		model.RoleDetector: func(r *model.Resolution) *model.Part { return &r.Detector },
		model.RoleInterim:  func(r *model.Resolution) *model.Part { return &r.Interim },
		model.RoleEar:      func(r *model.Resolution) *model.Part { return &r.Ear },
	} {
		for _, part := range []model.Part{{}, {ID: "smart-turn-v3", Family: "smart-turn"}} {
			cfg := config(t)
			*spoil(&cfg.Resolution) = part
			var wrong *engine.PartError
			if err := cfg.Validate(); !errors.As(err, &wrong) || wrong.Role != role || wrong.Part.ID != part.ID {
				t.Errorf("%q as %s: %v", part.ID, role, err)
			}
		}
	}
}

func config(t *testing.T) engine.Config {
	t.Helper()
	cfg, free, err := fixture.Config(func(c *engine.Config) {
		if err := fixture.Calibration(c); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(free)
	return cfg
}

func TestDefaultsOfAnAnswer(t *testing.T) {
	here := config(t)
	far := config(t)
	far.Files, far.Remote = nil, fixture.Behind("http://127.0.0.1:9")
	given := config(t)
	given.AnswerTokens, given.Voice = 7, tts.Choice{Engine: "espeak"}
	for _, c := range []struct {
		cfg    engine.Config
		tokens int
		voice  string
	}{{here, 96, "piper:en_US-joe-medium"}, {far, 512, "piper:en_US-joe-medium"}, {given, 7, "espeak"}} {
		if err := c.cfg.Validate(); err != nil || c.cfg.AnswerTokens != c.tokens || c.cfg.Voice.String() != c.voice {
			t.Errorf("%d tokens, %q, %v; want %d, %q", c.cfg.AnswerTokens, c.cfg.Voice, err, c.tokens, c.voice)
		}
	}
}

func TestBudgetsFollowFromTheHostAndItsProviders(t *testing.T) {
	far := fixture.Behind("http://127.0.0.1:9")
	far.Server.Concurrency = 3
	host := model.Host{Cores: 2, MemoryBytes: 1 << 33, GPUs: []model.GPU{{MemoryBytes: 1 << 30}, {MemoryBytes: 3 << 30}}}
	cfg := engine.MachineConfig{Host: host, Places: (&engine.Config{Remote: far}).Places()}
	budgets, err := cfg.Derived()
	if err != nil {
		t.Fatal(err)
	}
	found := map[compute.Pool]compute.Budget{}
	for _, b := range budgets {
		found[b.Pool] = b
	}
	if b := found[compute.Pool{Silicon: compute.SiliconCloud, Provider: fixture.Provider}]; b.Slots != 3 || b.Units != 3 {
		t.Errorf("the provider has %+v", b)
	}
	if _, ok := found[compute.Pool{Silicon: compute.SiliconGPU}]; !ok {
		t.Errorf("no GPU among %+v", budgets)
	}
	if (&engine.Config{}).Places() != nil {
		t.Error("a model in this process has places at a provider")
	}
	for name, c := range map[string]struct {
		host        model.Host
		ram, device int64
	}{
		"a card":         {host, 1 << 33, 3 << 30},
		"no card":        {model.Host{MemoryBytes: 5}, 5, 0},
		"unified memory": {model.Host{MemoryBytes: 7, GPUs: []model.GPU{{MemoryBytes: 6, Unified: true}}}, 7, 7},
		"both of a kind": {model.Host{MemoryBytes: 7, GPUs: []model.GPU{{MemoryBytes: 6, Unified: true}, {MemoryBytes: 2}}}, 7, 7},
	} {
		if got := engine.PoolBounds(c.host); got.HostBytes != c.ram || got.DeviceBytes != c.device {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
