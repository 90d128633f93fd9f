package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// listenResult is what bench listen measured.
type listenResult struct {
	Bench      string  `json:"bench"`
	Host       string  `json:"host"`
	Seconds    float64 `json:"seconds"`
	CPUPercent float64 `json:"cpu_percent_of_one_core"`
	RSSStartMB float64 `json:"rss_start_mb"`
	RSSEndMB   float64 `json:"rss_end_mb"`
	RSSMaxMB   float64 `json:"rss_max_mb"`
	Threads    int32   `json:"threads"`
}

func newBenchListenCommand() *cobra.Command {
	var duration, warm time.Duration
	var size, codec string
	var fps int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Processor time and memory of a persona that hears one microphone and sees one camera while nobody speaks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := listenBench{duration: duration, warm: warm, size: size, codec: codec, fps: fps}
			r, err := b.run(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			return printText(cmd.OutOrStdout(),
				"%s\nlistening to a silent microphone and a %s %s camera at %d fps for %.0f s: %.1f %% of one core, memory %.0f MB → %.0f MB (at most %.0f MB), %d threads\n",
				r.Host, size, codec, fps, r.Seconds, r.CPUPercent, r.RSSStartMB, r.RSSEndMB, r.RSSMaxMB, r.Threads)
		},
	}
	cmd.Flags().DurationVar(&duration, "duration", time.Minute, "how long to measure")
	cmd.Flags().DurationVar(&warm, "warm", 10*time.Second, "how long to wait before measuring")
	cmd.Flags().StringVar(&size, "size", "1280x720", "size of the camera picture")
	cmd.Flags().StringVar(&codec, "codec", "vp8", "video codec")
	cmd.Flags().IntVar(&fps, "fps", 30, "frames a second")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

type listenBench struct {
	duration, warm time.Duration
	size, codec    string
	fps            int
}

// run measures the persona as a process of its own; the human and the server are others.
func (b listenBench) run(ctx context.Context) (r listenResult, err error) {
	binary, err := self()
	if err != nil {
		return r, err
	}
	server, err := livekit.Start(ctx, livekit.Config{})
	if err != nil {
		return r, err
	}
	defer closing(&err, server.Stop)
	credentials := []string{"--url", server.URL, "--api-key", server.APIKey, "--room", "bench"}
	persona, err := background(binary, server.APISecret, append([]string{"join", "--profile", "embedded", "--listen", "", "--store", ""}, credentials...)...)
	if err != nil {
		return r, err
	}
	defer closing(&err, persona.stop)
	human, err := background(binary, server.APISecret, append([]string{
		"bot", "--stay", "--scene", "7", "--kind", "shapes", "--size", b.size, "--codec", b.codec, "--fps", fmt.Sprint(b.fps), "--microphone",
	}, credentials...)...)
	if err != nil {
		return r, err
	}
	defer closing(&err, human.stop)
	return b.measure(ctx, persona)
}

func (b listenBench) measure(ctx context.Context, persona *backgrounded) (r listenResult, err error) {
	if err := sleep(ctx, b.warm+10*time.Second); err != nil { // loading the models included
		return r, err
	}
	p, err := process.NewProcessWithContext(ctx, int32(persona.cmd.Process.Pid)) // a process id
	if err != nil {
		return r, fmt.Errorf("the persona ended before it was measured: %w", err)
	}
	start, err := cpuSeconds(ctx, p)
	if err != nil {
		return r, err
	}
	begin := time.Now()
	r = listenResult{Bench: "listen", Host: hostLine("this machine")}
	for first := true; time.Since(begin) < b.duration; first = false {
		m, err := p.MemoryInfoWithContext(ctx)
		if err != nil {
			return r, err
		}
		r.RSSEndMB = float64(m.RSS) / 1e6
		r.RSSMaxMB = max(r.RSSMaxMB, r.RSSEndMB)
		if first {
			r.RSSStartMB = r.RSSEndMB
		}
		if err := sleep(ctx, time.Second); err != nil {
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

// backgrounded is a command of this program that runs until it is stopped.
type backgrounded struct {
	cmd   *exec.Cmd
	ended chan error
}

// background starts a command with the server's secret in its environment: a command line can be seen by everybody on the machine.
func background(binary, secret string, args ...string) (*backgrounded, error) {
	b := &backgrounded{cmd: exec.Command(binary, args...), ended: make(chan error, 1)}
	b.cmd.Env = childenv.Own(os.Environ(), "LIVEKIT_API_SECRET="+secret)
	b.cmd.Stderr = os.Stderr
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { b.ended <- b.cmd.Wait() }()
	return b, nil
}

func (b *backgrounded) stop() error {
	if err := b.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return <-b.ended
}
