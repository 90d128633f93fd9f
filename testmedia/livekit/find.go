package livekit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// BinaryEnv names the environment variable that overrides the search for the server binary.
const BinaryEnv = "SENSORY_AGENT_LIVEKIT_SERVER"

// FindBinary returns the path of livekit-server: $SENSORY_AGENT_LIVEKIT_SERVER, beside the running
// program, in bin/ of the working directory or of any folder above it, then PATH. The error wraps
// ErrNoBinary and names what to run.
func FindBinary() (string, error) {
	if path := os.Getenv(BinaryEnv); path != "" {
		if isExecutable(path) {
			return path, nil
		}
		return "", fmt.Errorf("%w: %s=%s is not an executable file", ErrNoBinary, BinaryEnv, path)
	}
	var tried []string
	for _, path := range candidates() {
		if isExecutable(path) {
			return path, nil
		}
		tried = append(tried, path)
	}
	if path, err := exec.LookPath("livekit-server"); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%w (looked at %s and PATH); build it with: make server", ErrNoBinary, strings.Join(tried, ", "))
}

func candidates() []string {
	var out []string
	if self, err := os.Executable(); err == nil {
		out = append(out, filepath.Join(filepath.Dir(self), "livekit-server"))
	}
	dir, err := os.Getwd()
	if err != nil {
		return out
	}
	for {
		out = append(out, filepath.Join(dir, "bin", "livekit-server"))
		if _, err := os.Stat(filepath.Join(dir, "tools", "go.mod")); err == nil {
			return out
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return out
		}
		dir = parent
	}
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
