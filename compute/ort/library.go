package ort

import (
	"os"
	"path/filepath"
	"sort"
)

// InstallCommand installs the processor build of the runtime library.
const InstallCommand = "sensory-agent models pull runtime-cpu"

// libraryPattern matches the library in its own directory, with or without a version suffix.
const libraryPattern = "libonnxruntime.so*"

// findLibrary returns the library file for a configured path: a file, a directory that holds it, or, where the path is
// empty, the per-user models directory. Every path looked at is returned as well.
func findLibrary(configured string) (found string, tried []string) {
	if configured == "" {
		dir := os.Getenv("SENSORY_AGENT_MODELS")
		if dir == "" {
			dir = filepath.Join(dataHome(), "sensory-agent", "models")
		}
		configured = filepath.Join(dir, "runtime-cpu")
	}
	info, err := os.Stat(configured)
	if err == nil && !info.IsDir() {
		return configured, []string{configured}
	}
	pattern := filepath.Join(configured, libraryPattern)
	if err != nil {
		return "", []string{configured}
	}
	matches, err := filepath.Glob(pattern)
	if err != nil || len(matches) == 0 {
		return "", []string{pattern}
	}
	sort.Strings(matches)
	return matches[len(matches)-1], matches
}

// dataHome is the per-user data directory.
func dataHome() string {
	if base := os.Getenv("XDG_DATA_HOME"); base != "" {
		return base
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	return filepath.Join(home, ".local", "share")
}
