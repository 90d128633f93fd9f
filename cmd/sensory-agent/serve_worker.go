package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// seatsPerCore is how many personas sit on one core where worker.seats does not say. A persona that
// listens takes 2.3 % of a core, one that sees besides 9.5 % (BENCHMARKS.md, "Many rooms, many
// personas"); the rest is for answers.
const seatsPerCore = 8

// errNoWorker says that a page has nothing to show.
var errNoWorker = errors.New("no agent names are registered: see worker.agents in docs/worker.md")

// agentsOf are the names that a file has the worker take jobs for.
func agentsOf(file *config.Config) []dispatch.Agent {
	return dispatch.Agents(persona.Set{Personas: file.Set().Personas, Rooms: file.Agents()})
}

// workerListen is where the worker's pages are alone, with the token of --listen, or without one
// where somebody says so.
func (f *serveFlags) workerListen() (ops.Config, error) {
	c := ops.Config{Address: f.engine.file.Text("worker.listen", ""), Open: f.open}
	switch {
	case c.Address == "" && f.open:
		return c, usageError{errors.New("--listen-open opens worker.listen, which the configuration file does not name; --listen takes --listen-token-file")}
	case c.Address == "":
		return c, nil
	}
	var err error
	if c.Token, err = opsToken(f.ops.tokenFile, "listen-token"); err != nil {
		return c, err
	}
	f.ops.rotates(&c)
	if err := c.Validate(); err != nil {
		return c, usageError{fmt.Errorf("worker.listen: %w (see --listen-token-file and --listen-open)", err)}
	}
	return c, nil
}

// withPages serves the worker's pages at worker.listen while something is done.
func (f *serveFlags) withPages(log *slog.Logger, s *served, do func() error) (err error) {
	pages, err := ops.Start(f.beside, log, s.working, s.workerPages()...)
	if err != nil {
		return fmt.Errorf("worker.listen: %w", err)
	}
	defer closing(&err, pages.Close)
	return do()
}

// dispatched opens what serves dispatches. It serves nothing until it is given names.
func (f *serveFlags) dispatched(log *slog.Logger, out *timeline, on *sensory.Machine, host *agent.Host, open opens, s *served) (*dispatch.Service, error) {
	file := f.engine.file
	return dispatch.New(dispatch.Config{
		URL: f.connect.URL, APIKey: f.connect.Key, APISecret: f.connect.Secret, Host: host, Open: open,
		Pools: func() []compute.PoolInfo { return on.Engine().Compute().Pools }, Reconcile: file.Text("worker.reconcile", "on") == "on", Lost: file.Duration("worker.lost", 0),
		Version: version(), Logger: log, Report: func(e dispatch.Event) {
			if e.Reconcile != nil {
				s.told.Reconciled(e.Reconcile.Kind)
			}
			if l, ok := dispatchLine(e); ok {
				out.print(l)
				s.dispatched(l)
			}
		},
	})
}

// dispatchLine describes what becomes of dispatches.
func dispatchLine(e dispatch.Event) (line, bool) {
	l := line{At: time.Now(), Who: e.Agent, Event: "worker"}
	switch {
	case e.Worker != nil:
		l.Room = e.Worker.Room
		l.Detail, l.Error = said(string(e.Worker.Kind), string(e.Worker.Reason), e.Worker.Err)
	case e.Reconcile != nil:
		if e.Reconcile.Kind == reconcile.Looked {
			return line{}, false
		}
		l.Event, l.Room = "reconcile", e.Reconcile.Room
		l.Detail, l.Error = said(string(e.Reconcile.Kind), string(e.Reconcile.Reason), e.Reconcile.Err)
	default:
		l.Error = e.Err.Error()
	}
	return l, true
}

// said is a word with its reason, as a line has them.
func said(what, why string, err error) (detail, problem string) {
	if why != "" {
		what += " (" + why + ")"
	}
	if err != nil {
		return "", what + ": " + err.Error()
	}
	return what, ""
}

// workerPages are those that LiveKit's own workers have.
func (s *served) workerPages() []ops.Page {
	return []ops.Page{
		{Path: ops.RootPath + "{$}", Answer: func() (int, any) {
			d := s.dispatch.Load()
			if d == nil {
				return ops.Refuse(http.StatusServiceUnavailable, errLoading.Error())
			}
			if ready, why := d.Ready(); !ready {
				return ops.Refuse(http.StatusServiceUnavailable, why)
			}
			if len(d.Status().Agents) == 0 {
				return ops.Refuse(http.StatusNotFound, errNoWorker.Error())
			}
			return http.StatusOK, "OK"
		}},
		page("/worker", func() (any, error) {
			if d := s.dispatch.Load(); d != nil {
				return d.Status(), nil
			}
			return nil, errLoading
		}),
	}
}

// working tells whether every name is registered.
func (s *served) working() ops.Readiness {
	d := s.dispatch.Load()
	if d == nil {
		return ops.Readiness{State: "loading"}
	}
	if ready, why := d.Ready(); !ready {
		return ops.Readiness{State: "waiting", Reason: strings.ReplaceAll(why, "\n", "; ")}
	}
	return s.degraded(ops.Readiness{Ready: true, State: "listening"})
}
