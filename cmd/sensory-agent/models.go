package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/models"
)

// modelsUsageError marks a models command that was called wrongly; its exit code is 2.
type modelsUsageError struct{ err error }

// Error returns the message of the cause.
func (e modelsUsageError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e modelsUsageError) Unwrap() error { return e.err }

// ExitCode returns the process exit code for a usage error.
func (modelsUsageError) ExitCode() int { return 2 }

// modelsFailedError marks a models command that ran and failed; its exit code is 1.
type modelsFailedError struct{ err error }

// Error returns the message of the cause.
func (e modelsFailedError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e modelsFailedError) Unwrap() error { return e.err }

// ExitCode returns the process exit code for a failure.
func (modelsFailedError) ExitCode() int { return 1 }

// modelsFlags are shared by all models commands.
type modelsFlags struct {
	json bool
	dir  string
}

// newModelsCommand returns the command "models" with its subcommands.
func newModelsCommand() *cobra.Command {
	flags := &modelsFlags{}
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, fetch, check and choose models",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return modelsUsageError{fmt.Errorf("unknown models command %q; see: sensory-agent models --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().BoolVar(&flags.json, "json", false, "print JSON instead of text")
	cmd.PersistentFlags().StringVar(&flags.dir, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return modelsUsageError{err} })
	cmd.AddCommand(
		newModelsListCommand(flags), newModelsPullCommand(flags), newModelsVerifyCommand(flags),
		newModelsRemoveCommand(flags), newModelsImportCommand(flags), newModelsResolveCommand(flags),
	)
	return cmd
}

// open returns the store that the flags name.
func (f *modelsFlags) open(opt models.Options) (*models.Store, error) {
	dir := f.dir
	if dir == "" {
		var err error
		if dir, err = models.Dir(); err != nil {
			return nil, modelsFailedError{err}
		}
	}
	catalog, err := models.LoadUser()
	if err != nil {
		return nil, modelsFailedError{err}
	}
	return models.New(dir, catalog, opt), nil
}

// modelsError gives an error of the store its exit code: names that nobody knows are the caller's mistake.
func modelsError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, models.ErrUnknownModel):
		return modelsUsageError{err}
	}
	return modelsFailedError{err}
}

// names joins the arguments and the sets; none at all is a usage error unless all is allowed.
func modelsNames(args, sets []string, what string) ([]string, error) {
	names := append(append([]string{}, args...), sets...)
	if len(names) == 0 {
		return nil, modelsUsageError{fmt.Errorf("name at least one model or set to %s; see: sensory-agent models list", what)}
	}
	return names, nil
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return modelsFailedError{fmt.Errorf("write the answer: %w", err)}
	}
	return nil
}

// printText writes text lines and reports a broken output as a failure.
func printText(w io.Writer, format string, args ...any) error {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		return modelsFailedError{fmt.Errorf("write the answer: %w", err)}
	}
	return nil
}
