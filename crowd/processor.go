package crowd

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// processors are processes whose processor time is measured, by what they are.
type processors struct {
	pids   map[string]int
	before map[string]float64
	begin  time.Time
}

// watch begins.
func watch(ctx context.Context, pids map[string]int) (*processors, error) {
	p := &processors{pids: pids, before: map[string]float64{}, begin: time.Now()}
	for name, pid := range pids {
		var err error
		if p.before[name], err = processorTime(ctx, pid); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// cores are how many of them each process used since, and how long that was.
func (p *processors) cores(ctx context.Context) (map[string]float64, time.Duration, error) {
	out := map[string]float64{}
	for name, pid := range p.pids {
		after, err := processorTime(ctx, pid)
		if err != nil {
			return nil, 0, err
		}
		out[name] = (after - p.before[name]) / time.Since(p.begin).Seconds()
	}
	return out, time.Since(p.begin), nil
}

// processorTime is the processor time of a process so far, in seconds: its own and the system's for
// it.
func processorTime(ctx context.Context, pid int) (float64, error) {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) // a process id
	if err != nil {
		return 0, err
	}
	t, err := p.TimesWithContext(ctx)
	if err != nil {
		return 0, err
	}
	return t.User + t.System, nil
}

// loadAverage is how many processes wanted to run in the last minute, on average; 0 where nobody
// says.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return load
}
