package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// workerFlags say what bench worker registers.
type workerFlags struct {
	connect connectFlags
	engine  engineFlags
	ops     opsFlags
	agent   string
	silence time.Duration
	canned  engine.CannedConfig
	fix     bool
	lost    time.Duration
	asJSON  bool
}

func newBenchWorkerCommand(root *rootFlags) *cobra.Command {
	f := &workerFlags{}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Register a name at a server with parts that cost nothing, for a load generator to compare frameworks with",
		Long: `Takes dispatches of a name and seats one persona for each. Everything around the models is real: WebRTC, Opus, the voice detector
(Silero), turns, leases, worker protocol. The models are not: what is heard is always the same text, what is answered always the same
sentence, and its voice a tone at full level that is there at once. A turn is over after --silence, whatever was said. GET / at --listen
answers 200 when the name is registered, GET /worker says how it is. It stays until it is interrupted, and ends with 0 then.`,
		Example: "  LIVEKIT_API_SECRET=… sensory-agent bench worker --agent-name race --silence 550ms --url ws://127.0.0.1:7880 --api-key devkey",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd, root) },
	}
	f.connect.registerServer(cmd)
	f.engine.registerFolder(cmd)
	f.ops.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.agent, "agent-name", "", "name to register (required)")
	fs.DurationVar(&f.silence, "silence", 550*time.Millisecond, "silence that ends a turn")
	fs.StringVar(&f.canned.Transcript, "heard", engine.CannedTranscript, "what is heard of everything that is said")
	fs.StringVar(&f.canned.Answer, "says", engine.CannedAnswer, "what is answered to it")
	fs.DurationVar(&f.canned.Tone, "tone", 2*time.Second, "how long the voice sounds")
	fs.BoolVar(&f.fix, "reconcile", false, "serve dispatches of the name, too, that the server has given up")
	fs.DurationVar(&f.lost, "lost", 0, "with --reconcile: replace agents, too, that have been out of their room for this long while a human is in it")
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

// policy has everything answered that is heard, after the same silence always.
func (f *workerFlags) policy() (turn.Policy, error) {
	p := turn.Default()
	p.Mode = turn.ModeFront
	p.Endpointing = turn.Endpointing{Min: f.silence, Max: f.silence}
	return p, p.Validate()
}

func (f *workerFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	if f.engine.file, err = root.configure(cmd); err != nil {
		return err
	}
	log, err := root.logger()
	if err != nil {
		return err
	}
	if err := f.connect.completeServer(cmd); err != nil {
		return err
	}
	f.ops.address = cmp.Or(f.ops.address, opsAddress)
	listen, err := f.ops.config()
	if err != nil {
		return err
	}
	policy, err := f.policy()
	switch {
	case err != nil:
		return usageError{fmt.Errorf("--silence: %w", err)}
	case f.lost < 0 || f.lost > 0 && !f.fix:
		return usageError{errors.New("--lost: give a time, and --reconcile with it")}
	case f.agent == "":
		return usageError{errors.New("--agent-name is missing: the name that dispatches ask for")}
	}
	out := newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return out.close(log) })
	ctx, stop := out.whileRead(cmd.Context())
	defer stop()
	s := &served{}
	pages, err := ops.Start(listen, log, s.working, s.workerPages()...)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	who := dispatch.Agent{Name: f.agent, Personas: []persona.Persona{{Name: "canned"}}, Policy: &policy}
	return orderly(ctx, log, f.work(ctx, log, out, s, who))
}

// work registers the name and stays until ctx ends.
func (f *workerFlags) work(ctx context.Context, log *slog.Logger, out *timeline, s *served, who dispatch.Agent) (err error) {
	on, err := f.engine.machine(ctx, log, who.Personas...)
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	open, err := f.opens(on, who.Personas[0])
	if err != nil {
		return err
	}
	host, err := agent.NewHost(agent.HostConfig{Open: open, Room: room.Config{
		URL: f.connect.URL, APIKey: f.connect.Key, APISecret: f.connect.Secret, Logger: log,
	}})
	if err != nil {
		return err
	}
	jobs, err := dispatch.New(dispatch.Config{
		URL: f.connect.URL, APIKey: f.connect.Key, APISecret: f.connect.Secret, Host: host, Open: open, Version: version(), Logger: log, Reconcile: f.fix, Lost: f.lost,
		Report: func(e dispatch.Event) {
			if l, ok := dispatchLine(e); ok {
				out.print(l)
			}
		},
	})
	if err != nil {
		return errors.Join(err, host.Close())
	}
	defer closing(&err, jobs.CloseWithHost)
	s.dispatch.Store(jobs)
	if err := jobs.Apply([]dispatch.Agent{who}); err != nil {
		return usageError{err}
	}
	<-ctx.Done()
	return nil
}

// opens opens the canned models.
func (f *workerFlags) opens(on *sensory.Machine, who persona.Persona) (func(context.Context, persona.Persona) (*engine.Models, error), error) {
	res, err := on.Resolve(who)
	if err != nil {
		return nil, err
	}
	canned := f.canned
	canned.Detector = res.Detector
	canned.Path = func(id, file string) (string, error) { return on.Path(context.Background(), id, file) }
	return func(ctx context.Context, _ persona.Persona) (*engine.Models, error) {
		return on.Engine().OpenCanned(ctx, canned)
	}, nil
}
