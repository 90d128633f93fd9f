package smoke_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/smoke"
)

func TestARunThatPasses(t *testing.T) {
	record, calls := pretend(t, good(t, 11), nil)
	if !record.Passed || record.Bucket != smoke.Passed || record.Model != "tiny" || record.Profile != "embedded" || record.Codec != "vp9" || record.Seed != 11 {
		t.Fatalf("%+v", record)
	}
	if record.FirstAudioMS != 2000 || record.CompleteMS != 4000 || record.SpeechMS != 1000 || record.Heard != "what is there" || record.Transcript != record.Expected || len(record.Facts) < 2 {
		t.Errorf("%+v", record)
	}
	if record.Control == nil || record.Control.Transcript != "I see nothing." || len(record.Control.Facts) != 0 || record.Artifacts != "" || record.Question == "" || record.Kind == "" {
		t.Errorf("%+v", record)
	}
	if len(calls["models"]) != 1 || len(calls["join"]) != 1 || len(calls["bot"]) != 1 || len(calls["control"]) != 1 {
		t.Fatalf("%v", calls)
	}
	for name, want := range map[string]string{
		"models": "models resolve --json --profile embedded --models-dir /models",
		"join":   "--identity persona-under-test --profile embedded --models-dir /models --listen  --store  --voice espeak",
		"bot":    "--agent persona-under-test --record ", "control": "--identity control --agent persona-under-test",
	} {
		if got := strings.Join(calls[name][0].Args, " "); !strings.Contains(got, want) {
			t.Errorf("%s was called with %q, want %q in it", name, got, want)
		}
	}
	seen := strings.Join(calls["bot"][0].Args, " ")
	if !strings.Contains(seen, " --scene ") || !strings.Contains(seen, " --codec vp9") || !strings.Contains(seen, " --wait 1m0s") || !strings.Contains(seen, "--say "+record.Question) {
		t.Errorf("the human was called with %q", seen)
	}
	if blind := strings.Join(calls["control"][0].Args, " "); strings.Contains(blind, "--scene") {
		t.Errorf("the control shows a picture: %q", blind)
	}
}

// TestNoSecretIsOnACommandLine: children get the token that they need in their environment, and no
// other credential at all.
func TestNoSecretIsOnACommandLine(t *testing.T) {
	_, calls := pretend(t, good(t, 11), nil)
	for name, of := range calls {
		for _, c := range of {
			all := strings.Join(c.Args, " ") + " " + strings.Join(c.Env, " ")
			for _, secret := range []string{secretOfTheServer, "testkey", "-of-the-environment"} {
				if strings.Contains(all, secret) {
					t.Errorf("%s knows %q", name, secret)
				}
			}
			i := slices.IndexFunc(c.Env, func(v string) bool { return strings.HasPrefix(v, "LIVEKIT_TOKEN=") })
			if name == "models" {
				if i >= 0 {
					t.Error("models has a token")
				}
				continue
			}
			token := strings.TrimPrefix(c.Env[i], "LIVEKIT_TOKEN=")
			if strings.Contains(strings.Join(c.Args, " "), token) {
				t.Errorf("%s has its token on its command line", name)
			}
			grants(t, name, token, c.Args)
		}
	}
}

