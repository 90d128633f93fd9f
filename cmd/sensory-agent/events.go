package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
)

// eventsFlags say what is followed.
type eventsFlags struct {
	callFlags
	req    sensoryv1.WatchEventsRequest
	after  uint64
	script bool
}

func newEventsCommand() *cobra.Command {
	f := &eventsFlags{}
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Follow what happens in a running program",
		Long: `Prints the latest events that are kept, then each one as it happens, until Ctrl-C: what is heard and said, who is silent and why, where the
time of each reply went, who comes and goes. Who is too slow for it is told what is gone, and goes on. --script prints a room's conversation so far
as serve --record writes it, for replay, and ends.`,
		Example: "  sensory-agent events --room lobby --kind heard,said,silent\n  sensory-agent events --after 412 --json\n" +
			"  sensory-agent events --room lobby --script | sensory-agent replay -",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.script && (f.asJSON || f.req.GetRoom() == "" || len(f.req.GetKinds()) > 0 || cmd.Flags().Changed("after")) {
				return usageError{errors.New("--script is the conversation of one --room; leave --json, --kind and --after out")}
			}
			if cmd.Flags().Changed("after") {
				f.req.After = &f.after
			}
			return f.run(cmd)
		},
	}
	f.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.req.Room, "room", "", "only events of this room, by name or handle")
	fs.StringSliceVar(&f.req.Kinds, "kind", nil, "only events of this kind (docs/api.md); may be repeated")
	fs.Uint64Var(&f.after, "after", 0, "begin behind this sequence number")
	fs.Int32Var(&f.req.Recent, "recent", 20, "begin with so many of the latest events")
	fs.BoolVar(&f.script, "script", false, "print the room's conversation so far for replay")
	return cmd
}

// run follows until the command is interrupted.
func (f *eventsFlags) run(cmd *cobra.Command) error {
	c, err := dial(f.address, f.tokenFile)
	if err != nil {
		return err
	}
	defer c.Close()
	if f.script {
		text, err := scriptOf(cmd.Context(), c, f.req.GetRoom())
		if err != nil {
			return err
		}
		return printText(cmd.OutOrStdout(), "%s", text)
	}
	var told *client.Error
	err = c.Follow(cmd.Context(), &f.req, client.Follower{
		Event: func(e *sensoryv1.Event) error {
			if f.asJSON {
				return printLine(cmd, e)
			}
			return printText(cmd.OutOrStdout(), "%s", eventText(e))
		},
		Gone: func(first, oldest uint64) {
			_ = printText(cmd.ErrOrStderr(), "events %d–%d are gone: this was too slow\n", first, oldest-1) // the events go on
		},
	})
	if errors.As(err, &told) && told.Field != "" && told.Field != "log" { // nobody names a log: it is the one that was followed
		return usageError{err}
	}
	return err
}
