package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/internal/ending"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// serveFlags seat the personas of a file.
type serveFlags struct {
	connect connectFlags
	engine  engineFlags
	keep    storeFlags
	ops     opsFlags
	asJSON  bool
}

func newServeCommand(root *rootFlags) *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Seat the personas of a file in their rooms, and keep them there until interrupted",
		Long: `Reads personas and rooms from the configuration file and seats them, all in this process: models that several personas use are loaded once.
What befalls one seat concerns no other. SIGHUP reads the file again: what is the same is not touched, who is gone leaves in order, and a file
with a mistake changes nothing. SIGTERM and Ctrl-C let everybody leave in order and end with code 0.`,
		Example: "  LIVEKIT_API_SECRET=… sensory-agent serve --config personas.yaml --url ws://127.0.0.1:7880 --api-key devkey\n" +
			"  kill -HUP $(pidof sensory-agent)     # after editing the file",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if f.engine.file, err = root.configure(cmd); err != nil {
				return err
			}
			return f.run(cmd, root)
		},
	}
	f.connect.registerServer(cmd)
	f.engine.registerFolder(cmd)
	f.keep.register(cmd)
	f.ops.register(cmd)
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

func (f *serveFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	listen, err := f.ops.config()
	if err != nil {
		return err
	}
	if err := f.keep.validate(); err != nil {
		return err
	}
	if err := f.connect.completeServer(cmd); err != nil {
		return err
	}
	file := &reloader{path: root.config}
	_, set, err := file.set()
	if err != nil {
		return usageError{err}
	}
	out := newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return out.close(log) })
	ctx, stop := out.whileRead(cmd.Context())
	defer stop()
	s := &served{}
	pages, err := ops.Start(listen, log, s.ready, s.pages()...)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	if err := f.try(ctx, set); err != nil {
		return orderly(ctx, log, err)
	}
	f.engine.checks = checking(out)
	on, err := ending.Await(ctx, loadGrace, func() (*cast, error) { return openCast(ctx, f.engine, log, set) }, func(c *cast) { _ = c.Close() })
	if err != nil {
		return orderly(ctx, log, err)
	}
	defer closing(&err, on.Close)
	s.cast.Store(on)
	kept, err := f.keep.open(ctx, on.machine, room.TranscriptConfig{Logger: log, Report: func(err error) {
		out.print(line{Event: "problem", Error: err.Error()})
	}})
	if err != nil {
		return orderly(ctx, log, err)
	}
	if kept != nil {
		defer closing(&err, kept.Close)
		s.kept.Store(kept)
	}
	return f.seat(ctx, log, out, on, s, set, file)
}

// try asks the server whether it takes the key pair, before models are loaded.
func (f *serveFlags) try(ctx context.Context, set persona.Set) error {
	cfg := f.connect.config()
	cfg.Room, cfg.Identity = set.Rooms[0].Name, set.Rooms[0].Personas[0]
	return lk.Try(ctx, cfg)
}

// seat seats the personas and stays until ctx ends.
func (f *serveFlags) seat(ctx context.Context, log *slog.Logger, out *timeline, on *cast, s *served, set persona.Set, file *reloader) (err error) {
	on.ready = func(name string, res model.Resolution) {
		out.print(line{Event: "ready", Who: name, Detail: res.Reason})
	}
	cfg := agent.HostConfig{Open: on.open, Room: f.room(log, out, s), Report: func(st agent.SeatStatus) { out.print(seatLine(st)) }}
	if cfg.Room.Limits, err = f.engine.file.Limits(); err != nil {
		return usageError{err}
	}
	host, err := agent.NewHost(cfg)
	if err != nil {
		return err
	}
	defer closing(&err, host.Close)
	s.host.Store(host)
	if err := host.Apply(set); err != nil {
		return usageError{err}
	}
	hangups, restore := ending.Hangups(ctx)
	defer restore()
	for {
		select {
		case <-hangups:
			f.reload(host, file, out)
		case <-ctx.Done():
			return nil
		}
	}
}

// reload reads the file again. One with a mistake changes nothing.
func (f *serveFlags) reload(host *agent.Host, file *reloader, out *timeline) {
	_, set, err := file.set()
	if err == nil {
		err = host.Apply(set)
	}
	if err != nil {
		out.print(line{Event: "problem", Error: fmt.Sprintf("not reloaded: %v", err)})
		return
	}
	out.print(line{Event: "reloaded", Detail: fmt.Sprintf("%d personas, %d rooms", len(set.Personas), len(set.Rooms))})
}

func (f *serveFlags) room(log *slog.Logger, out *timeline, s *served) room.Config {
	return room.Config{
		Transcripts: s.kept.Load(), URL: f.connect.URL, APIKey: f.connect.Key, APISecret: f.connect.Secret, Logger: log,
		Observe: func(o room.Origin, e room.Event) {
			l, ok := agentLine(o.Persona, e)
			if _, state := e.(room.ReadyChanged); ok && (!state || l.Error != "") {
				l.Room = o.Room
				out.print(l)
			}
		},
	}
}
