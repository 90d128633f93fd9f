package arrows_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sensory-agent/sensory-agent/"

// root is the package at the top of the module.
const root = "sensory"

// short is the path of a package without that of the module.
func short(path string) string {
	if path+"/" == module {
		return root
	}
	return strings.TrimPrefix(path, module)
}

// layers lists, for each package tree, the trees it may import. What is not listed here must not
// exist.
var layers = map[string][]string{
	"onnx":    {"onnx", "internal/half"},
	"media":   {"media"},
	"compute": {"compute", "internal/native"},
	"hearing": {"hearing", "compute", "media", "internal/processorfile"},
	// vision/device writes a graph, tts edits some, cognition/generate does both.
	"vision":    {"vision", "compute", "media", "onnx", "internal/half", "internal/processorfile"},
	"tts":       {"tts", "compute", "media", "onnx", "internal/childenv"},
	"cognition": {"cognition", "compute", "media", "onnx", "internal/half"},
	// models reads what an entry says of the answers of its model.
	"models": {"models", "cognition/model", "cognition/answer", "onnx", "internal/childenv", "internal/half", "internal/processorfile", "internal/yamlguard"},
	"config": {"config", "compute", "cognition/memory", "cognition/turn", "agent/limits", "agent/persona", "internal/yamlguard"},
	// store keeps memories as they are decided on, and turns as they went.
	"store": {"store", "compute", "cognition/memory", "cognition/turn"},
	"agent": {"agent", "hearing", "vision", "tts", "cognition", "store", "compute", "media"},
	// scene/evaluate measures a model on drawn scenes, so it runs one.
	"testmedia": {"testmedia", "agent/limits", "agent/lk", "agent/rtpin", "agent/playout", "vision", "cognition/generate", "cognition/prompt", "compute", "media", "internal/childenv"},
	"smoke":     {"smoke", "api", "testmedia", "media", "internal/childenv"},
	// bench measures the model engine alone: nothing of it may bring OpenCV or FFmpeg.
	// gpu asks about drawn scenes, and which cards there are.
	"bench": {"bench", "cognition/generate", "cognition/model", "cognition/prompt", "models/host", "compute", "media", "vision/layout", "vision/device", "models/convert", "onnx", "testmedia/scene"},
	// api is what other programs may ask of a host.
	"api": {"api", "agent", "store", "cognition", "compute", "media"},
	// web is a page; what it shows it asks for.
	"web": {"web"},
	// telemetry counts and traces what happens in rooms and of dispatches, by the names that each
	// part has for it.
	"telemetry": {"telemetry", "agent/engine", "agent/reconcile", "agent/reply", "agent/room", "cognition", "compute", "hearing"},
	// lines tells what happens in rooms.
	"lines": {"lines", "agent", "cognition/context", "testmedia/participant", "internal/output", "internal/printable"},
	// bot and demo are what people run to see it work.
	"bot":  {"bot", "lines", "media", "testmedia"},
	"demo": {"demo", "bot", "lines", "smoke", "agent", "media/codec", "testmedia"},
	// crowd fills rooms with personas and people.
	"crowd": {"crowd", "agent", "testmedia", "smoke", "cognition/turn", "hearing", "tts", "media", "internal/childenv"},
	// sensory, at the root, is what other programs begin with.
	root:       {"agent", "cognition", "compute", "config", "lines", "models", "tts"},
	"cmd":      {root, "api", "telemetry", "web", "crowd", "bot", "demo", "lines", "agent", "hearing", "vision", "tts", "cognition", "compute", "media", "models", "smoke", "testmedia", "bench", "config", "store", "internal"},
	"internal": {"internal"},
	"tools":    {},
}

