package compute_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestNamesOfWords reads every word back from its name; what is no word has a name that no reader
// takes, and the error lists those there are.
func TestNamesOfWords(t *testing.T) {
	t.Parallel()
	const classes = "CPU DATA GPU EMBEDDING LOCAL_GENERATION CLOUD_PROVIDER IO MEDIA RENDER MEMORY BACKGROUND"
	const silicons = "CPU GPU UNIFIED_MEMORY NETWORK DISK CLOUD BACKGROUND"
	const revocations = "GRACEFUL HARD PINNED"
	names(t, classes, 1, compute.ParseClass)
	names(t, silicons, 1, compute.ParseSilicon)
	names(t, revocations, 0, compute.ParseRevocation)
	for value, name := range map[interface{ String() string }]string{
		compute.Class(0): "Class(0)", compute.Class(12): "Class(12)", compute.Silicon(0): "Silicon(0)", compute.Silicon(8): "Silicon(8)",
		compute.Revocation(3): "Revocation(3)",
	} {
		if got := value.String(); got != name {
			t.Errorf("%q, want %q", got, name)
		}
	}
}

// names checks that the values from first on have these names, and no others.
func names[T interface {
	~uint8
	Valid() bool
	String() string
	MarshalText() ([]byte, error)
}](t *testing.T, list string, first T, parse func(string) (T, error),
) {
	t.Helper()
	value := first
	for _, name := range strings.Fields(list) {
		got, err := parse(name)
		text, terr := value.MarshalText()
		if err != nil || terr != nil || got != value || !value.Valid() || value.String() != name || string(text) != name {
			t.Errorf("%s: read as %v, %v; %v is written %q (%v)", name, got, err, uint8(value), text, terr)
		}
		value++
	}
	if value.Valid() || first > 0 && (first-1).Valid() {
		t.Errorf("there are more of %s", list)
	}
	for _, name := range []string{"", "cpu", value.String()} {
		_, err := parse(name)
		if !errors.Is(err, compute.ErrInvalid) || !strings.Contains(err.Error(), strings.Join(strings.Fields(list), ", ")) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
