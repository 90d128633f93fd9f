package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

func newBenchCommand(root *rootFlags) *cobra.Command {
	return group("bench", "Measure: the latency of the sensory loop, what rooms and listening cost, who is recognised to be meant, how the floor is shared",
		newBenchLoopCommand(root), newBenchListenCommand(), newBenchSessionsCommand(root), newBenchHumansCommand(root),
		newBenchAddressingCommand(root), newBenchFloorCommand(root), newBenchWorkerCommand(root))
}

// loopResult is what bench loop measured. Times are in milliseconds.
type loopResult struct {
	Bench     string                  `json:"bench"`
	Host      string                  `json:"host"`
	Voice     string                  `json:"voice"`
	Turns     int                     `json:"turns"`
	Right     int                     `json:"right"`
	LoadMS    float64                 `json:"load_ms"`
	JoinMS    float64                 `json:"join_ms"`
	Latency   crowd.Spread            `json:"latency"`
	Overhead  crowd.Spread            `json:"overhead"`
	Stages    map[string]crowd.Spread `json:"stages"`
	StageList []string                `json:"-"`
}

func newBenchLoopCommand(root *rootFlags) *cobra.Command {
	var engine engineFlags
	var turns int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "loop",
		Short: "Time from the end of a spoken question to the first packet of the answer, with each stage",
		Long: "Server, human and persona share this machine. Each turn draws a scene, shows it as 640×480 VP8 and asks about it.\n" +
			"Stages are the bare times of the models on the critical path; overhead is what is neither a model nor the wait for the end of turn.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if engine.file, err = root.configure(cmd); err != nil {
				return err
			}
			b := &loopBench{flags: engine, turns: turns, traces: make(chan reply.Trace, 4)}
			result, err := b.run(cmd.Context(), root)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
			}
			return result.print(cmd.OutOrStdout())
		},
	}
	engine.register(cmd)
	cmd.Flags().IntVar(&turns, "turns", 20, "questions to ask")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

// loopBench is a measurement under way.
type loopBench struct {
	flags  engineFlags
	turns  int
	traces chan reply.Trace
	human  *participant.Participant
	camera *participant.Camera
	right  int
}

func (b *loopBench) run(ctx context.Context, root *rootFlags) (result loopResult, err error) {
	log, err := root.logger()
	if err != nil {
		return result, err
	}
	begin := time.Now()
	on, err := b.flags.open(ctx, log, nil)
	if err != nil {
		return result, err
	}
	defer closing(&err, on.Close)
	result = loopResult{Bench: "loop", Host: hostLine(on.res.Device), Voice: on.models.Voice(engine.Holder{}).Name(), Turns: b.turns, LoadMS: ms(time.Since(begin))}
	server, err := livekit.Start(ctx, livekit.Config{})
	if err != nil {
		return result, err
	}
	defer closing(&err, server.Stop)
	session, err := room.Join(ctx, on.models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "bench", Logger: log,
		Observe: func(_ room.Origin, e room.Event) {
			switch e := e.(type) {
			case room.Joined:
				result.JoinMS = ms(e.Took)
			case room.TurnDone:
				b.traces <- e.Trace
			}
		},
	}, room.Persona{})
	if err != nil {
		return result, err
	}
	defer closing(&err, session.Close)
	b.human, err = participant.Join(ctx, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "bench", Identity: "human",
	})
	if err != nil {
		return result, err
	}
	defer closing(&err, b.human.Close)
	traces, err := b.converse(ctx)
	result.Right = b.right
	result.add(traces)
	return result, err
}

// converse asks one question after the other; the first warms up and does not count.
func (b *loopBench) converse(ctx context.Context) ([]reply.Trace, error) {
	var traces []reply.Trace
	for i := range b.turns + 1 {
		picture, ask, err := smoke.Stimulus(uint64(1000+i), i%2 == 0) // a small number
		if err != nil {
			return nil, err
		}
		if b.camera == nil {
			if b.camera, err = b.human.OpenCamera(ctx, participant.CameraConfig{}, picture.Image); err != nil {
				return nil, err
			}
		}
		b.camera.Show(picture.Image)
		pcm, err := speech.Say(ctx, speech.Default, ask.Question)
		if err != nil {
			return nil, err
		}
		if err := sleep(ctx, time.Second); err != nil { // people pause, and the picture has to arrive
			return nil, err
		}
		if _, _, err := b.human.Say(ctx, pcm); err != nil {
			return nil, err
		}
		select {
		case trace := <-b.traces:
			if trace.Err != nil {
				return nil, trace.Err
			}
			if i == 0 {
				continue
			}
			if picture.Check(ask, trace.Answer) {
				b.right++
			}
			traces = append(traces, trace)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(time.Minute):
			return nil, errNoAnswer
		}
	}
	return traces, nil
}

func (r *loopResult) add(traces []reply.Trace) {
	var latency, overhead []float64
	stages := map[string][]float64{}
	for _, t := range traces {
		latency, overhead = append(latency, ms(t.Latency())), append(overhead, ms(t.Overhead()))
		for _, s := range t.Waterfall() {
			if stages[s.Name] == nil {
				r.StageList = append(r.StageList, s.Name)
			}
			stages[s.Name] = append(stages[s.Name], ms(s.Took))
		}
	}
	r.Latency, r.Overhead, r.Stages = crowd.SpreadOf(latency), crowd.SpreadOf(overhead), map[string]crowd.Spread{}
	for name, values := range stages {
		r.Stages[name] = crowd.SpreadOf(values)
	}
}

func (r *loopResult) print(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\nvoice %s, %d turns, %d answers right, models loaded in %.0f ms, joined in %.0f ms\n", r.Host, r.Voice, r.Turns, r.Right, r.LoadMS, r.JoinMS)
	row := func(name string, v crowd.Spread) {
		fmt.Fprintf(&s, "%-34s p50 %7.0f   p95 %7.0f   max %7.0f ms\n", name, v.P50, v.P95, v.Max)
	}
	row("end of speech → first packet", r.Latency)
	for _, name := range r.StageList {
		row("  "+name, r.Stages[name])
	}
	row("neither a model nor silence", r.Overhead)
	_, err := io.WriteString(w, s.String())
	return err
}

func hostLine(device string) string {
	return fmt.Sprintf("%s, %d cores, %s, %s", device, runtime.NumCPU(), runtime.Version(), time.Now().Format("2006-01-02"))
}

// self is the path of this program.
func self() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", errors.Join(errors.New("own path is unknown"), err)
	}
	return path, nil
}
