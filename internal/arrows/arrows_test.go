// Package arrows holds the test that imports point down only.
package arrows_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sensory-agent/sensory-agent/"

// layers lists, for each package tree, the trees it may import. What is not listed here must not exist.
var layers = map[string][]string{
	"media":   {"media"},
	"compute": {"compute", "internal/native"},
	"hearing": {"hearing", "compute", "media", "internal/processorfile"},
	// vision/device writes a graph.
	"vision": {"vision", "compute", "media", "models/convert/onnx", "internal/processorfile"},
	"tts":    {"tts", "compute", "media", "internal/childenv"},
	// cognition/generate writes graphs that stand beside a model's own.
	"cognition": {"cognition", "compute", "media", "models/convert/onnx"},
	// models reads what an entry says of the answers of its model.
	"models": {"models", "cognition/model", "cognition/answer", "internal/childenv", "internal/processorfile", "internal/yamlguard"},
	"config": {"config", "compute", "agent/limits", "agent/persona", "internal/yamlguard"},
	"store":  {"store", "compute"},
	"agent":  {"agent", "hearing", "vision", "tts", "cognition", "store", "compute", "media"},
	// scene/evaluate measures a model on drawn scenes, so it runs one.
	"testmedia": {"testmedia", "agent/lk", "agent/rtpin", "agent/playout", "vision", "cognition/generate", "cognition/prompt", "compute", "media", "internal/childenv"},
	"smoke":     {"smoke", "testmedia", "media", "internal/childenv"},
	// bench measures the model engine alone: nothing of it may bring OpenCV or FFmpeg.
	"bench":    {"bench", "cognition/generate", "cognition/prompt", "compute", "media", "vision/layout", "vision/device", "models/convert"},
	"cmd":      {"agent", "hearing", "vision", "tts", "cognition", "compute", "media", "models", "smoke", "testmedia", "bench", "config", "store", "internal"},
	"internal": {"internal"},
	"tools":    {},
}

// helpers are packages that only tests import; they may know where models are installed.
var helpers = map[string]bool{"hearing/internal/installed": true}

// pure packages import the standard library only.
var pure = []string{"compute", "media", "cognition/model", "agent/persona"}

// alone are trees that import nothing but themselves, the trees named with them, and the standard library.
var alone = map[string][]string{"cognition/prompt": nil, "cognition/context": {"cognition/prompt"}, "cognition/turn": nil}

// rooms are the only trees that may know LiveKit and Pion. smoke mints a token for the persona that it tests.
var rooms = map[string]bool{"agent": true, "testmedia": true, "smoke": true}

func TestImportsPointDown(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		for _, imported := range fields[1:] {
			check(t, pkg, imported)
		}
	}
}

func check(t *testing.T, pkg, imported string) {
	t.Helper()
	tree, _, _ := strings.Cut(pkg, "/")
	for a, beside := range alone {
		other := strings.TrimPrefix(imported, module)
		if within(pkg, a) && !within(other, a) && !slices.Contains(beside, other) && outsideLibrary(imported) {
			t.Errorf("%s imports %s, but %s stands on the standard library alone", pkg, imported, a)
		}
	}
	own, isOwn := strings.CutPrefix(imported, module)
	if !isOwn {
		outside(t, pkg, tree, imported)
		return
	}
	allowed, known := layers[tree]
	if !known {
		t.Errorf("%s: the tree %q has no place in the layers", pkg, tree)
	}
	for _, a := range allowed {
		if own == a || strings.HasPrefix(own, a+"/") {
			return
		}
	}
	if helpers[pkg] && own == "internal/testmodels" {
		return
	}
	t.Errorf("%s imports %s, which is not below it", pkg, own)
}

func outside(t *testing.T, pkg, tree, imported string) {
	t.Helper()
	if !outsideLibrary(imported) {
		return
	}
	for _, p := range pure {
		if pkg == p {
			t.Errorf("%s imports %s, but stands on the standard library alone", pkg, imported)
		}
	}
	room := strings.Contains(imported, "github.com/livekit/") || strings.Contains(imported, "github.com/pion/")
	if room && !rooms[tree] {
		t.Errorf("%s imports %s, which only agent and testmedia may know", pkg, imported)
	}
}

// within tells whether a package belongs to a tree.
func within(pkg, tree string) bool { return pkg == tree || strings.HasPrefix(pkg, tree+"/") }

// outsideLibrary tells whether an import is no part of the standard library.
func outsideLibrary(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}
