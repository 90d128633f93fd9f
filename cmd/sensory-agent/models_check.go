package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/models"
)

// modelsCheckRow is one file as "models verify --json" shows it.
type modelsCheckRow struct {
	models.Check
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

func newModelsVerifyCommand(flags *modelsFlags) *cobra.Command {
	var sets []string
	cmd := &cobra.Command{
		Use:   "verify [ID...] [--set NAME]",
		Short: "Compute the digest of every file (default: of every model that is there)",
		RunE: func(cmd *cobra.Command, args []string) error {
			view := newModelsProgress(cmd.ErrOrStderr())
			store, err := flags.open(models.Options{Progress: view.event})
			if err != nil {
				return err
			}
			defer store.Close()
			names := append(append([]string{}, args...), sets...)
			checks, err := store.Verify(cmd.Context(), names...)
			view.close()
			if err != nil {
				return modelsError(err)
			}
			return printModelsChecks(cmd, flags, checks)
		},
	}
	cmd.Flags().StringArrayVar(&sets, "set", nil, "a named set of models, such as embedded")
	return cmd
}

func printModelsChecks(cmd *cobra.Command, flags *modelsFlags, checks []models.Check) error {
	rows := make([]modelsCheckRow, 0, len(checks))
	var wrong []error
	var repair []string
	for _, c := range checks {
		row := modelsCheckRow{Check: c, OK: c.Err == nil}
		if c.Err != nil {
			row.Error = c.Err.Error()
			wrong = append(wrong, fmt.Errorf("%s: %w", c.Model, c.Err))
			if !slices.Contains(repair, c.Model) {
				repair = append(repair, c.Model)
			}
		}
		rows = append(rows, row)
	}
	if flags.json {
		if err := printJSON(cmd.OutOrStdout(), rows); err != nil {
			return err
		}
	} else {
		for _, r := range rows {
			verdict := "ok"
			if !r.OK {
				verdict = "WRONG"
			}
			if err := printText(cmd.OutOrStdout(), "%-6s %s/%s %s %s (%s)\n", verdict, r.Model, r.File, models.FormatBytes(r.Size), r.SHA256, r.Origin); err != nil {
				return err
			}
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w\nto repair run: sensory-agent models pull %s", errors.Join(wrong...), strings.Join(repair, " "))
	}
	return nil
}

func newModelsRemoveCommand(flags *modelsFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "remove ID...",
		Short: "Delete the files of models",
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := modelsNames(args, nil, "remove")
			if err != nil {
				return err
			}
			store, err := flags.open(models.Options{})
			if err != nil {
				return err
			}
			defer store.Close()
			freed, err := store.Remove(cmd.Context(), names...)
			if err != nil {
				return modelsError(err)
			}
			if flags.json {
				return printJSON(cmd.OutOrStdout(), map[string]int64{"freed_bytes": freed})
			}
			return printText(cmd.OutOrStdout(), "freed %s\n", models.FormatBytes(freed))
		},
	}
}

func newModelsImportCommand(flags *modelsFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "import ID PATH",
		Short: "Bring model files of this machine into a model: a folder, or its one file",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{fmt.Errorf("import takes a model id and a path, got %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			view := newModelsProgress(cmd.ErrOrStderr())
			store, err := flags.open(models.Options{Progress: view.event})
			if err != nil {
				return err
			}
			defer store.Close()
			result, err := store.Import(cmd.Context(), args[0], args[1])
			view.close()
			if err != nil {
				return modelsError(err)
			}
			if flags.json {
				return printJSON(cmd.OutOrStdout(), result)
			}
			return printModelsPulled(cmd, store, []models.Result{result})
		},
	}
}
