package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/demo"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// demoFlags are the choices of a demo run.
type demoFlags struct {
	engine  engineFlags
	seed    uint64
	codec   string
	speaker string
	out     string
	ops     opsFlags
	stay    bool
	// roundtable seats three personas and two humans instead; record is a folder for the
	// conversation.
	roundtable bool
	record     string
	asJSON     bool
}

func newDemoCommand(root *rootFlags) *cobra.Command {
	f := &demoFlags{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a server, a persona and a human on this machine: one spoken question about a live picture",
		Long: "Starts a LiveKit server on loopback, lets a persona join, lets a headless human join, speak a question and show a randomly\n" +
			"drawn scene as live video, and prints what happens. The persona's answer is written as a WAV file and the frame it saw as a\n" +
			"PNG file. Fails when the answer is not true of the scene.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("seed") {
				f.seed = smoke.RandomSeed()
			}
			var err error
			if f.engine.file, err = root.configure(cmd); err != nil {
				return err
			}
			return f.run(cmd, root)
		},
	}
	f.register(cmd)
	return cmd
}

// register adds the flags.
func (f *demoFlags) register(cmd *cobra.Command) {
	f.engine.register(cmd)
	fs := cmd.Flags()
	fs.Uint64Var(&f.seed, "seed", 0, "seed of the scene and the question (default: random)")
	fs.StringVar(&f.codec, "codec", "vp8", "video codec: vp8, h264, vp9 or av1")
	fs.StringVar(&f.speaker, "speaker", speech.Default, "who asks: flite:VOICE or espeak:LANGUAGE")
	fs.StringVar(&f.out, "out", "out", "folder for the answer's WAV and the frame's PNG")
	f.ops.register(cmd)
	fs.BoolVar(&f.stay, "stay", false, "keep server and persona running and print how to join")
	fs.BoolVar(&f.roundtable, "roundtable", false, "three personas with voices of their own and two humans, who talk for a minute")
	fs.StringVar(&f.record, "record", "", "with --roundtable: write the conversation into a file of this folder, for replay")
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
}

// run checks the call, serves the pages, and runs one persona or three.
func (f *demoFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	serve, err := f.ops.config()
	if err != nil {
		return err
	}
	name, err := codec.ParseVideoCodec(f.codec)
	if err != nil {
		return usageError{fmt.Errorf("--codec: %w", err)}
	}
	out := newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return out.close(log) })
	d, err := demo.New(demo.Config{Seed: f.seed, Codec: name, Speaker: f.speaker, Tell: out.print, Logger: log})
	if err != nil {
		return err
	}
	ctx, stop := out.whileRead(cmd.Context())
	defer stop()
	if f.roundtable {
		return f.table(ctx, d, log, serve)
	}
	return f.one(ctx, d, out, log, serve)
}

// one runs one persona.
func (f *demoFlags) one(ctx context.Context, d *demo.Demo, out *timeline, log *slog.Logger, serve ops.Config) (err error) {
	p, first := &joined{}, serve
	if f.stay {
		first.Address = "" // what stays answers there
	}
	pages, err := p.serve(first, log, p.ready)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	f.engine.checks = checking(out)
	alone := demo.Alone{Folder: f.out, Line: p.line, At: p.at, In: p.session.Store}
	if alone.Limits, err = f.engine.file.Limits(); err != nil {
		return usageError{err}
	}
	var on *loaded
	alone.Open = func(ctx context.Context, say func(string, time.Duration)) (demo.Opened, error) {
		if on, err = f.engine.openUntil(ctx, log, say); err != nil {
			return demo.Opened{}, err
		}
		p.machine.Store(on.Engine())
		return demo.Opened{Models: on.models, Reason: on.res.Reason, Close: on.Close}, nil
	}
	if f.stay {
		alone.Stay = func(ctx context.Context, _ *engine.Models, cfg room.Config, _ room.Persona) error {
			return f.stays(ctx, log, out, on, cfg, serve)
		}
	}
	return d.Run(ctx, alone)
}

// table runs three personas and two humans.
func (f *demoFlags) table(ctx context.Context, d *demo.Demo, log *slog.Logger, serve ops.Config) (err error) {
	if err := checkFolder(f.record); err != nil {
		return err
	}
	s := &served{}
	pages, err := s.serve(serve, log, s.ready)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	return d.Table(ctx, demo.Together{
		Record: recordInto(f.record, s.records), Seat: lines.OfSeat, Host: func(h *agent.Host) { s.host.Store(h) },
		Open: func(ctx context.Context) (demo.Personas, error) {
			on, err := f.engine.machine(ctx, log, demo.Cast().Personas...)
			if err != nil {
				return demo.Personas{}, err
			}
			s.machine.Store(on.Engine())
			return demo.Personas{Close: on.Close, Open: func(ctx context.Context, p persona.Persona) (*engine.Models, string, error) {
				m, res, err := on.Load(ctx, p, nil)
				return m, res.Reason, err
			}}, nil
		},
	})
}