// inside lists, for each package of the agent, the packages of the agent that it may import beside
// its own sub-packages: what hears, sees, answers and thinks knows neither the room nor the SDK.
// What is not listed here must not exist.
var inside = map[string][]string{
	"agent":                  {"agent/engine", "agent/fence", "agent/lk", "agent/persona", "agent/reply", "agent/room"},
	"agent/dispatch":         {"agent", "agent/engine", "agent/fence", "agent/persona", "agent/reconcile", "agent/worker"},
	"agent/room":             {"agent/engine", "agent/fence", "agent/limits", "agent/lk", "agent/persona", "agent/playout", "agent/reply", "agent/senses"},
	"agent/engine":           {"agent/fence"},
	"agent/senses":           {"agent/engine", "agent/fence", "agent/rtpin"},
	"agent/reply":            {"agent/engine", "agent/fence", "agent/playout"},
	"agent/lk":               {"agent/limits"},
	"agent/lk/streams":       {"agent/limits"},
	"agent/fence":            {},
	"agent/limits":           {},
	"agent/persona":          {},
	"agent/playout":          {},
	"agent/reconcile":        {},
	"agent/rtpin":            {},
	"agent/token":            {},
	"agent/worker":           {},
	"agent/internal/fixture": {"agent/engine"},
	"agent/internal/redtest": {},
}

// own are packages of the agent that import nothing else of ours, so that anybody can use them
// without a C compiler. They know LiveKit's protocol, and not its SDK.
var own = []string{"agent/reconcile", "agent/token", "agent/worker"}

// packets are the packages of the agent that see packets of Pion's.
var packets = []string{"agent/lk", "agent/rtpin", "agent/senses", "agent/internal/redtest"}

// helpers are packages that only tests import; they may know where models are installed.
var helpers = map[string][]string{
	"hearing/internal/installed": {"internal/testmodels"},
	"agent/internal/fixture":     {"internal/testmodels", "models"},
}

// pure packages import the standard library only.
var pure = []string{"compute", "internal/half", "media", "cognition/model", "agent/persona"}

// alone are trees that import nothing but themselves, the trees named with them, and the standard
// library.
var alone = map[string][]string{"cognition/prompt": nil, "cognition/context": {"cognition/prompt"}, "cognition/turn": nil, "cognition/memory": nil}

// rooms are the only trees that may know LiveKit and Pion. smoke mints a token for the persona that
// it tests.
var rooms = map[string]bool{"agent": true, "testmedia": true, "smoke": true}

func TestImportsPointDown(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := short(fields[0])
		if _, known := inside[pkg]; !known && within(pkg, "agent") {
			t.Errorf("%s has no place inside the agent", pkg)
		}
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
	ours := short(imported)
	if ours == imported {
		outside(t, pkg, tree, imported)
		return
	}
	allowed, known := layers[tree]
	if !known {
		t.Errorf("%s: the tree %q has no place in the layers", pkg, tree)
	}
	if slices.Contains(own, pkg) {
		t.Errorf("%s imports %s, but is to stand alone", pkg, ours)
	}
	if tree == "agent" && within(ours, "agent") {
		insideAgent(t, pkg, ours)
	}
	for _, a := range allowed {
		if ours == a || strings.HasPrefix(ours, a+"/") {
			return
		}
	}
	if slices.ContainsFunc(helpers[pkg], func(tree string) bool { return within(ours, tree) }) {
		return
	}
	t.Errorf("%s imports %s, which is not below it", pkg, ours)
}

// insideAgent checks an arrow within the agent.
func insideAgent(t *testing.T, pkg, imported string) {
	t.Helper()
	if strings.HasPrefix(imported, pkg+"/") && pkg != "agent" || slices.Contains(inside[pkg], imported) {
		return
	}
	t.Errorf("%s imports %s, which it may not know", pkg, imported)
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
	sdk, pion := strings.Contains(imported, "github.com/livekit/"), strings.Contains(imported, "github.com/pion/")
	if (sdk || pion) && !rooms[tree] {
		t.Errorf("%s imports %s, which only agent and testmedia may know", pkg, imported)
	}
	protocol := strings.HasPrefix(imported, "github.com/livekit/protocol/") && slices.Contains(own, pkg)
	if sdk && tree == "agent" && pkg != "agent/lk" && !protocol {
		t.Errorf("%s imports %s, which only agent/lk may know", pkg, imported)
	}
	if pion && tree == "agent" && !slices.Contains(packets, pkg) {
		t.Errorf("%s imports %s, which only %v may know", pkg, imported, packets)
	}
}

// within tells whether a package belongs to a tree.
func within(pkg, tree string) bool { return pkg == tree || strings.HasPrefix(pkg, tree+"/") }

// outsideLibrary tells whether an import is no part of the standard library.
func outsideLibrary(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}
