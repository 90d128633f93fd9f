package testmodels

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the models directory: $SENSORY_AGENT_MODELS, or the per-user data directory.
func Dir() string {
	if dir := os.Getenv("SENSORY_AGENT_MODELS"); dir != "" {
		return dir
	}
	base := os.Getenv("XDG_DATA_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "models"
		}
		base = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(base, "sensory-agent", "models")
}

// Path returns the path of one file of an installed model.
// A missing file skips the test, or fails it where CI is set.
func Path(tb testing.TB, id, file string) string {
	tb.Helper()
	path := filepath.Join(Dir(), id, file)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatalf("%s is missing; install it with: sensory-agent models pull %s", path, id)
		}
		tb.Skipf("%s is missing; install it with: sensory-agent models pull %s", path, id)
	}
	return path
}

// Runtime returns the path of the CPU build of the ONNX Runtime library.
func Runtime(tb testing.TB) string {
	tb.Helper()
	return Path(tb, "runtime-cpu", "libonnxruntime.so.1.31.1")
}
