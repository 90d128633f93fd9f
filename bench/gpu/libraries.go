package gpu

import (
	"context"
	_ "embed" // for the program below
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed surroundings.py
var surroundingsProgram string

// python is what an interpreter says of itself.
type python struct {
	Path      string   `json:"-"`
	Torch     string   `json:"torch"` // its version; empty where there is none
	Why       string   `json:"why"`   // what went wrong with it
	Card      bool     `json:"card"`  // torch sees a card
	Libraries []string `json:"libraries"`
}

// askPython asks an interpreter. One that is not there, or does not answer within a minute, has
// nothing.
func askPython(ctx context.Context, path string) python {
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // importing torch takes a while
	defer cancel()
	run := exec.CommandContext(ctx, path, "-")
	run.Stdin, run.WaitDelay = strings.NewReader(surroundingsProgram), time.Second
	out, err := run.Output()
	if err == nil {
		var p python
		if err = json.Unmarshal(out, &p); err == nil {
			p.Path = path
			return p
		}
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return python{Path: path, Why: oneLine(err.Error() + ": " + tail(string(exit.Stderr)))}
	}
	return python{Path: path, Why: err.Error()}
}

// noTorch says why nothing is measured beside PyTorch; empty where it can be.
func (p python) noTorch(rehearse bool) string {
	switch {
	case p.Torch == "" && p.Why != "":
		return "no torch: " + p.Path + ": " + p.Why
	case p.Torch == "":
		return "no torch: " + p.Path
	case !p.Card && !rehearse:
		return "torch " + p.Torch + " sees no card"
	}
	return ""
}

// deviceLibraries lists folders with NVIDIA's libraries, for a loader that does not know them: what
// Python packages brought, then where NVIDIA's own installer puts them. Only folders that have one
// of the versions that the provider is built for count.
func deviceLibraries(p python) []string {
	var found []string
	places := slices.Clone(p.Libraries)
	for _, pattern := range []string{"/usr/local/cuda*/lib64", "/usr/local/cuda*/targets/x86_64-linux/lib", "/opt/*/lib/python3*/site-packages/nvidia/*/lib"} {
		more, err := filepath.Glob(pattern)
		if err == nil { // only a bad pattern is an error
			places = append(places, more...)
		}
	}
	for _, dir := range places {
		if !slices.Contains(found, dir) && holds(dir) {
			found = append(found, dir)
		}
	}
	return found
}

// wanted are the libraries that the provider loads, by the versions that it is built for: CUDA 13
// and cuDNN 9.
func wanted() []string {
	return []string{
		"libcudart.so.13*", "libcublas.so.13*", "libcublasLt.so.13*", "libcurand.so.10*", "libcufft.so.12*", "libcudnn.so.9*",
		"libnvrtc.so.13*", "libnvJitLink.so.13*",
	}
}

// holds tells whether a folder has any of the wanted libraries.
func holds(dir string) bool {
	return slices.ContainsFunc(wanted(), func(pattern string) bool {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		return err == nil && len(found) > 0
	})
}

// tail is the end of what a program wrote: there the reason stands.
func tail(s string) string {
	const most = 1024
	return s[max(0, len(s)-most):]
}
