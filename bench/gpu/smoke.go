package gpu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// What a persona of the smoke consists of, beside its base model.
const (
	ear       = "whisper-base.en"
	earSource = "ggml-base.en.bin" // what the ear is made of, where it is to be made on the spot
	cudaID    = "runtime-cuda"
	cpuID     = "runtime-cpu"
)

// parts are the models that a persona needs and that are taken as they are.
func parts() []string {
	return []string{"silero-vad", "moonshine-tiny", "piper-en_US-joe-medium", cpuID}
}

// qualifying is the id of the model that the smoke is about: the calibration model under a name of
// its own, with the window that the profile standard asks for. Nothing of it is told as long a
// conversation: the smoke asks one question.
const qualifying = "calibration-qualifying"

const catalogForm = `models:
  - id: ` + qualifying + `
    name: Calibration model, as a small model that the profile standard takes
    kind: model
    family: idefics3
    capabilities: [chat, vision, streaming]
    context: 4096
    rank: 1000
    licence: Apache-2.0
    memory_mb: 400
    folder: %s
`

// smokeStandard has a persona hear, see and answer with its model on the card: the program's own
// smoke of the profile standard.
func smokeStandard(ctx context.Context, s *settings, tell func(Verdict)) error {
	const name = "smoke-standard"
	if s.NoProgram != "" {
		tell(skipped(name, s.NoProgram))
		return nil
	}
	models, err := s.modelsFolder(ctx)
	if err != nil {
		return err
	}
	profile := "standard"
	if s.Rehearse {
		profile = "embedded"
	}
	out, problem, err := s.program(ctx, models, "smoke", "sensory", "--profile", profile, "--models-dir", models, "--json")
	v, judged := smokeVerdict(name, out)
	if judged != nil {
		return errors.Join(judged, err, fmt.Errorf("%w: %s", ErrAnswer, problem))
	}
	tell(smokeEnded(v, err, problem))
	return nil
}

// smokeEnded is a verdict with how the program ended: one that failed after a record that passes
// has not passed.
func smokeEnded(v Verdict, err error, problem string) Verdict {
	if err == nil || v.Status != Pass {
		return v
	}
	return failed(v.Name, fmt.Errorf("%w: the record passes, and the program ended with %w: %s", ErrAnswer, err, problem))
}

// smokeVerdict reads the record of a smoke, the last line of what it prints.
func smokeVerdict(name string, out []byte) (Verdict, error) {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var r struct {
		Smoke                                    string
		Passed                                   bool
		Bucket, Reason, Profile, Model, Expected string
		Transcript                               string
		Blockers                                 []string
		FirstAudioMS                             float64 `json:"first_audio_ms"`
		CompleteMS                               float64 `json:"complete_ms"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil || r.Smoke != "sensory" {
		return Verdict{}, fmt.Errorf("%w: the smoke left no record: %.200q", ErrAnswer, out)
	}
	switch {
	case !r.Passed:
		return failed(name, fmt.Errorf("%w: %s: %s %s", ErrAnswer, r.Bucket, r.Reason, strings.Join(r.Blockers, "; "))), nil
	case r.Model != qualifying:
		return failed(name, fmt.Errorf("%w: the profile took the model %q", ErrAnswer, r.Model)), nil
	}
	v := passed(name, "profile %s with %s: %q, expected %q, first audio after %.0f ms", r.Profile, r.Model, r.Transcript, r.Expected, r.FirstAudioMS)
	v.Figures = map[string]float64{"first_audio_ms": r.FirstAudioMS, "complete_ms": r.CompleteMS}
	return v, nil
}

// modelsFolder makes a models folder of its own, so that nobody's is changed: links to what is
// installed, the ear made of its source where it is not installed, and the qualifying model.
func (s *settings) modelsFolder(ctx context.Context) (string, error) {
	models := filepath.Join(s.Scratch, "smoke-models")
	take := parts()
	if !s.Rehearse {
		take = append(take, cudaID)
	}
	source := filepath.Join(s.Unpacked, "sources", earSource)
	if _, err := os.Stat(source); s.Unpacked == "" || err != nil {
		take, source = append(take, ear), ""
	}
	for _, id := range take {
		if err := linkTree(filepath.Join(s.Models, id), filepath.Join(models, id)); err != nil {
			return "", fmt.Errorf("%w (sensory-agent models pull %s)", err, id)
		}
	}
	folder, err := filepath.Abs(s.Model)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(s.catalog(), fmt.Appendf(nil, catalogForm, folder), 0o600); err != nil {
		return "", err
	}
	calls := [][]string{{"models", "pull", qualifying, "--models-dir", models}}
	if source != "" {
		calls = append(calls, []string{"models", "import", ear, source, "--models-dir", models})
	}
	for _, args := range calls {
		if _, problem, err := s.program(ctx, models, args...); err != nil {
			return "", fmt.Errorf("%w: %s: %w: %s", ErrAnswer, strings.Join(args[:3], " "), err, problem)
		}
	}
	return models, nil
}

// catalog is the file with the qualifying model.
func (s *settings) catalog() string { return filepath.Join(s.Scratch, "catalog.yaml") }

// program runs the program to its end.
func (s *settings) program(ctx context.Context, models string, args ...string) (stdout []byte, problem string, err error) {
	var out, said bytes.Buffer
	run := exec.CommandContext(ctx, s.Program, args...)
	run.Env = append(os.Environ(), s.environment(models)...)
	run.Stdout, run.Stderr, run.WaitDelay = &out, &said, 5*time.Second
	err = run.Run()
	return out.Bytes(), oneLine(tail(said.String())), err
}

// environment is where the program finds what it needs.
func (s *settings) environment(models string) []string {
	libraries := s.Libraries
	env := []string{
		"SENSORY_AGENT_MODELS=" + models, "SENSORY_AGENT_CATALOG=" + s.catalog(), "XDG_CONFIG_HOME=" + filepath.Join(s.Scratch, "config"),
		"XDG_DATA_HOME=" + filepath.Join(s.Scratch, "data"),
	}
	if s.UUID != "" {
		env = append(env, hideEnv+"="+s.UUID) // it takes the card with the most memory of those that it sees
	}
	if s.Unpacked != "" {
		libraries = append([]string{filepath.Join(s.Unpacked, "lib")}, libraries...)
		env = append(env,
			"PATH="+filepath.Join(s.Unpacked, "bin")+":"+os.Getenv("PATH"),
			"ESPEAK_DATA_PATH="+filepath.Join(s.Unpacked, "espeak"), // the folder that holds espeak-ng-data
			"SENSORY_AGENT_LIVEKIT_SERVER="+filepath.Join(s.Unpacked, "bin", "livekit-server"))
	}
	if before := os.Getenv("LD_LIBRARY_PATH"); before != "" {
		libraries = append(libraries, before)
	}
	if len(libraries) > 0 {
		env = append(env, "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	}
	return env
}

// linkTree makes a folder with the same files: hard links, or copies with the same times where that
// cannot be. Links to files are followed. Errors: ErrMissing, those of the file system.
func linkTree(from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(at, 0o755)
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return err
		}
		if err := os.Link(real, at); err == nil || errors.Is(err, fs.ErrExist) {
			return nil
		}
		return copyFile(real, at)
	})
}

// copyFile copies bytes, mode and time.
func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, data, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