// grants looks into a token: whoever joins may enter this room, for an hour, under the name that
// the command line has.
func grants(t *testing.T, name, token string, args []string) {
	t.Helper()
	var claims struct {
		Sub, Kind string
		Nbf, Exp  int64
		Video     struct {
			Room                                            string
			RoomJoin, Agent                                 bool
			CanPublish, CanSubscribe, CanPublishData, Admin *bool
		}
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil || json.Unmarshal(data, &claims) != nil {
		t.Fatalf("%s: %v, %s", name, err, data)
	}
	v, agent := claims.Video, name == "join"
	if v.Room != args[slices.Index(args, "--room")+1] || claims.Sub != args[slices.Index(args, "--identity")+1] || !v.RoomJoin || v.Agent != agent || (claims.Kind == "agent") != agent {
		t.Errorf("%s: %s", name, data)
	}
	if !*v.CanPublish || !*v.CanSubscribe || !*v.CanPublishData || claims.Exp-claims.Nbf != 3600 {
		t.Errorf("%s: %s", name, data)
	}
}

func TestEachBucketWithoutModels(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*script, *smoke.Config)
		want   smoke.Bucket
		says   string
	}{
		{"refused", func(s *script, _ *smoke.Config) {
			s.Resolve, s.ResolveCode = `{"message":"nothing sees","refusal":{"blockers":[{"model":"tiny","lacks":"eyes"},{"model":"big","lacks":"room"}]}}`, 1
		}, smoke.NoQualifiedModel, "nothing sees"},
		{"no answer of resolve", func(s *script, _ *smoke.Config) { s.Resolve, s.ResolveCode = "broken", 1 }, smoke.HarnessError, "neither a model nor a refusal: broken"},
		{"no model", func(s *script, _ *smoke.Config) { s.Resolve = `{}` }, smoke.HarnessError, "neither a model nor a refusal"},
		{"no program", func(_ *script, c *smoke.Config) { c.Binary = "/nonexistent" }, smoke.HarnessError, "nonexistent"},
		{"join ends", func(s *script, _ *smoke.Config) { s.Join, s.JoinCode, s.JoinError = s.Join[:1], 1, "no such voice" }, smoke.PersonaFailedToJoin, "no such voice"},
		{"join ends without a word", func(s *script, _ *smoke.Config) { s.Join, s.JoinCode = nil, 7 }, smoke.PersonaFailedToJoin, "join ended: exit status 7"},
		{"nothing audible, nothing looked at", func(s *script, _ *smoke.Config) { s.Human, s.BrokenWAV = s.Human[:4], true }, smoke.NoAudioPublished, "no packet"},
		{"an empty recording", func(s *script, _ *smoke.Config) { s.EmptyWAV = true }, smoke.NoAudioPublished, "0s of speech"},
		{"a recording that cannot be opened", func(s *script, _ *smoke.Config) { s.LoopWAV = true }, smoke.HarnessError, "answer.wav"},
		{"no key", func(_ *script, c *smoke.Config) { c.APIKey = "" }, smoke.HarnessError, "key"},
		{"nothing audible", func(s *script, _ *smoke.Config) { s.Human = s.Human[:4] }, smoke.NoAudioPublished, "no packet"},
		{"never asks", func(s *script, _ *smoke.Config) { s.Human, s.HumanCode, s.HumanError = s.Human[:2], 1, "no flite" }, smoke.HarnessError, "could not ask: no flite"},
		{"silence", func(s *script, c *smoke.Config) {
			c.Speech = func(context.Context, []float32) (time.Duration, error) { return 299 * time.Millisecond, nil }
		}, smoke.NoAudioPublished, "299ms of speech"},
		{"just speech", func(s *script, c *smoke.Config) {
			c.Speech = func(context.Context, []float32) (time.Duration, error) { return 300 * time.Millisecond, nil }
		}, smoke.Passed, "5 facts"},
		{"speech cannot be measured", func(s *script, c *smoke.Config) {
			c.Speech = func(context.Context, []float32) (time.Duration, error) { return 0, errors.New("no detector") }
		}, smoke.HarnessError, "no detector"},
		{"nothing recorded", func(s *script, _ *smoke.Config) { s.NoWAV = true }, smoke.NoAudioPublished, "0s of speech"},
		{"a broken recording", func(s *script, _ *smoke.Config) { s.BrokenWAV = true }, smoke.HarnessError, "wav"},
		{"no transcript", func(s *script, _ *smoke.Config) { s.Human = s.Human[:8] }, smoke.NoTranscription, "no final transcript"},
		{"blind", func(s *script, _ *smoke.Config) {
			s.Human[8] = said(6, `"event":"transcript","who":"persona-under-test","text":"I see.","final":true`)
		}, smoke.VisionBlind, "states 0 facts"},
		{"late", func(s *script, c *smoke.Config) { c.Budgets.FirstAudio = 1999 * time.Millisecond }, smoke.BudgetExceeded, "first audio after 2s"},
		{"in time", func(s *script, c *smoke.Config) {
			c.Budgets = smoke.Budgets{FirstAudio: 2 * time.Second, Complete: 4 * time.Second}
		}, smoke.Passed, ""},
		{"late at last", func(s *script, c *smoke.Config) { c.Budgets.Complete = 3999 * time.Millisecond }, smoke.BudgetExceeded, "transcript after 4s"},
		{"guessed", func(s *script, _ *smoke.Config) { s.Control = s.Human }, smoke.HarnessError, "proves nothing"},
		{"the control gets no answer", func(s *script, _ *smoke.Config) { s.Control = s.Control[:1] }, smoke.HarnessError, "the control got no answer"},
		{"the control gets half an answer", func(s *script, _ *smoke.Config) {
			s.Control[1] = said(2, `"event":"transcript","who":"persona-under-test","text":"I see","final":false`)
		}, smoke.HarnessError, "the control got no answer"},
		{"the control cannot ask", func(s *script, _ *smoke.Config) { s.Control = nil }, smoke.HarnessError, "could not ask"},
		{"nothing to withhold", func(_ *script, c *smoke.Config) { c.Withhold = "everything" }, smoke.HarnessError, `"everything"`},
		{"artifacts", func(_ *script, c *smoke.Config) { c.Artifacts = "/dev/null/x" }, smoke.HarnessError, "/dev/null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := good(t, 11)
			c.change(&s, &smoke.Config{})
			got, calls := pretend(t, s, func(cfg *smoke.Config) {
				scratch := good(t, 11)
				c.change(&scratch, cfg)
			})
			if got.Bucket != c.want || !strings.Contains(got.Reason, c.says) || got.Passed != (c.want == smoke.Passed) || got.Facts == nil {
				t.Errorf("%q: %s, want %q with %q", got.Bucket, got.Reason, c.want, c.says)
			}
			if got.Bucket == smoke.NoQualifiedModel && len(calls["join"]) != 0 || got.Bucket == smoke.VisionBlind && len(calls["control"]) != 0 {
				t.Errorf("it went on: %v", calls)
			}
			if strings.Contains(c.says, "no packet") && got.FirstAudioMS != 0 || c.want == smoke.NoTranscription && got.CompleteMS != 0 {
				t.Errorf("times of what never came: %+v", got)
			}
			if c.name == "refused" && !slices.Equal(got.Blockers, []string{"tiny: eyes", "big: room"}) {
				t.Errorf("%v", got.Blockers)
			}
			if strings.Contains(got.Reason, "error: ") {
				t.Errorf("the reason repeats the mark of errors: %s", got.Reason)
			}
		})
	}
}

