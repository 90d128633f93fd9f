package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/api"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// liveFlags say which turn of a running program is planned.
type liveFlags struct {
	ask          askFlags
	room, from   string
	to           []string
	request, run bool
}

func (f *liveFlags) register(cmd *cobra.Command) {
	f.ask.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.room, "room", "", "ask a running program: name or handle of the room")
	fs.StringVar(&f.from, "from", "operator", "with --room: who asks, as the room is to know them")
	fs.StringSliceVar(&f.to, "to", nil, "with --room: the persona that is meant; may be repeated (default: the room's policy decides)")
	fs.BoolVar(&f.request, "request", false, "with --room: print what the plan was made from, as JSON, for plan FILE")
	fs.BoolVar(&f.run, "run", false, "with --room: have the turn run as it was planned, and print what came of it")
}

// wanted tells whether a running program is asked.
func (f *liveFlags) wanted(cmd *cobra.Command, args []string, compare string) (bool, error) {
	if !cmd.Flags().Changed("room") {
		for _, name := range []string{"from", "to", "request", "run", askFlag, askTokenFlag} {
			if cmd.Flags().Changed(name) {
				return false, usageError{fmt.Errorf("--%s is of a running program: say which --room of it; a FILE is planned without one", name)}
			}
		}
		return false, nil
	}
	switch {
	case len(args) == 0 || f.room == "":
		return false, usageError{errors.New("--room names a room of a running program, and one argument is what is asked there: plan --room lobby \"Who is there?\"")}
	case compare != "":
		return false, usageError{errors.New("--compare is for a FILE that is planned here: leave --room out (plan --room … --request prints such a file)")}
	case f.request && f.run:
		return false, usageError{errors.New("--request and --run: leave one of them out")}
	}
	return true, nil
}

// planned is what is printed of a turn that was run.
type planned struct {
	Request turn.Request `json:"request"`
	Plan    turn.Plan    `json:"plan"`
	Result  turn.Result  `json:"result"`
}

// runLive plans a turn of a running program, and has it run where that is wanted.
func (f *planFlags) runLive(cmd *cobra.Command, text string) error {
	c, err := f.live.ask.chat()
	if err != nil {
		return err
	}
	defer c.program.Close()
	got, err := c.program.Turns.PlanTurn(cmd.Context(), &sensoryv1.PlanTurnRequest{
		Room: f.live.room, Trigger: &sensoryv1.Trigger{From: f.live.from, Text: text, To: f.live.to},
	})
	if err != nil {
		return unanswered(c.address, err)
	}
	out := planned{Request: api.RequestFrom(got.GetRequest()), Plan: api.PlanFrom(got.GetPlan())}
	switch {
	case f.live.request:
		return printJSON(cmd.OutOrStdout(), out.Request)
	case !f.live.run:
		return f.show(cmd.OutOrStdout(), &out.Plan)
	}
	came, err := c.program.Turns.RunTurn(cmd.Context(), &sensoryv1.RunTurnRequest{Plan: got.GetPlan(), Request: got.GetRequest()})
	if err != nil {
		return unanswered(c.address, err)
	}
	out.Result = api.ResultFrom(came)
	return f.printRun(cmd.OutOrStdout(), &out)
}

// printRun prints what came of a turn. One that left its plan is a failure, as with --compare.
func (f *planFlags) printRun(w io.Writer, out *planned) error {
	var err error
	if f.asJSON {
		err = printJSON(w, out)
	} else {
		err = printText(w, "%s%s%s", planText(&out.Plan), toldText(&out.Result), deviationsText(out.Result.Divergences))
	}
	if n := len(out.Result.Divergences); err == nil && n > 0 {
		err = fmt.Errorf("%w in %d points", errDiverged, n)
	}
	return err
}

// toldText is what personas said, a line each.
func toldText(r *turn.Result) string {
	var b strings.Builder
	for i := range r.Replies {
		t := &r.Replies[i]
		fmt.Fprintf(&b, "%s, text after %d ms", printable.Text(t.Persona), t.Finish)
		if t.Heard > 0 {
			fmt.Fprintf(&b, ", heard after %d ms", t.Heard)
		}
		fmt.Fprintf(&b, ": %s\n", printable.Text(t.Text))
	}
	return b.String()
}
