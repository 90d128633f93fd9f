package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// Probe makes a session of one small graph and has it add two numbers, so that a provider that
// cannot be used is found before anything large is read. Errors: those of ort, [ErrUnsteady] for
// another sum.
func Probe(ctx context.Context, rt *ort.Runtime, opt ort.Options) error {
	graph, err := smolvlm.Probe()
	if err != nil {
		return err
	}
	s, err := rt.Load(ctx, ort.Source{Name: "probe", Bytes: graph}, opt)
	if err != nil {
		return err
	}
	return errors.Join(runProbe(ctx, s), s.Close())
}

// runProbe adds two numbers on the device.
func runProbe(ctx context.Context, s *ort.Session) error {
	in, err := ort.Float32([]int64{1}, []float32{2})
	if err != nil {
		return err
	}
	out := []ort.Tensor{nil}
	if err := s.Run(ctx, []ort.Tensor{in}, out); err != nil {
		return errors.Join(err, in.Close())
	}
	sum := out[0].Float32s()[0]
	if err := errors.Join(in.Close(), out[0].Close()); err != nil {
		return err
	}
	if sum != 4 {
		return fmt.Errorf("%w: 2 + 2 is %g on this device", ErrUnsteady, sum)
	}
	return nil
}

// hostBytes is the most memory that this process ever held, or 0 where the system does not say.
func hostBytes() int64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close() //nolint:errcheck // read only
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			if err == nil {
				return kilobytes << 10
			}
		}
	}
	return 0
}

// deviceBytes is how much of a CUDA device's memory is in use, by anybody; 0 for a processor, or
// where the driver does not say.
func deviceBytes(opt ort.Options) int64 {
	if opt.Provider != ort.CUDA {
		return 0
	}
	cards, _, err := host.GPUs(nvml.New(), os.LookupEnv)
	if err != nil || opt.DeviceID < 0 || opt.DeviceID >= len(cards) {
		return 0
	}
	return cards[opt.DeviceID].MemoryBytes - cards[opt.DeviceID].MemoryFree
}

// write prints the report for people.
func (r *Report) write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s (%d threads), ONNX Runtime %s: loaded in %.1f s, at most %d MB of host memory, %d MB of the device's\n",
		r.Model, r.Provider, r.Threads, r.Runtime, r.Load, r.HostBytes>>20, r.DeviceBytes>>20)
	for _, c := range r.Cases {
		fmt.Fprintf(&b, "  %-8s %5d tokens: first token %9.2f ms, then %7.1f tokens/s, %.1f %% outside the graphs\n",
			c.Name, len(c.Prompt), c.FirstToken, c.Rate, c.OutsideGraph)
		if e, ok := r.Eager[c.Name]; ok {
			fmt.Fprintf(&b, "           PyTorch eager: first token %9.2f ms (%.2f times), then %7.1f tokens/s; ours %.2f times\n",
				e.FirstToken, e.FirstToken/c.FirstToken, e.Rate, c.Rate/e.Rate)
		}
	}
	if r.Pictures != nil {
		r.Pictures.write(&b)
		if e, ok := r.Eager["eyes"]; ok {
			fmt.Fprintf(&b, "           PyTorch eager, the encoder alone: %.1f images/s; ours %.2f times\n", e.PerSec, 1000/r.Pictures.Encode/e.PerSec)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
