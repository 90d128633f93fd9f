package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/ending"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// serveFlags seat the personas of a file.
type serveFlags struct {
	residentFlags
	record string      // folder of recordings; empty for none
	open   bool        // the pages of the worker need no token
	set    persona.Set // what is served first
	beside ops.Config  // where the worker's pages are alone; no address for nowhere
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
			s := &served{}
			s.seated = s.states
			return f.run(cmd, root, program{
				check: f.check, ready: s.ready, pages: s.workerPages(), mount: f.mounts(s), known: &s.resident, console: f.console,
				work: func(ctx context.Context, log *slog.Logger, out *timeline) error {
					return f.withPages(log, s, func() error { return f.work(ctx, log, out, s, root.config) })
				},
			})
		},
	}
	f.connect.registerServer(cmd)
	f.engine.registerFolder(cmd)
	f.register(cmd)
	cmd.Flags().BoolVar(&f.open, "listen-open", false, "serve worker.listen beyond loopback without a token: everybody who reaches it may read its pages; --listen always wants one there")
	cmd.Flags().StringVar(&f.record, "record", "", "write each room's conversation into a file of this folder, for replay; what people say is in it")
	return cmd
}

func (f *serveFlags) check(cmd *cobra.Command) (err error) {
	if err := f.connect.completeServer(cmd); err != nil {
		return err
	}
	if f.set, err = seated(f.engine.file); err != nil {
		return usageError{err}
	}
	if f.beside, err = f.workerListen(); err != nil {
		return err
	}
	return checkFolder(f.record)
}

// seated are the personas and rooms of a file. One without a room and without an agent is refused:
// there would be nothing to serve.
func seated(file *config.Config) (persona.Set, error) {
	set := file.Set()
	if len(set.Rooms) == 0 && len(file.Agents()) == 0 {
		return set, fmt.Errorf("%w: %s seats nobody: it needs personas: and rooms:, or worker: {agents: …} (docs/personas.md)",
			config.ErrConfig, cmp.Or(file.Path, "the configuration (--config)"))
	}
	return set, nil
}

// work tries the key pair, opens the machine, seats everybody and stays until ctx ends. path is the
// file as it was given.
func (f *serveFlags) work(ctx context.Context, log *slog.Logger, out *timeline, s *served, path string) (err error) {
	if err := f.try(ctx); err != nil {
		return orderly(ctx, log, err)
	}
	f.engine.checks = checking(out)
	on, err := ending.Await(ctx, loadGrace, func() (*sensory.Machine, error) { return f.engine.machine(ctx, log, f.set.Personas...) }, func(m *sensory.Machine) { _ = m.Close() })
	if err != nil {
		return orderly(ctx, log, err)
	}
	defer closing(&err, on.Close)
	s.cast.Store(on)
	s.machine.Store(on.Engine())
	if err := s.open(ctx, on, &f.keep, log, out, ""); err != nil {
		return orderly(ctx, log, err)
	}
	return f.seat(ctx, log, out, on, s, path)
}

// try asks the server whether it takes the key pair, before models are loaded.
func (f *serveFlags) try(ctx context.Context) error {
	cfg := f.connect.config()
	all := append(f.set.Rooms, f.engine.file.Agents()...) // a name of an agent does as well as one of a room
	cfg.Room, cfg.Identity = all[0].Name, all[0].Personas[0]
	return lk.Try(ctx, cfg)
}

// seat seats the personas, has the others go where dispatches want them, and stays.
func (f *serveFlags) seat(ctx context.Context, log *slog.Logger, out *timeline, on *sensory.Machine, s *served, path string) (err error) {
	var cfg agent.HostConfig
	host, err := on.Hosting(f.server(out), func(c *agent.HostConfig) {
		c.Room.Record, c.Room.Frames = recordInto(f.record, s.records), &s.frames
		c.Room.KeepSights, c.Open = f.ops.address != "", s.noting(on, c.Open)
		c.Seats = int(f.engine.file.Number("worker.seats", int64(seatsPerCore*on.Host().Cores)))
		c.Room.Observe = s.telling(c.Room.Observe)
		cfg = *c
	})
	if err != nil {
		return err
	}
	jobs, err := f.dispatched(log, out, on, host, cfg.Open, s)
	if err != nil {
		return errors.Join(usageError{err}, host.Close())
	}
	defer closing(&err, jobs.CloseWithHost)
	s.host.Store(host)
	s.dispatch.Store(jobs)
	if err := apply(host, jobs, f.engine.file); err != nil {
		return usageError{err}
	}
	ending.OnHangup(ctx, func() { reload(host, jobs, path, out, &s.file) })
	return nil
}

// apply makes a file what is served, wholly or not at all.
func apply(host *agent.Host, jobs *dispatch.Service, file *config.Config) error {
	set, err := seated(file)
	if err != nil {
		return err
	}
	agents := agentsOf(file)
	if err := jobs.Check(agents); err != nil {
		return err
	}
	if err := host.Apply(set); err != nil {
		return err
	}
	return jobs.Apply(agents)
}

// reload reads the file again. One with a mistake changes nothing.
func reload(host *agent.Host, jobs *dispatch.Service, path string, out *timeline, now *atomic.Pointer[config.Config]) {
	file, err := config.Load(path)
	if err == nil {
		err = apply(host, jobs, file)
	}
	if err != nil {
		out.print(line{Event: "problem", Error: fmt.Sprintf("not reloaded: %v", err)})
		return
	}
	now.Store(file)
	set := file.Set()
	text := fmt.Sprintf("%d personas, %d rooms", len(set.Personas), len(set.Rooms))
	if n := len(file.Agents()); n > 0 {
		text += fmt.Sprintf(", %d agents", n)
	}
	out.print(line{Event: "reloaded", Detail: text})
}

// server is where the rooms are; what happens there is printed.
func (f *serveFlags) server(out *timeline) sensory.Server {
	return sensory.Server{URL: f.connect.URL, APIKey: f.connect.Key, APISecret: f.connect.Secret, Observe: func(e sensory.Event) {
		if e.Event != "reach" || e.Error != "" { // that all is well again is said by /readyz
			out.print(e)
		}
	}}
}