func TestWhatIsWithheld(t *testing.T) {
	for _, withheld := range []string{smoke.WithholdVideo, smoke.WithholdSpeech, smoke.WithholdData} {
		dir := filepath.Join(t.TempDir(), "kept")
		record, calls := pretend(t, good(t, 11), func(c *smoke.Config) { c.Withhold, c.Artifacts = withheld, dir })
		if record.Control != nil || record.Withheld != withheld || record.Artifacts != dir || len(calls["control"]) != 0 {
			t.Errorf("%s: %+v", withheld, record)
		}
		args := strings.Join(calls["bot"][0].Args, " ")
		if strings.Contains(args, "--scene") == (withheld == smoke.WithholdVideo) || strings.Contains(args, "--say") == (withheld == smoke.WithholdSpeech) {
			t.Errorf("%s: %s", withheld, args)
		}
		if slices.Contains(calls["join"][0].Args, "--voice-only") != (withheld == smoke.WithholdData) {
			t.Errorf("%s: %v", withheld, calls["join"][0].Args)
		}
		token := calls["join"][0].Env[slices.IndexFunc(calls["join"][0].Env, func(v string) bool { return strings.HasPrefix(v, "LIVEKIT_TOKEN=") })]
		data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if err != nil || strings.Contains(string(data), `"canPublishData":false`) != (withheld == smoke.WithholdData) {
			t.Errorf("%s: %s, %v", withheld, data, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "answer.wav")); err != nil {
			t.Errorf("%s: %v", withheld, err)
		}
		silence, err := os.ReadFile(filepath.Join(dir, "silence.wav"))
		if (err == nil) != (withheld == smoke.WithholdSpeech) || err == nil && len(silence) < 96000 {
			t.Errorf("%s: %d bytes of silence, %v", withheld, len(silence), err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for bucket, want := range map[smoke.Bucket]int{smoke.Passed: 0, smoke.HarnessError: 3, smoke.VisionBlind: 1, smoke.NoQualifiedModel: 1} {
		if got := bucket.ExitCode(); got != want {
			t.Errorf("%q: %d, want %d", bucket, got, want)
		}
	}
}
