package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/models"
)

// modelsFlags are shared by all models commands.
type modelsFlags struct {
	json bool
	dir  string
}

// newModelsCommand returns the command "models" with its subcommands.
func newModelsCommand() *cobra.Command {
	flags := &modelsFlags{}
	cmd := group("models", "List, fetch, check and choose models",
		newModelsListCommand(flags), newModelsPullCommand(flags), newModelsVerifyCommand(flags),
		newModelsRemoveCommand(flags), newModelsImportCommand(flags), newModelsResolveCommand(flags),
	)
	cmd.PersistentFlags().BoolVar(&flags.json, "json", false, "print JSON instead of text")
	cmd.PersistentFlags().StringVar(&flags.dir, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
	return cmd
}

// open returns the store that the flags name.
func (f *modelsFlags) open(opt models.Options) (*models.Store, error) { return models.Open(f.dir, opt) }

// modelsError gives an error of the store its exit code: names that nobody knows are the caller's
// mistake.
func modelsError(err error) error {
	if errors.Is(err, models.ErrUnknownModel) {
		return usageError{err}
	}
	return err
}

// names joins the arguments and the sets; none at all is a usage error unless all is allowed.
func modelsNames(args, sets []string, what string) ([]string, error) {
	names := append(append([]string{}, args...), sets...)
	if len(names) == 0 {
		return nil, usageError{fmt.Errorf("name at least one model or set to %s; see: sensory-agent models list", what)}
	}
	return names, nil
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// printText writes text lines and reports a broken output as a failure.
func printText(w io.Writer, format string, args ...any) error {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}
