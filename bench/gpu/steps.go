package gpu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// settings are what a step is told; they go to its process as JSON.
type settings struct {
	Rehearse  bool     // on the processor, in small
	Device    int      // number of the card
	UUID      string   // of the card; empty for a rehearsal
	Memory    int64    // of the card, in bytes
	Card      string   // what it is
	Runtime   string   // folder of the inference library
	Libraries []string // folders of NVIDIA's libraries
	Python    string   // interpreter with torch; empty where there is none
	NoPython  string   // why
	Model     string   // folder of the calibration model
	Scratch   string   // folder for what is made on the way
	// Of a persona: the program, its models, and the folders of what it runs and loads beside, in a
	// packed folder. NoProgram is why there is none.
	Program, Models, Unpacked, NoProgram string
}

// step is a part of the check that runs in a process of its own.
type step struct {
	name  string
	limit time.Duration
	gives []string // its verdicts, in order
	run   func(ctx context.Context, s *settings, tell func(Verdict)) error
}

// steps are all of them, in order. The limits are for a card and a processor of 16 cores, and
// several times what they are thought to take.
func steps() []step {
	return []step{
		{"provider", 60 * time.Second, []string{"provider"}, provider},
		{"calibration", 60 * time.Second, []string{"tokens-calibration"}, calibration},
		{"texture", 60 * time.Second, []string{"texture-square", "texture-tiles"}, texture},
		{"memory", 60 * time.Second, []string{"memory-card", "memory-limit"}, memory},
		{"smolvlm", 150 * time.Second, []string{"tokens-smolvlm"}, smolvlmTokens},
		{"speed", 180 * time.Second, []string{"speed-calibration", "speed-smolvlm", "speed-smolvlm-fp16", "pytorch"}, speed},
		{"smoke", 150 * time.Second, []string{"smoke-standard"}, smokeStandard},
	}
}

// options are those of sessions: on the card, or on the processor for a rehearsal.
func (s *settings) options() ort.Options {
	if s.Rehearse {
		return s.reference()
	}
	return ort.Options{Threads: 2, Provider: ort.CUDA, DeviceID: s.Device}
}

// alone are the same, without a part left to the processor.
func (s *settings) alone() ort.Options {
	opt := s.options()
	opt.NoFallback = !s.Rehearse
	return opt
}

// reference are the options of what a card is compared with.
func (s *settings) reference() ort.Options { return ort.Options{Threads: max(1, runtime.NumCPU()-1)} }

// open loads the inference library.
func (s *settings) open() (*ort.Runtime, error) {
	return ort.Open(ort.Config{LibraryPath: s.Runtime, DeviceLibraries: s.Libraries})
}

// shape is the folder of a model in the shape of SmolVLM.
func (s *settings) shape(half bool) string {
	name := "smolvlm"
	if half {
		name = "smolvlm-fp16"
	}
	return filepath.Join(s.Scratch, name)
}

// stepMain is the command step: NAME and settings, in the process of that step.
func stepMain(ctx context.Context, args []string, stdout io.Writer) error {
	const form = "step NAME SETTINGS, which the command run calls"
	if len(args) != 2 {
		return fmt.Errorf("%w: %s", ErrUsage, form)
	}
	var s settings
	if err := json.Unmarshal([]byte(args[1]), &s); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUsage, form, err)
	}
	for _, one := range steps() {
		if one.name != args[0] {
			continue
		}
		lines, start := json.NewEncoder(stdout), time.Now()
		var broken error
		err := one.run(ctx, &s, func(v Verdict) {
			v.Seconds = time.Since(start).Seconds()
			start = time.Now()
			broken = errors.Join(broken, lines.Encode(v))
		})
		return errors.Join(err, broken)
	}
	return fmt.Errorf("%w: no step %q", ErrUsage, args[0])
}
