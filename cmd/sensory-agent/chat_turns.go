package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

func newChatTurnsCommand(f *chatFlags) *cobra.Command {
	var q store.TurnQuery
	cmd := &cobra.Command{
		Use:   "turns",
		Short: "Print what came of each turn: who replied, who was silent and why, where it left its plan",
		Example: "  sensory-agent chat turns --room lobby --limit 5\n" +
			"  sensory-agent chat turns --store transcripts.db --message m_… --json | jq .silences",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if q.Limit < 0 {
				return usageError{errors.New("--limit must not be negative")}
			}
			from, err := f.open(cmd)
			if err != nil {
				return err
			}
			defer closing(&err, from.close)
			return unread(from.turns(cmd.Context(), q, func(t store.Turn) error {
				if f.asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(t)
				}
				return printText(cmd.OutOrStdout(), "%s", turnText(&t))
			}))
		},
	}
	f.register(cmd)
	f.registerJSON(cmd)
	fs := cmd.Flags()
	fs.StringVar(&q.Room, "room", "", "of this room only, by its name or handle")
	fs.StringVar(&q.Message, "message", "", "that the message of this id began")
	fs.IntVar(&q.Limit, "limit", 0, "only so many, the newest; 0 prints all")
	return cmd
}

// turnText is a turn in a line, and one more for each persona.
func turnText(t *store.Turn) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-12s turn %d, %s by %s, %s", t.Begin.Local().Format("2006-01-02 15:04:05"), printable.Text(t.RoomName), t.Number,
		t.Trigger, printable.Text(t.Participant), t.End.Sub(t.Begin).Round(time.Millisecond))
	if t.Message != "" {
		fmt.Fprintf(&b, ", %s", printable.Text(t.Message))
	}
	b.WriteByte('\n')
	for _, o := range t.Outcomes {
		fmt.Fprintf(&b, "    %-12s replied, text after %d ms", printable.Text(o.Persona), o.Finish)
		if o.Heard > 0 {
			fmt.Fprintf(&b, ", heard after %d ms", o.Heard)
		}
		if o.Cut != "" {
			fmt.Fprintf(&b, ", cut: %s", o.Cut)
		}
		b.WriteByte('\n')
	}
	for _, q := range t.Silences {
		fmt.Fprintf(&b, "    %-12s %s: %s\n", printable.Text(q.Seat), q.Why, q.Why.Meaning())
	}
	for _, d := range t.Divergences {
		fmt.Fprintf(&b, "    left its plan: %s %s\n", printable.Text(d.Persona), d.Kind.Meaning())
	}
	return b.String()
}
