package smoke_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// TestFaultsOfTheHarnessAreItsOwn: what this machine cannot do is never laid on the product.
func TestFaultsOfTheHarnessAreItsOwn(t *testing.T) {
	silent := t.TempDir()
	if err := os.Mkdir(filepath.Join(silent, "silence.wav"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*testing.T, *smoke.Config)
		says   string
		calls  []string // that were made before
	}{
		{"no room for recordings", func(t *testing.T, _ *smoke.Config) { t.Setenv("TMPDIR", "/dev/null/x") }, "/dev/null/x", nil},
		{"no server", func(t *testing.T, c *smoke.Config) {
			t.Setenv("SENSORY_AGENT_LIVEKIT_SERVER", "/nonexistent")
			c.URL = ""
		}, "/nonexistent", []string{"models"}},
		{"silence cannot be written", func(_ *testing.T, c *smoke.Config) {
			c.Artifacts, c.Withhold = silent, smoke.WithholdSpeech
		}, "silence.wav", []string{"join", "models"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			record, calls := pretend(t, good(t, 11), func(cfg *smoke.Config) { c.change(t, cfg) })
			refused(t, record, calls, c.says, c.calls)
		})
	}
	for at, calls := range map[string][]string{
		"a persona joins": {"models"}, "a human shows": {"join", "models"}, "control": {"bot", "join", "models"},
	} {
		t.Run("interrupted when "+at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			record, made := pretendIn(ctx, t, good(t, 11), func(c *smoke.Config) {
				c.Progress = func(text string) {
					if strings.HasPrefix(text, at) {
						cancel()
					}
				}
			})
			refused(t, record, made, "context canceled", calls)
		})
	}
}

func refused(t *testing.T, record smoke.Record, made map[string][]call, says string, want []string) {
	t.Helper()
	var calls []string
	for name := range made {
		calls = append(calls, name)
	}
	slices.Sort(calls)
	if record.Bucket != smoke.HarnessError || record.Passed || !strings.Contains(record.Reason, says) || !slices.Equal(calls, want) {
		t.Errorf("%q: %s after %v, want a fault of the harness with %q after %v", record.Bucket, record.Reason, calls, says, want)
	}
}

// TestNothingIsLeftBehind where nobody asked for recordings, and no voice is named that nobody
// chose.
func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	record, calls := pretend(t, good(t, 11), func(c *smoke.Config) { c.Voice = "" })
	after, err := os.ReadDir(dir)
	left := slices.DeleteFunc(after, func(e os.DirEntry) bool { return !strings.HasPrefix(e.Name(), "smoke-") })
	if err != nil || len(left) != 0 || len(before) != 0 || !record.Passed {
		t.Errorf("%v, left %v, %v", record.Reason, left, err)
	}
	if args := calls["join"][0].Args; slices.Contains(args, "--voice") {
		t.Errorf("a voice was chosen: %v", args)
	}
}

// TestVoicesThatAreOnlyAudible count as well: some servers report the one, some the other.
func TestVoicesThatAreOnlyAudible(t *testing.T) {
	s := good(t, 11)
	s.Human = slices.DeleteFunc(s.Human, func(l string) bool {
		return strings.Contains(l, `"voice"`) && strings.Contains(l, "persona")
	})
	if record, _ := pretend(t, s, nil); !record.Passed || record.FirstAudioMS != 3000 {
		t.Errorf("%s, first audio after %v ms", record.Reason, record.FirstAudioMS)
	}
}

// TestQuestionsThatCannotBeGuessed are the only ones, of more than one kind where any will do.
func TestQuestionsThatCannotBeGuessed(t *testing.T) {
	kinds := map[scene.QuestionKind]int{}
	for seed := range uint64(60) {
		s, ask, err := smoke.Stimulus(seed, false)
		if err != nil {
			t.Fatal(err)
		}
		kinds[ask.Kind]++
		if !slices.ContainsFunc(s.ReliableQA(), func(qa scene.QA) bool { return qa.Question == ask.Question && qa.Answer == ask.Answer }) {
			t.Errorf("seed %d: %q is not known to be answered", seed, ask.Question)
		}
		if s.Seed < scene.LiveSeed || s.Seed >= scene.LiveSeed+1_000_000_000 {
			t.Errorf("seed %d draws scene %d, which is not for live runs", seed, s.Seed)
		}
		if _, ask, err = smoke.Stimulus(seed, true); err != nil || ask.Kind != scene.AskDescribe {
			t.Errorf("seed %d: asked to describe, it asks %q, %v", seed, ask.Question, err)
		}
	}
	for kind := range kinds {
		if !slices.Contains([]scene.QuestionKind{
			scene.AskDescribe, scene.AskAt, scene.AskColour, scene.AskQuadrant, scene.AskPlain, scene.AskBackground,
		}, kind) {
			t.Errorf("%v can be guessed", kind)
		}
	}
	if len(kinds) < 3 {
		t.Errorf("only %v", kinds)
	}
	seen := map[uint64]bool{}
	for range 20 {
		seed := smoke.RandomSeed()
		if seed < scene.LiveSeed || seed >= scene.LiveSeed+1_000_000_000 {
			t.Errorf("random seed %d is not for live runs", seed)
		}
		seen[seed] = true
	}
	if len(seen) < 19 {
		t.Errorf("%d seeds in 20 draws", len(seen))
	}
}
