package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// errWaiting says that dispatches are left without an agent.
var errWaiting = errors.New("no worker was free")

// reconcileFlags say whose dispatches are served anew.
type reconcileFlags struct {
	connect connectFlags
	agents  []string
	lost    time.Duration
	once    bool
	asJSON  bool
}

func newReconcileCommand(root *rootFlags) *cobra.Command {
	f := &reconcileFlags{}
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Dispatch again what the server gave up because no worker was free, for anybody's agents",
		Long: `A LiveKit server offers a dispatch once: if no worker of that name is there or has room, nobody is ever sent. This command finds such
dispatches and makes them anew, with the same metadata, until a worker takes them. It talks to the server's API only, so the workers may be
LiveKit's own, in Python or Node. Several may run side by side, and any may be killed: no dispatch gets two agents. See docs/worker.md.`,
		Example: "  LIVEKIT_API_SECRET=… sensory-agent reconcile --url wss://livekit.example.com --api-key devkey --agent-name greeter\n" +
			"  sensory-agent reconcile --agent-name greeter --once --json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, root) },
	}
	f.connect.registerServer(cmd)
	fs := cmd.Flags()
	fs.StringArrayVar(&f.agents, "agent-name", nil, "agent whose dispatches are served anew, for jobs of rooms; may be repeated")
	fs.DurationVar(&f.lost, "lost", 0, "serve dispatches anew, too, whose agent has been out of the room for this long while a human is in it; 0 leaves them alone")
	fs.BoolVar(&f.once, "once", false, "try everything that waits once, then end: with 0, or with 1 where dispatches are left")
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

func (f *reconcileFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	if err := f.connect.completeServer(cmd); err != nil {
		return err
	}
	api, err := reconcile.Dial(f.connect.URL, f.connect.Key, f.connect.Secret, nil)
	if err != nil {
		return usageError{err}
	}
	out := newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return out.close(log) })
	ctx, stop := out.whileRead(cmd.Context())
	defer stop()
	host, _ := os.Hostname() // for people only
	p := &reconcilePrinter{out: out, waiting: -1}
	r, err := reconcile.New(reconcile.Config{
		API: api, Agents: f.agents, Lost: f.lost, Logger: log, Report: p.print,
		ID: cmp.Or(host, "reconciler") + "/" + strconv.Itoa(os.Getpid()),
	})
	if err != nil {
		return usageError{err}
	}
	return f.work(ctx, log, r)
}

func (f *reconcileFlags) work(ctx context.Context, log *slog.Logger, r *reconcile.Reconciler) error {
	if !f.once {
		return orderly(ctx, log, r.Run(ctx))
	}
	left, err := r.Once(ctx)
	switch {
	case err != nil:
		return orderly(ctx, log, err)
	case left > 0:
		return fmt.Errorf("%w: %d dispatches wait; start a worker, or leave this command running without --once", errWaiting, left)
	}
	return nil
}

// reconcilePrinter prints what a reconciler does. It belongs to the reconciler's goroutine.
type reconcilePrinter struct {
	out     *timeline
	waiting int // printed last; -1 for never
}

func (p *reconcilePrinter) print(e reconcile.Event) {
	if e.Kind == reconcile.Looked {
		if e.Waiting == p.waiting {
			return
		}
		p.waiting = e.Waiting
	}
	text := ""
	if e.Err != nil {
		text = e.Err.Error()
	}
	p.out.PrintOther(e.At, fmt.Sprintf("%-12s %s", e.Kind, reconcileText(e)), struct {
		reconcile.Event
		Error string `json:"error,omitempty"`
	}{e, text})
}

// reconcileText is an event for people.
func reconcileText(e reconcile.Event) string {
	if e.Kind == reconcile.Looked {
		return fmt.Sprintf("%d rooms; %d dispatches wait for an agent", e.Rooms, e.Waiting)
	}
	text := ""
	if e.Room != "" {
		text = printable.Text(e.Room) + ": "
	}
	if e.Agent != "" {
		text += printable.Text(e.Agent) + " "
	}
	if e.Reason != "" {
		text += "(" + string(e.Reason) + ") "
	}
	if e.New != "" {
		text += fmt.Sprintf("%s → %s, attempt %d", e.Old, e.New, e.Attempt)
	} else {
		text += e.Old
	}
	if e.Err != nil {
		text += " " + printable.Text(e.Err.Error())
	}
	return text
}
