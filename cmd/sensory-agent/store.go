package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

// wholeFlags say which store is looked after.
type wholeFlags struct {
	root *rootFlags
	placeFlags
	place  string
	asJSON bool
}

// configured finds the store.
func (f *wholeFlags) configured(cmd *cobra.Command) error {
	file, err := f.root.configure(cmd)
	if err == nil {
		f.place, err = f.need(cmd, file)
	}
	return err
}

func newStoreCommand(root *rootFlags) *cobra.Command {
	f := &wholeFlags{root: root}
	cmd := group("store", "The store itself: what it holds, backing it up, moving it, deleting what is old",
		newStoreStatusCommand(f), newStoreBackupCommand(f), newStoreCopyCommand(f), newStorePruneCommand(f), newStoreCompactCommand(f))
	cmd.Long = `What serve and join --store keep, as a whole: in a file, or in a PostgreSQL database. The commands
work on it whether a program runs or not. docs/store.md says what to do when.`
	f.register(cmd.PersistentFlags(), "this store (default store.path of the configuration file)")
	return cmd
}

func newStoreStatusCommand(f *wholeFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Say which database it is, its version and size, what it holds and whether it can be written",
		Example: "  sensory-agent store status --store transcripts.db",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.configured(cmd); err != nil {
				return err
			}
			facts, err := store.Inspect(cmd.Context(), f.place)
			if err != nil {
				return err
			}
			if f.asJSON {
				return printJSON(cmd.OutOrStdout(), factsShown{facts, reason(facts.Unwritable)})
			}
			return printText(cmd.OutOrStdout(), "%s", factsText(&facts))
		},
	}
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON instead of text")
	return cmd
}

// factsShown are facts as they are printed with --json.
type factsShown struct {
	store.Facts
	Unwritable string `json:"unwritable,omitempty"`
}

// reason is the text of an error, if there is one.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// factsLine describes a store in a line.
func factsLine(f *store.Facts) string {
	version := fmt.Sprintf("version %d", f.Version)
	if f.Version < f.Newest {
		version += fmt.Sprintf(" (%d from when it is written next)", f.Newest)
	}
	able := "can be written"
	if f.Unwritable != nil {
		able = "CANNOT be written: " + printable.Text(f.Unwritable.Error())
	}
	return fmt.Sprintf("%s, %s, %s, %.1f MB, %s", printable.Text(f.Path), f.Database, version, float64(f.Bytes)/1e6, able)
}

func factsText(f *store.Facts) string {
	var b strings.Builder
	b.WriteString(factsLine(f) + "\n")
	for _, t := range f.Tables {
		fmt.Fprintf(&b, "%-16s %8d", t.Name, t.Rows)
		if !t.Oldest.IsZero() {
			fmt.Fprintf(&b, "  from %s to %s", t.Oldest.Local().Format(time.DateTime), t.Newest.Local().Format(time.DateTime))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func newStoreBackupCommand(f *wholeFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write all of it, as it is at one moment, into a new file, while it is being written on",
		Long: `Writes all of the store into a file that is not there yet: a store in a file, also where it is in
PostgreSQL. It is of one moment, also while a program writes on, and is there whole or not at all. To
restore it, put it in the place of the store, or copy it into another one: store copy.`,
		Example: "  sensory-agent store backup --store transcripts.db /backup/transcripts-$(date +%F).db",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configured(cmd); err != nil {
				return err
			}
			if err := store.Backup(cmd.Context(), f.place, args[0]); err != nil {
				return err
			}
			facts, err := store.Inspect(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printText(cmd.OutOrStdout(), "%s", factsText(&facts))
		},
	}
}

func newStoreCopyCommand(f *wholeFlags) *cobra.Command {
	var to, toFile string
	cmd := &cobra.Command{
		Use:   "copy",
		Short: "Copy all of it into an empty store: from a file to PostgreSQL, or back",
		Long: `Copies everything into another store, which must be empty or not there yet, in one transaction. Ids,
handles and order stay. What a program writes into the old store after the copy began is not in the
new one: end it before, and start it with the new one after.`,
		Example: "  sensory-agent store copy --store transcripts.db --to postgres://sensory@db/sensory",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.configured(cmd); err != nil {
				return err
			}
			target, err := store.Locate(to, toFile, "")
			if err == nil && target == "" {
				err = errors.New("no target: give --to or --to-address-file")
			}
			if err != nil {
				return usageError{err}
			}
			if err := store.Copy(cmd.Context(), f.place, target); err != nil {
				return err
			}
			facts, err := store.Inspect(cmd.Context(), target)
			if err != nil {
				return err
			}
			return printText(cmd.OutOrStdout(), "%s", factsText(&facts))
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "file, or postgres://USER@HOST/DATABASE")
	cmd.Flags().StringVar(&toFile, "to-address-file", "", "the postgres:// address, with its password, is in this file")
	return cmd
}

func newStorePruneCommand(f *wholeFlags) *cobra.Command {
	var old storeFlags
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Delete what is older than it is to be kept, now",
		Long: `Deletes utterances, messages and turns that are older than so many days, or that have so many newer ones
behind them. Without flags, what the configuration file says (store.retain_days, store.retain_rows),
as a running program does once an hour. Rooms keep their handles; memories are not touched.`,
		Example: "  sensory-agent store prune --store transcripts.db --retain-days 30 --retain-rows 100000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := f.root.configure(cmd)
			if err != nil {
				return err
			}
			place, err := f.need(cmd, file)
			if err != nil {
				return err
			}
			what, err := old.old(cmd, file, time.Now())
			if err != nil {
				return err
			}
			n, err := store.Prune(cmd.Context(), place, what)
			if err != nil {
				return fmt.Errorf("%d rows deleted, then: %w", n, err)
			}
			return printText(cmd.OutOrStdout(), "%d rows deleted\n", n)
		},
	}
	old.registerOld(cmd.Flags())
	return cmd
}

// old is what is not to be kept at a time, by the flags or else by the configuration file.
func (f *storeFlags) old(cmd *cobra.Command, file *config.Config, now time.Time) (store.Old, error) {
	if flags := cmd.Flags(); !flags.Changed("retain-days") && !flags.Changed("retain-rows") {
		days, _ := file.Value("store.retain_days")
		rows, _ := file.Value("store.retain_rows")
		f.days, f.rows = int(days.Number), int(rows.Number) // checked when the file was read
	}
	if err := f.validate(); err != nil {
		return store.Old{}, err
	}
	if f.days == 0 && f.rows == 0 {
		return store.Old{}, usageError{errors.New("nothing is called old: give --retain-days or --retain-rows")}
	}
	out := store.Old{Rows: f.rows}
	if f.days > 0 {
		out.Before = now.Add(-time.Duration(f.days) * day)
	}
	return out, nil
}

func newStoreCompactCommand(f *wholeFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "compact",
		Short: "Give back to the disk what deleted rows took, and bring an older store up to this version",
		Long: `Writes the store anew without what was deleted (VACUUM). It takes as much room again for that time, and
nobody else can write meanwhile: a running program waits, and tries again.`,
		Example: "  sensory-agent store compact --store transcripts.db",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.configured(cmd); err != nil {
				return err
			}
			before, err := store.Inspect(cmd.Context(), f.place)
			if err == nil {
				err = store.Compact(cmd.Context(), f.place)
			}
			if err != nil {
				return err
			}
			after, err := store.Inspect(cmd.Context(), f.place)
			if err != nil {
				return err
			}
			return printText(cmd.OutOrStdout(), "%.1f MB before\n%s\n", float64(before.Bytes)/1e6, factsLine(&after))
		},
	}
}
