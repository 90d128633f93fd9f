package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

const (
	loading   = 10 * time.Second // until models are loaded
	lookEvery = time.Second      // at memory
)

// Config says what is measured.
type Config struct {
	// Binary is the program.
	Binary string
	// For is how long, after Warm.
	For, Warm time.Duration
	// Size and Codec are those of the camera, as the program's bot command takes them.
	Size, Codec string
	FPS         int
	// Host is what the machine is. Stderr gets what the processes write there.
	Host   string
	Stderr io.Writer
}

// Result is what was measured.
type Result struct {
	Bench      string  `json:"bench"`
	Host       string  `json:"host"`
	Seconds    float64 `json:"seconds"`
	CPUPercent float64 `json:"cpu_percent_of_one_core"`
	RSSStartMB float64 `json:"rss_start_mb"`
	RSSEndMB   float64 `json:"rss_end_mb"`
	RSSMaxMB   float64 `json:"rss_max_mb"`
	Threads    int32   `json:"threads"`
}

// Text is the result for people.
func (r *Result) Text(cfg Config) string {
	return fmt.Sprintf(
		"%s\nlistening to a silent microphone and a %s %s camera at %d fps for %.0f s: %.1f %% of one core, memory %.0f MB → %.0f MB (at most %.0f MB), %d threads\n",
		r.Host, cfg.Size, cfg.Codec, cfg.FPS, r.Seconds, r.CPUPercent, r.RSSStartMB, r.RSSEndMB, r.RSSMaxMB, r.Threads)
}

// Run measures the persona as a process of its own; the human and the server are others.
func Run(ctx context.Context, cfg Config) (r Result, err error) {
	server, err := livekit.Start(ctx, livekit.Config{})
	if err != nil {
		return r, err
	}
	defer closing(&err, server.Stop)
	at := []string{"--url", server.URL, "--api-key", server.APIKey, "--room", "bench"}
	persona, err := start(cfg, server.APISecret, append([]string{"join", "--profile", "embedded", "--listen", "", "--store", ""}, at...))
	if err != nil {
		return r, err
	}
	defer closing(&err, persona.stop)
	human, err := start(cfg, server.APISecret, append([]string{
		"bot", "--stay", "--scene", "7", "--kind", "shapes", "--size", cfg.Size, "--codec", cfg.Codec, "--fps", strconv.Itoa(cfg.FPS), "--microphone",
	}, at...))
	if err != nil {
		return r, err
	}
	defer closing(&err, human.stop)
	if err := media.Sleep(ctx, cfg.Warm+loading); err != nil {
		return r, err
	}
	return Measure(ctx, persona.cmd.Process.Pid, cfg)
}

// Measure watches a process for the configured time. It fails where that ends meanwhile.
func Measure(ctx context.Context, pid int, cfg Config) (r Result, err error) {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) // a process id
	if err != nil {
		return r, fmt.Errorf("the persona ended before it was measured: %w", err)
	}
	start, err := cpuSeconds(ctx, p)
	if err != nil {
		return r, err
	}
	begin := time.Now()
	r = Result{Bench: "listen", Host: cfg.Host}
	for first := true; time.Since(begin) < cfg.For; first = false {
		m, err := p.MemoryInfoWithContext(ctx)
		if err != nil {
			return r, err
		}
		r.RSSEndMB = float64(m.RSS) / 1e6
		r.RSSMaxMB = max(r.RSSMaxMB, r.RSSEndMB)
		if first {
			r.RSSStartMB = r.RSSEndMB
		}
		if err := media.Sleep(ctx, min(lookEvery, cfg.For)); err != nil {
			return r, err
		}
	}
	end, err := cpuSeconds(ctx, p)
	if err != nil {
		return r, err
	}
	r.Seconds = time.Since(begin).Seconds()
	r.CPUPercent = 100 * (end - start) / r.Seconds
	r.Threads, err = p.NumThreadsWithContext(ctx)
	return r, err
}

func cpuSeconds(ctx context.Context, p *process.Process) (float64, error) {
	t, err := p.TimesWithContext(ctx)
	if err != nil {
		return 0, err
	}
	return t.User + t.System, nil
}

// child is a command of the program that runs until it is stopped.
type child struct {
	cmd   *exec.Cmd
	ended chan error
}

// start starts a command with the server's secret in its environment: a command line can be seen by
// everybody on the machine.
func start(cfg Config, secret string, args []string) (*child, error) {
	c := &child{cmd: exec.Command(cfg.Binary, args...), ended: make(chan error, 1)}
	c.cmd.Env = childenv.Own(os.Environ(), "LIVEKIT_API_SECRET="+secret)
	c.cmd.Stderr = cfg.Stderr
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { c.ended <- c.cmd.Wait() }()
	return c, nil
}

// stop asks it to end and waits. How it ended is its error.
func (c *child) stop() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return <-c.ended
}

// closing closes something and joins its error to the one that is returned.
func closing(err *error, shut func() error) { *err = errors.Join(*err, shut()) }
