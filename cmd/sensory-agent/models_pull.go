package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/models"
)

func newModelsPullCommand(flags *modelsFlags) *cobra.Command {
	var sets []string
	var offline bool
	cmd := &cobra.Command{
		Use:   "pull [ID...] [--set NAME]",
		Short: "Fetch models that are not here yet",
		Example: "  sensory-agent models pull --set embedded\n" +
			"  sensory-agent models pull kokoro-82m smolvlm-256m-instruct",
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := modelsNames(args, sets, "pull")
			if err != nil {
				return err
			}
			view := newModelsProgress(cmd.ErrOrStderr())
			store, err := flags.open(models.Options{Progress: view.event, Offline: offline})
			if err != nil {
				return err
			}
			defer store.Close()
			results, err := store.Pull(cmd.Context(), names...)
			view.close()
			if err != nil {
				return modelsPullError(err, names)
			}
			if flags.json {
				return printJSON(cmd.OutOrStdout(), results)
			}
			return printModelsPulled(cmd, store, results)
		},
	}
	cmd.Flags().StringArrayVar(&sets, "set", nil, "a named set of models, such as embedded")
	cmd.Flags().BoolVar(&offline, "offline", false, "use no network: only files that are on this machine")
	return cmd
}

// modelsPullError says what to do next.
func modelsPullError(err error, names []string) error {
	err = modelsError(err)
	switch {
	case errors.Is(err, models.ErrUnknownModel):
		return err
	case errors.Is(err, models.ErrDiskSpace):
		return fmt.Errorf("%w\nfree some space, or choose another folder with --models-dir", err)
	}
	again := strings.Join(names, " ")
	return fmt.Errorf("%w\nwhat is complete was kept; to continue run: sensory-agent models pull %s", err, again)
}

func printModelsPulled(cmd *cobra.Command, store *models.Store, results []models.Result) error {
	out := cmd.OutOrStdout()
	for _, r := range results {
		e, err := store.Catalog().Entry(r.Model)
		if err != nil {
			return modelsError(err)
		}
		state := "already here"
		switch {
		case e.Embedded:
			state = "inside this program"
		case r.Fetched > 0:
			state = fmt.Sprintf("fetched %d of %d files, %s", r.Fetched, r.Fetched+r.Kept, models.FormatBytes(r.Bytes))
		case r.Converted:
			state = "converted"
		}
		if r.Converted && r.Fetched > 0 {
			state += ", converted"
		}
		line := fmt.Sprintf("%-26s %s", r.Model, state)
		if e.LicenceNote != "" {
			line += fmt.Sprintf(" (licence %s: %s)", e.Licence, e.LicenceNote)
		}
		if n := len(r.Outside); n > 0 {
			line += fmt.Sprintf("\n  copied through %d links out of the folder, the first: %s", n, r.Outside[0])
		}
		if err := printText(out, "%s\n", line); err != nil {
			return err
		}
	}
	return nil
}
