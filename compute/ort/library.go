package ort

import (
	"os"
	"path/filepath"
	"sort"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// InstallCommand installs the processor build of the runtime library.
const InstallCommand = "sensory-agent models pull runtime-cpu"

// libraryPattern matches the library in its own directory, with or without a version suffix.
const libraryPattern = "libonnxruntime.so*"

// findLibrary returns the library file for a configured path: a file, a directory that holds it,
// or, where the path is empty, the per-user models directory. Every path looked at is returned as
// well.
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

// deviceLibraries matches what the CUDA provider needs, in an order in which each finds those it
// needs itself.
func deviceLibraries() []string {
	return []string{
		"libcudart.so.*", "libnvJitLink.so.*", "libcublasLt.so.*", "libcublas.so.*", "libcurand.so.*", "libcufft.so.*", "libnvrtc.so.*",
		"libcudnn.so.*",
	}
}

// preload loads the device libraries found in the directories.
func preload(dirs []string) error {
	for _, pattern := range deviceLibraries() {
		for _, dir := range dirs {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return &LibraryError{Kind: ErrLibraryMissing, Paths: []string{dir}, Detail: err.Error()}
			}
			for _, path := range found {
				if err := ortapi.Preload(path); err != nil {
					return &LibraryError{Kind: ErrLibraryUnusable, Paths: []string{path}, Detail: err.Error()}
				}
			}
		}
	}
	return nil
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
