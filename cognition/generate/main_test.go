package generate_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// calibration is the folder of the calibration model, relative to this package.
const calibration = "../../models/calibration/weights"

// onCUDA says that SENSORY_AGENT_TEST_PROVIDER asks for the whole suite, benchmarks included, on a
// CUDA device.
func onCUDA() bool { return os.Getenv("SENSORY_AGENT_TEST_PROVIDER") == "cuda" }

// openRuntime returns the runtime of this machine, closed with the test. For CUDA,
// SENSORY_AGENT_DEVICE_LIBRARIES may list directories with the libraries that its provider needs.
func openRuntime(tb testing.TB) *ort.Runtime {
	tb.Helper()
	cfg := ort.Config{LibraryPath: testmodels.Runtime(tb)}
	if onCUDA() {
		cfg.LibraryPath = testmodels.Path(tb, "runtime-cuda", filepath.Base(cfg.LibraryPath))
		cfg.DeviceLibraries = filepath.SplitList(os.Getenv("SENSORY_AGENT_DEVICE_LIBRARIES"))
	}
	rt, err := ort.Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, rt)
	return rt
}

// openModel loads a model folder, closed with the test.
func openModel(tb testing.TB, fsys fs.FS, opt generate.Options) *generate.Model {
	tb.Helper()
	if onCUDA() {
		opt.Provider = ort.CUDA
	}
	m, err := generate.Open(tb.Context(), openRuntime(tb), fsys, opt)
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, m)
	return m
}

// closeAfter closes what a test made and reports a failing close.
func closeAfter(tb testing.TB, c interface{ Close() error }) {
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
}

// user is a message of a person.
func user(text string, images ...generate.Image) []prompt.Message {
	message := prompt.Message{Role: prompt.User, Text: text}
	for _, image := range images {
		message.Parts = append(message.Parts, image)
	}
	return []prompt.Message{message}
}

// generator is a model, or a prompt cache of one.
type generator interface {
	Generate(ctx context.Context, req prompt.Request, emit func(piece string) error) (prompt.Result, error)
}

// answer runs a request and returns its result; the pieces must add up to its text.
func answer(tb testing.TB, m generator, req prompt.Request) prompt.Result {
	tb.Helper()
	var pieces strings.Builder
	result, err := m.Generate(tb.Context(), req, func(piece string) error {
		pieces.WriteString(piece)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	if pieces.String() != result.Text {
		tb.Errorf("pieces are %q, text is %q", pieces.String(), result.Text)
	}
	return result
}

// wantText fails unless the error names every part.
func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// read returns a file of testdata.
func read(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}
