package engine

import (
	"context"
	_ "embed" // for the program below
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed eager.py
var eagerProgram string

// ErrEager means that the program in PyTorch failed; its words are in the text.
var ErrEager = errors.New("pytorch")

// Eager is what PyTorch takes for a case of the same shape.
type Eager struct {
	FirstToken float64 `json:"first_token_ms"`
	Rate       float64 `json:"tokens_per_second"`
	PerSec     float64 `json:"images_per_second"`
}

// Beside says how the same shapes are measured in PyTorch.
type Beside struct {
	// Python is an interpreter with torch, Dir the model's folder, Variant the suffix of its graph
	// files.
	Python, Dir, Variant string
	// Device is the number of the card; a measurement on a processor is repeated on one.
	Device int
	Rounds int
}

// Measure runs the shapes of a report in PyTorch, on the same kind of device. Errors: ErrEager,
// those of the file system.
func (b *Beside) Measure(ctx context.Context, r *Report) (map[string]Eager, error) {
	data, err := os.ReadFile(filepath.Join(b.Dir, "config.json"))
	if err != nil {
		return nil, err
	}
	type length struct {
		Name   string `json:"name"`
		Length int    `json:"length"`
		Count  int    `json:"count"`
	}
	var cases []length
	for _, c := range r.Cases {
		cases = append(cases, length{c.Name, len(c.Prompt), len(c.IDs)})
	}
	where := "cpu"
	if r.Provider == "cuda" {
		where = fmt.Sprintf("cuda:%d", b.Device)
	}
	argument, err := json.Marshal(map[string]any{
		"config": json.RawMessage(data), "device": where, "half": strings.Contains(b.Variant, "16"), "threads": r.Threads,
		"rounds": b.Rounds, "cases": cases, "eyes": r.Pictures != nil,
	})
	if err != nil {
		return nil, err
	}
	run := exec.CommandContext(ctx, b.Python, "-", string(argument))
	run.Stdin = strings.NewReader(eagerProgram)
	out, err := run.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("%w: %w: %s", ErrEager, err, exit.Stderr)
		}
		return nil, fmt.Errorf("%w: %w", ErrEager, err)
	}
	var result map[string]Eager
	if err := json.Unmarshal(out, &result); err != nil {
		return nil, fmt.Errorf("%w: %w: %q", ErrEager, err, out)
	}
	return result, nil
}
