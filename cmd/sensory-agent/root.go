package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/config"
)

// Exit codes: what an operator's script can tell apart.
const (
	exitFailed  = 1 // a typed failure
	exitUsage   = 2 // the call was wrong
	exitHarness = 3 // a smoke could not be carried out
)

// coded is an error with an exit code of its own.
type coded interface{ ExitCode() int }

// usageError is a wrong call.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }
func (usageError) ExitCode() int   { return exitUsage }

// quietError ends the program with a code after everything has been said already.
type quietError struct{ code int }

func (e quietError) Error() string { return fmt.Sprintf("exit %d", e.code) }
func (e quietError) ExitCode() int { return e.code }

// rootFlags hold for every command.
type rootFlags struct {
	level  string
	format string
	config string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := &rootFlags{}
	root := newRootCommand(flags)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var quiet quietError
	if !errors.As(err, &quiet) {
		_, _ = fmt.Fprintf(stderr, "error: %v\n", err) // a closed standard error cannot be reported anywhere
	}
	var c coded
	if errors.As(err, &c) {
		return c.ExitCode()
	}
	return exitFailed
}

func newRootCommand(flags *rootFlags) *cobra.Command {
	root := &cobra.Command{
		Use:   "sensory-agent",
		Short: "AI personas that hear, see and speak in any LiveKit room",
		Long: "AI personas that hear, see and speak in any LiveKit room.\n" +
			"Start with: sensory-agent demo. When something is missing: sensory-agent doctor.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q; see: sensory-agent --help", args[0])}
			}
			return nil
		},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: flags.passOn,
	}
	root.PersistentFlags().StringVar(&flags.config, "config", "", "configuration file (default $"+config.Env+" or the user's sensory-agent/config.yaml)")
	root.PersistentFlags().StringVar(&flags.level, "log-level", "warn", "log level: debug, info, warn or error")
	root.PersistentFlags().StringVar(&flags.format, "log-format", "text", "log format on standard error: text or json")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		newDemoCommand(flags), newJoinCommand(flags), newBotCommand(flags), newSmokeCommand(), newDoctorCommand(flags), newConfigCommand(flags), newTranscriptsCommand(flags), newHealthCommand(), newBenchCommand(flags), newAdmitCommand(), newStatusCommand(),
		newModelsCommand(),
	)
	return root
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

// logger makes the logger that the flags ask for.
func (f *rootFlags) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.level)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level: %w", err)}
	}
	opt := &slog.HandlerOptions{Level: level}
	switch f.format {
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, opt)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, opt)), nil
	}
	return nil, usageError{fmt.Errorf("--log-format %q: use text or json", f.format)}
}
