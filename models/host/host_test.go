package host_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models/host"
)

func TestProbeAndReadBack(t *testing.T) {
	h, err := host.Probe(t.Context(), []model.Family{{Name: "x", Roles: model.Roles()}})
	if err != nil {
		t.Fatal(err)
	}
	if h.Cores < 1 || h.MemoryBytes < 1<<26 || h.MemoryFree < 0 || h.MemoryFree > h.MemoryBytes || h.OS == "" {
		t.Fatalf("facts %+v", h)
	}
	if len(h.GPUs) == 0 && h.GPUProblem == "" {
		t.Fatal("no GPU and no reason why")
	}
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "host.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := host.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, back); diff != "" {
		t.Fatal(diff)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "unknown field": `{"gpu":1}`, "wrong type": `{"cores":"2"}`, "cut off": `{"cores":2`,
		"negative free memory": `{"memory_free":-1}`, "negative memory": `{"memory_bytes":-1}`, "negative cores": `{"cores":-1}`,
		"more than a mebibyte": `{"os":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		path := filepath.Join(t.TempDir(), "host.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if h, err := host.Read(path); !errors.Is(err, host.ErrHostFile) {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
	if _, err := host.Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) || !errors.Is(err, host.ErrHostFile) {
		t.Errorf("missing: %v", err)
	}
}

func TestContainerLimit(t *testing.T) {
	files := func(limit, used string) func(string) ([]byte, error) {
		return func(path string) ([]byte, error) {
			text := map[string]string{"memory.max": limit, "memory.current": used}[filepath.Base(path)]
			if text == "" {
				return nil, os.ErrNotExist
			}
			return []byte(text), nil
		}
	}
	if limit, used, ok := host.CgroupMemory(files("1000\n", "300\n")); !ok || limit != 1000 || used != 300 {
		t.Errorf("%d, %d, %v", limit, used, ok)
	}
	for _, read := range []func(string) ([]byte, error){
		files("max\n", "300\n"), files("", ""), files("1000", ""), files("1000", "much"), files("0", "0"), files("-1", "0"),
	} {
		if limit, used, ok := host.CgroupMemory(read); ok {
			t.Errorf("no limit taken for %d, %d", limit, used)
		}
	}
}

// TestAContainerHasWhatItIsAllowed: the limit counts where it is lower than the machine's memory,
// and what others use of the machine is not free inside either.
func TestAContainerHasWhatItIsAllowed(t *testing.T) {
	for _, c := range []struct {
		limit, used           string
		wantBytes, wantedFree int64
	}{
		{"500", "100", 500, 400},
		{"900", "100", 900, 600},
		{"500", "700", 500, 0},
		{"1000", "100", 1000, 600},
		{"2000", "100", 1000, 600},
		{"max", "100", 1000, 600},
		{"999", "500", 999, 499},
	} {
		h := model.Host{MemoryBytes: 1000, MemoryFree: 600}
		host.Contain(&h, func(path string) ([]byte, error) {
			switch path {
			case "/sys/fs/cgroup/memory.max":
				return []byte(c.limit + "\n"), nil
			case "/sys/fs/cgroup/memory.current":
				return []byte(c.used + "\n"), nil
			}
			return nil, os.ErrNotExist
		})
		if h.MemoryBytes != c.wantBytes || h.MemoryFree != c.wantedFree {
			t.Errorf("limit %s, used %s: %d bytes, %d free; want %d and %d", c.limit, c.used, h.MemoryBytes, h.MemoryFree, c.wantBytes, c.wantedFree)
		}
	}
}

func TestSizesBeyondTheRange(t *testing.T) {
	for n, want := range map[uint64]int64{0: 0, 7: 7, math.MaxInt64: math.MaxInt64, math.MaxInt64 + 1: math.MaxInt64, math.MaxUint64: math.MaxInt64} {
		if got := host.BytesOf(n); got != want {
			t.Errorf("%d: %d, want %d", n, got, want)
		}
	}
}

// FuzzRead: no text makes the reader crash or accept a negative size.
func FuzzRead(f *testing.F) {
	good, err := json.Marshal(model.Host{OS: "linux", GPUs: []model.GPU{{Name: "a"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"memory_bytes":1e999}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "h.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := host.Read(path)
		if err == nil && (h.MemoryBytes < 0 || h.MemoryFree < 0 || h.Cores < 0) {
			t.Fatalf("accepted %+v", h)
		}
	})
}
