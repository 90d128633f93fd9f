package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// errDiverged says that a turn was carried out in another way than it was planned.
var errDiverged = errors.New("the result leaves the plan")

// planFlags are what is planned, how a plan is shown, and what it is compared with.
type planFlags struct {
	live    liveFlags
	compare string
	asJSON  bool
}

func newPlanCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan [FILE] | --room ROOM TEXT",
		Short: "Plan a turn without running anything: who replies, where, in what order, and why the others are silent",
		Long: `Reads a request as JSON, from FILE or from standard input, and prints its plan; nobody is asked. The planner is a pure function: the same
request always has the same plan, in whatever order its lists are. docs/turns.md explains both; examples are in cognition/turn/testdata/plan.

With --room it asks a program that runs with serve --listen who would answer TEXT there: --request prints what that plan was made from, which plan
reads as FILE, and --run has the turn run as it was planned, and prints what came of it.

With --compare it also reads what came of the plan of FILE and prints every point in which it was left. Exit 0: the plan, or a result that is as
planned. Exit 1: the result leaves the plan. Exit 2: the request or the result cannot be used; the field is named.`,
		Example: "  sensory-agent plan < cognition/turn/testdata/plan/five_personas.json\n" +
			"  sensory-agent plan --json request.json\n" +
			"  sensory-agent plan --compare result.json request.json\n" +
			"  sensory-agent plan --room lobby --from ada \"Iris and Max, what is this?\"\n" +
			"  sensory-agent plan --room lobby --run --json \"Who is there?\"",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			live, err := f.live.wanted(cmd, args, f.compare)
			if err != nil {
				return err
			}
			if live {
				return f.runLive(cmd, args[0])
			}
			return f.run(cmd.OutOrStdout(), cmd.InOrStdin(), args)
		},
	}
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON instead of text")
	cmd.Flags().StringVar(&f.compare, "compare", "", "file of a result: print where it leaves the plan")
	f.live.register(cmd)
	return cmd
}

func (f *planFlags) run(out io.Writer, in io.Reader, args []string) error {
	name := "-"
	if len(args) > 0 {
		name = args[0]
	}
	var request turn.Request
	err := reading(name, in, func(r io.Reader) (err error) {
		request, err = turn.ReadRequest(r)
		return err // it says of what
	})
	if err != nil {
		return err
	}
	plan, err := request.Plan()
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", shownName(name), err)}
	}
	if f.compare == "" {
		return f.show(out, &plan)
	}
	var result turn.Result
	err = reading(f.compare, in, func(r io.Reader) (err error) {
		result, err = turn.ReadResult(r)
		return err // it says of what
	})
	if err != nil {
		return err
	}
	return f.print(out, turn.Compare(plan, result, request.Budgets()))
}

// show prints a plan.
func (f *planFlags) show(out io.Writer, plan *turn.Plan) error {
	if f.asJSON {
		return printJSON(out, plan)
	}
	return printText(out, "%s", planText(plan))
}

func (f *planFlags) print(out io.Writer, found []turn.Deviation) error {
	var err error
	if f.asJSON {
		err = printJSON(out, found)
	} else {
		err = printText(out, "%s", deviationsText(found))
	}
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%w in %d points", errDiverged, len(found))
	}
	return err
}

// reading opens a file, or takes in for "-", and has it read. What the reader says of the text is a
// wrong call, as for admit; that a file cannot be read is a failure.
func reading(name string, in io.Reader, read func(io.Reader) error) error {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err // it names the file
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	err := read(in)
	switch {
	case errors.Is(err, turn.ErrRequest), errors.Is(err, turn.ErrResult):
		return usageError{fmt.Errorf("%s: %w", shownName(name), err)}
	case err != nil:
		return fmt.Errorf("%s: %w", shownName(name), err)
	}
	return nil
}

func shownName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}
