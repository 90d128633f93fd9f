package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

// storeFlags say where a persona keeps what is said, and for how long.
type storeFlags struct {
	placeFlags
	days, rows int
	place      string
}

func (f *storeFlags) register(cmd *cobra.Command) {
	f.placeFlags.register(cmd.Flags(), "keep what is said in this file, or at postgres://USER@HOST/DATABASE (default: nothing is kept)")
	f.registerOld(cmd.Flags())
}

// registerOld adds the flags that say what is old.
func (f *storeFlags) registerOld(fs *pflag.FlagSet) {
	fs.IntVar(&f.days, "retain-days", 0, "delete what is older than this many days; 0 keeps everything")
	fs.IntVar(&f.rows, "retain-rows", 0, "keep so many utterances, messages and turns of each, and delete older ones; 0 keeps everything")
}

// settle finds the store and checks what is old.
func (f *storeFlags) settle(cmd *cobra.Command, file *config.Config) (err error) {
	if err := f.validate(); err != nil {
		return err
	}
	f.place, err = f.locate(cmd, file)
	return err
}

// validate refuses a time to keep that means something else: beyond 292 years a duration overflows,
// and everything would be deleted.
func (f *storeFlags) validate() error {
	switch {
	case f.days < 0 || f.days > config.MaxRetainDays:
		return usageError{fmt.Errorf("--retain-days %d: use 0 to keep everything, or 1 to %d", f.days, config.MaxRetainDays)}
	case f.rows < 0 || f.rows > config.MaxRetainRows:
		return usageError{fmt.Errorf("--retain-rows %d: use 0 to keep everything, or 1 to %d", f.rows, config.MaxRetainRows)}
	}
	return nil
}

// open starts what writes and deletes; nil where nothing is kept. The machine closes it. The flags
// are settled.
func (f *storeFlags) open(ctx context.Context, on *sensory.Machine, cfg room.TranscriptConfig) (*room.Transcripts, error) {
	if f.place == "" {
		return nil, nil // nothing is kept, which is no error
	}
	cfg.Path, cfg.Keep, cfg.Rows = f.place, time.Duration(f.days)*day, f.rows
	return on.Keep(ctx, cfg)
}

func newTranscriptsCommand(root *rootFlags) *cobra.Command {
	var room string
	var at placeFlags
	var limit int
	var since time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "transcripts",
		Short:   "Print what was said in rooms, as serve or join --store has kept it",
		Example: "  sensory-agent transcripts --store transcripts.db --room lobby --since 24h\n  sensory-agent transcripts --json | jq .text",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := root.configure(cmd)
			if err != nil {
				return err
			}
			place, err := at.need(cmd, file)
			if err != nil {
				return err
			}
			if limit < 0 || since < 0 {
				return usageError{errors.New("--limit and --since must not be negative")}
			}
			query := store.Query{Room: room, Limit: limit}
			if since > 0 {
				query.Since = time.Now().Add(-since)
			}
			return printTranscripts(cmd, place, query, asJSON)
		},
	}
	fs := cmd.Flags()
	at.register(fs, "store that serve or join --store writes")
	fs.StringVar(&room, "room", "", "of this room only")
	fs.IntVar(&limit, "limit", 0, "only so many, the newest; 0 prints all")
	fs.DurationVar(&since, "since", 0, "only what was said in this time; 0 prints all")
	fs.BoolVar(&asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

func printTranscripts(cmd *cobra.Command, place string, query store.Query, asJSON bool) (err error) {
	db, err := store.OpenReader(cmd.Context(), place)
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
