package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// ErrHostFile reports a file of host facts that cannot be used.
var ErrHostFile = errors.New("host: bad host file")

// maxHostFile bounds a file of host facts, in bytes.
const maxHostFile = 1 << 20

// Probe reports what this machine has now. families are the model families that the program can
// run. A missing GPU is a fact, not a failure; one whose driver fails is a *DriverError, and one
// whose number is not known a *VisibleError, beside the facts that are known. Errors: these, or
// that the memory cannot be read.
func Probe(ctx context.Context, families []model.Family) (model.Host, error) {
	return probe(ctx, families, nvml.New(), os.LookupEnv)
}

func probe(ctx context.Context, families []model.Family, lib nvml.Interface, env func(string) (string, bool)) (model.Host, error) {
	h := model.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Families: families, GPUs: []model.GPU{}}
	memory, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return model.Host{}, fmt.Errorf("read the memory: %w", err)
	}
	h.MemoryBytes, h.MemoryFree = bytesOf(memory.Total), bytesOf(memory.Available)
	contain(&h, os.ReadFile)
	if infos, err := cpu.InfoWithContext(ctx); err == nil && len(infos) > 0 {
		h.CPU = strings.TrimSpace(infos[0].ModelName)
	}
	h.GPUs, h.GPUProblem, err = GPUs(lib, env)
	if err != nil {
		h.GPUProblem = err.Error()
	}
	return h, err
}

// Read returns host facts from a file, as "models resolve --print-host" writes them. An absent
// family list is kept absent.
func Read(path string) (model.Host, error) {
	f, err := os.Open(path)
	if err != nil {
		return model.Host{}, fmt.Errorf("%w: %w", ErrHostFile, err)
	}
	defer func() { _ = f.Close() }()
	dec := json.NewDecoder(io.LimitReader(f, maxHostFile))
	dec.DisallowUnknownFields()
	var h model.Host
	if err := dec.Decode(&h); err != nil {
		return model.Host{}, fmt.Errorf("%w: %s: %w", ErrHostFile, path, err)
	}
	if h.MemoryBytes < 0 || h.MemoryFree < 0 || h.Cores < 0 {
		return model.Host{}, fmt.Errorf("%w: %s: negative cores or memory", ErrHostFile, path)
	}
	return h, nil
}

// bytesOf converts a size without overflow.
func bytesOf(n uint64) int64 {
	const most = 1<<63 - 1
	if n > most {
		return most
	}
	return int64(n)
}

// contain lowers the memory to what a container may use.
func contain(h *model.Host, read func(string) ([]byte, error)) {
	if limit, used, ok := cgroupMemory(read); ok && limit < h.MemoryBytes {
		h.MemoryBytes, h.MemoryFree = limit, min(h.MemoryFree, max(limit-used, 0))
	}
}

// cgroupMemory returns the memory limit and use of a container (control groups version 2).
func cgroupMemory(read func(string) ([]byte, error)) (limit, used int64, ok bool) {
	for _, p := range []struct {
		name string
		dst  *int64
	}{{"memory.max", &limit}, {"memory.current", &used}} {
		data, err := read("/sys/fs/cgroup/" + p.name)
		if err != nil {
			return 0, 0, false
		}
		if _, err := fmt.Sscanf(string(data), "%d", p.dst); err != nil {
			return 0, 0, false
		}
	}
	return limit, used, limit > 0
}
