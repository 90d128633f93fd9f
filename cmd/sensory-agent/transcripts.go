package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

// storeFlags say where a persona keeps what is said.
type storeFlags struct {
	path string
	days int
}

func (f *storeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "store", "", "keep what is said in this file (default: nothing is kept)")
	cmd.Flags().IntVar(&f.days, "retain-days", 0, "delete what is older than this many days; 0 keeps everything")
}

// validate refuses a time to keep that means something else: beyond 292 years a duration overflows, and everything would be deleted.
func (f *storeFlags) validate() error {
	if f.days < 0 || f.days > config.MaxRetainDays {
		return usageError{fmt.Errorf("--retain-days %d: use 0 to keep everything, or 1 to %d", f.days, config.MaxRetainDays)}
	}
	return nil
}

// open starts what writes and deletes; nil where nothing is kept. The machine closes it. The flags are valid.
func (f *storeFlags) open(ctx context.Context, on *sensory.Machine, cfg room.TranscriptConfig) (*room.Transcripts, error) {
	if f.path == "" {
		return nil, nil // nothing is kept, which is no error
	}
	cfg.Path, cfg.Keep = f.path, time.Duration(f.days)*day
	return on.Keep(ctx, cfg)
}

func newTranscriptsCommand(root *rootFlags) *cobra.Command {
	var path, room string
	var limit int
	var since time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "transcripts",
		Short:   "Print what was said in rooms, as join --store has kept it",
		Example: "  sensory-agent transcripts --store transcripts.db --room lobby --since 24h\n  sensory-agent transcripts --json | jq .text",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := root.configure(cmd); err != nil {
				return err
			}
			switch {
			case path == "":
				return usageError{errors.New("no store: give --store, or store.path in the configuration file")}
			case limit < 0 || since < 0:
				return usageError{errors.New("--limit and --since must not be negative")}
			}
			query := store.Query{Room: room, Limit: limit}
			if since > 0 {
				query.Since = time.Now().Add(-since)
			}
			return printTranscripts(cmd, path, query, asJSON)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&path, "store", "", "file that join --store writes")
	fs.StringVar(&room, "room", "", "of this room only")
	fs.IntVar(&limit, "limit", 0, "only so many, the newest; 0 prints all")
	fs.DurationVar(&since, "since", 0, "only what was said in this time; 0 prints all")
	fs.BoolVar(&asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

func printTranscripts(cmd *cobra.Command, path string, query store.Query, asJSON bool) (err error) {
	db, err := store.OpenReader(cmd.Context(), path)
	if err != nil {
		return err
	}
	defer closing(&err, db.Close)
	lines := json.NewEncoder(cmd.OutOrStdout())
	return db.List(cmd.Context(), query, func(u store.Utterance) error {
		if asJSON {
			return lines.Encode(u)
		}
		return printText(cmd.OutOrStdout(), "%s  %-12s %-12s %s\n", u.Start.Local().Format("2006-01-02 15:04:05"),
			printable.Text(u.Room), printable.Text(u.Participant), printable.Text(u.Text))
	})
}
