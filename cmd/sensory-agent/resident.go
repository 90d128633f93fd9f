package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// residentFlags are those of commands that stay: join and serve.
type residentFlags struct {
	connect connectFlags
	engine  engineFlags
	keep    storeFlags
	ops     opsFlags
	asJSON  bool
}

// register adds the flags that both have.
func (f *residentFlags) register(cmd *cobra.Command) {
	f.keep.register(cmd)
	f.ops.register(cmd)
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
}

// program is what a command that stays does.
type program struct {
	// check completes the flags and checks them; nothing has been started then.
	check func(*cobra.Command) error
	ready func() ops.Readiness
	pages []ops.Page
	// mount, if set, serves more behind the listener of the pages.
	mount func(*slog.Logger) ([]ops.Mount, error)
	// known is what the program knows of itself; what happens is counted there.
	known *resident
	// console, if set, is the page for people there.
	console func() (http.Handler, error)
	// work loads, enters and stays until ctx ends.
	work func(ctx context.Context, log *slog.Logger, out *timeline) error
}

// serve answers at an address, if there is one.
func (p *program) serve(listen ops.Config, log *slog.Logger) (_ *ops.Server, err error) {
	if p.mount != nil {
		more, err := p.mount(log)
		if err != nil {
			return nil, err
		}
		listen.Mounts = append(listen.Mounts, more...)
	}
	if p.console != nil {
		if listen.Console, err = p.console(); err != nil {
			return nil, usageError{err}
		}
	}
	return ops.Start(listen, log, p.ready, p.pages...)
}

// run checks the whole call before it starts anything, serves the pages, and works.
func (f *residentFlags) run(cmd *cobra.Command, root *rootFlags, p program) (err error) {
	if f.engine.file, err = root.configure(cmd); err != nil {
		return err
	}
	log, err := root.logger()
	if err != nil {
		return err
	}
	listen, err := f.ops.config()
	if err != nil {
		return err
	}
	if err := f.keep.settle(cmd, f.engine.file); err != nil {
		return err
	}
	if err := p.check(cmd); err != nil {
		return err
	}
	out := newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return out.close(log) })
	ctx, stop := out.whileRead(cmd.Context())
	defer stop()
	p.known.lines.Store(out)
	metrics, end, err := p.known.watched(cmd.Context(), log)
	if err != nil {
		return err
	}
	defer closing(&err, end)
	listen.Mounts = append(listen.Mounts, metrics)
	pages, err := p.serve(listen, log)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	tellConsole(out, pages, p.console != nil)
	return p.work(ctx, log, out)
}

// resident is what a running program knows of itself, for those who ask from outside. Its fields
// are set by one goroutine and read by any.
type resident struct {
	machine atomic.Pointer[engine.Machine]
	kept    atomic.Pointer[room.Transcripts]
	calls   atomic.Pointer[api.Server]
	lines   atomic.Pointer[timeline]
	frames  senses.Frames
	// told counts and traces what happens; it is there before anything does. seated, if set, counts
	// seats by their state.
	told   *telemetry.Telemetry
	seated func() (byState map[string]int, rooms int, ok bool)
}

// open opens what keeps what is said, where the flags ask for it. who is named where something is
// not kept.
func (r *resident) open(ctx context.Context, on *sensory.Machine, f *storeFlags, log *slog.Logger, out *timeline, who string) error {
	kept, err := f.open(ctx, on, room.TranscriptConfig{Logger: log, Report: func(err error) {
		out.print(line{Event: "problem", Who: who, Error: err.Error()})
	}})
	if kept != nil && err == nil {
		r.kept.Store(kept)
	}
	return err
}

// degraded says of a program that is ready what it cannot do all the same.
func (r *resident) degraded(is ops.Readiness) ops.Readiness {
	if kept := r.kept.Load(); kept != nil {
		return degraded(is, kept.DB().Health())
	}
	return is
}

// degraded names no address: nobody has to show a token who asks.
func degraded(is ops.Readiness, h store.Health) ops.Readiness {
	if is.Ready && h.Degraded() {
		is.Reason = "degraded: what is said is not being kept; sensory-agent status store says why"
	}
	return is
}

// errLoading says that a page has nothing to show yet.
var errLoading = errors.New("the models are being loaded")

// page is a page that may have nothing to show yet.
func page(path string, what func() (any, error)) ops.Page {
	return ops.Page{Path: path, Answer: func() (int, any) {
		v, err := what()
		if err != nil {
			return ops.Refuse(http.StatusServiceUnavailable, err.Error())
		}
		return http.StatusOK, v
	}}
}

// prompts is what personas keep of their prompts.
func (r *resident) prompts() ([]engine.PromptCacheStats, bool) {
	if m := r.machine.Load(); m != nil {
		return m.PromptCaches(), true
	}
	return nil, false
}

// drops counts what found no room, by where.
func (r *resident) drops() map[string]uint64 {
	out := map[string]uint64{}
	if kept := r.kept.Load(); kept != nil {
		out["store"] = kept.Stats().Writer.Lost
	}
	if lines := r.lines.Load(); lines != nil {
		out["timeline"] = lines.Dropped()
	}
	if calls := r.calls.Load(); calls != nil {
		st := calls.Stats()
		out["api"], out["watchers"] = st.Failed[api.ReasonRate]+st.Failed[api.ReasonBusy], st.Unread+st.Failed[api.ReasonSlow]
	}
	return out
}

// storing is how what is said is being kept.
func (r *resident) storing() (out api.StoreStatus, ok bool) {
	kept := r.kept.Load()
	if kept == nil {
		return out, false
	}
	out.TranscriptStats = kept.Stats()
	_, out.Problem = out.Health.Problem()
	out.Failed = kept.DB().Failed()
	return out, true
}
