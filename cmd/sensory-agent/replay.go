package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// errReplay says that a conversation went another way than the file has it.
var errReplay = errors.New("the conversation goes another way")

// replayFlags say how what is replayed is shown.
type replayFlags struct {
	ask             askFlags
	room            string
	rewrite, asJSON bool
}

func newReplayCommand() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay FILE | --room ROOM",
		Short: "Step a recorded conversation, without room or model, and compare what is decided",
		Long: `Reads a conversation as serve --record writes it, one event a line with its effects below, steps the room's table through the events and
compares. Exit 0: every effect is as it was. Exit 1: something is decided in another way; each difference is printed. - reads standard input.

With --room the conversation so far of a room of a program that runs with serve --listen is replayed: what it decided is compared with what this
program decides.`,
		Example: "  sensory-agent replay cognition/turn/testdata/three_seats.txt\n  sensory-agent replay --rewrite lobby.txt > now.txt\n" +
			"  sensory-agent replay --room lobby",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	cmd.Flags().BoolVar(&f.rewrite, "rewrite", false, "print the conversation as it is decided now")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object instead of text")
	cmd.Flags().StringVar(&f.room, "room", "", "ask a running program: name or handle of the room")
	f.ask.register(cmd)
	return cmd
}

func (f *replayFlags) run(cmd *cobra.Command, args []string) error {
	live := cmd.Flags().Changed("room")
	switch {
	case f.rewrite && f.asJSON:
		return usageError{errors.New("--rewrite and --json: leave one of them out")}
	case live == (len(args) > 0) || live && f.room == "":
		return usageError{errors.New("give the FILE of a conversation (1 arg), or --room for one of a running program")}
	case !live && f.ask.given(cmd):
		return usageError{errors.New("--address and --token-file are of a running program: say which --room of it")}
	case live:
		return f.runLive(cmd)
	}
	in := cmd.InOrStdin()
	if args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			return err // it names the file
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	return f.replay(cmd, args[0], in)
}

// runLive replays what a room of a running program has done so far.
func (f *replayFlags) runLive(cmd *cobra.Command) error {
	c, err := dial(f.ask.address, f.ask.tokenFile)
	if err != nil {
		return err
	}
	defer c.Close()
	text, err := scriptOf(cmd.Context(), c, f.room)
	if err != nil {
		return unanswered(f.ask.address, err)
	}
	return f.replay(cmd, "room "+printable.Text(f.room), strings.NewReader(text))
}

// replay steps a conversation and prints what came of it.
func (f *replayFlags) replay(cmd *cobra.Command, name string, in io.Reader) error {
	if f.rewrite {
		return script.Rewrite(cmd.OutOrStdout(), in)
	}
	result, err := script.Replay(in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return printReplay(cmd.OutOrStdout(), name, result, f.asJSON)
}

// difference is one event after which something else is decided.
type difference struct {
	Line  int      `json:"line"`
	Event string   `json:"event"`
	Want  []string `json:"want"`
	Got   []string `json:"got"`
}

func printReplay(w io.Writer, name string, r script.Result, asJSON bool) error {
	diffs := make([]difference, len(r.Diffs))
	for i, d := range r.Diffs {
		diffs[i] = difference{d.Line, d.Event, d.Want, d.Got}
	}
	if asJSON {
		if err := json.NewEncoder(w).Encode(map[string]any{"file": name, "events": r.Events, "effects": r.Effects, "differences": diffs}); err != nil {
			return err // of standard output
		}
	} else {
		var b strings.Builder
		for _, d := range diffs {
			fmt.Fprintf(&b, "line %d: %s\n", d.Line, printable.Text(d.Event))
			for _, l := range onlyIn(d.Want, d.Got) {
				fmt.Fprintf(&b, "  - %s\n", printable.Text(l))
			}
			for _, l := range onlyIn(d.Got, d.Want) {
				fmt.Fprintf(&b, "  + %s\n", printable.Text(l))
			}
		}
		fmt.Fprintf(&b, "%d events, %d effects, %d differences\n", r.Events, r.Effects, len(diffs))
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err // of standard output
		}
	}
	if len(diffs) > 0 {
		return fmt.Errorf("%s: %w after %d of %d events (- as recorded, + as decided now)", name, errReplay, len(diffs), r.Events)
	}
	return nil
}

// onlyIn returns the lines of a that b has not, each as often as it is there more often. Lines that
// only changed their order are in both: then all of a is returned.
func onlyIn(a, b []string) []string {
	left := map[string]int{}
	for _, l := range b {
		left[l]++
	}
	var out []string
	for _, l := range a {
		if left[l]--; left[l] < 0 {
			out = append(out, l)
		}
	}
	if len(out) == 0 && len(a) == len(b) {
		return a
	}
	return out
}
