package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/models"
)

// modelsListRow is one model as "models list --json" shows it.
type modelsListRow struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Kind         string   `json:"kind"`
	Family       string   `json:"family,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
	Context      int      `json:"context,omitempty"`
	Licence      string   `json:"licence"`
	LicenceNote  string   `json:"licence_note,omitempty"`
	Bytes        int64    `json:"bytes"`
	MemoryBytes  int64    `json:"memory_bytes"`
	State        string   `json:"state"`
	Unverified   string   `json:"unverified,omitempty"`
	Sets         []string `json:"sets,omitempty"`
	Path         string   `json:"path,omitempty"`
}

func newModelsListCommand(flags *modelsFlags) *cobra.Command {
	var installed bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show every known model, its licence and whether it is here",
		Args:  modelsNoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := flags.open(models.Options{})
			if err != nil {
				return err
			}
			defer store.Close()
			rows := modelsRows(store, installed)
			if flags.json {
				return printJSON(cmd.OutOrStdout(), rows)
			}
			return printModelsRows(cmd, store, rows)
		},
	}
	cmd.Flags().BoolVar(&installed, "installed", false, "only models that are here")
	return cmd
}

func modelsNoArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unexpected argument %q", args[0])}
	}
	return nil
}

func modelsRows(store *models.Store, onlyInstalled bool) []modelsListRow {
	catalog := store.Catalog()
	rows := []modelsListRow{}
	for i := range catalog.Entries {
		e := &catalog.Entries[i]
		row := modelsListRow{
			ID: e.ID, Name: e.Name, Kind: e.Kind, Family: e.Family, Capabilities: e.Capabilities, Context: e.Context,
			Licence: e.Licence, LicenceNote: e.LicenceNote, Bytes: e.Bytes(), MemoryBytes: e.MemoryMB * 1_000_000,
			State: string(store.State(e.ID)), Unverified: e.Unverified,
		}
		switch {
		case e.Embedded:
			row.State = "embedded"
		case e.Remote != nil:
			row.State = "remote"
		case store.Installed(e.ID):
			row.Path = store.ModelDir(e.ID)
		}
		if onlyInstalled && !store.Installed(e.ID) {
			continue
		}
		for name, ids := range catalog.Sets {
			if slices.Contains(ids, e.ID) {
				row.Sets = append(row.Sets, name)
			}
		}
		slices.Sort(row.Sets)
		rows = append(rows, row)
	}
	return rows
}

func printModelsRows(cmd *cobra.Command, store *models.Store, rows []modelsListRow) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 2, 4, 2, ' ', 0)
	if err := printText(w, "ID\tSTATE\tSIZE\tKIND\tCAN\tLICENCE\n"); err != nil {
		return err
	}
	var notes []string
	for _, r := range rows {
		id, licence := r.ID, r.Licence
		if r.Unverified != "" {
			id += " (unverified)"
			notes = append(notes, fmt.Sprintf("%s is unverified: %s", r.ID, r.Unverified))
		}
		if r.LicenceNote != "" {
			licence += " *"
			notes = append(notes, fmt.Sprintf("%s licence: %s", r.ID, r.LicenceNote))
		}
		err := printText(w, "%s\t%s\t%s\t%s\t%s\t%s\n", id, r.State, models.FormatBytes(r.Bytes), r.Kind, strings.Join(r.Capabilities, ","), licence)
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return printModelsNotes(cmd.OutOrStdout(), store, notes)
}

// printModelsNotes prints what stands below the table: what is to be known of models, the sets, and
// the folder.
func printModelsNotes(out io.Writer, store *models.Store, notes []string) error {
	for i, n := range notes {
		if i == 0 {
			if err := printText(out, "\n"); err != nil {
				return err
			}
		}
		if err := printText(out, "* %s\n", n); err != nil {
			return err
		}
	}
	for _, set := range store.Catalog().SetNames() {
		if err := printText(out, "set %s: %s\n", set, strings.Join(store.Catalog().Sets[set], ", ")); err != nil {
			return err
		}
	}
	return printText(out, "models folder: %s\n", store.Root())
}
