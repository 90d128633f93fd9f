package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/ending"
	"github.com/sensory-agent/sensory-agent/internal/output"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// Exit codes: what an operator's script can tell apart. ending.CodeForced (4) and 128 + the number
// of a signal come besides.
const (
	exitFailed  = 1 // a typed failure
	exitUsage   = 2 // the call was wrong
	exitHarness = 3 // a smoke could not be carried out
)

const (
	// endLimit is how long an orderly end may take: container engines kill after 10 s, and then
	// nobody says what was stuck.
	endLimit = 8 * time.Second
	// outputLimit is how long the last lines wait for a reader.
	outputLimit = 2 * time.Second
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
	errs   io.Writer // standard error, behind a queue
}

// run is the program without the process around it. Standard output goes through a net that escapes
// what strangers could hide in it; standard error besides through a queue, so that a log that
// nobody reads holds up nobody.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := &rootFlags{}
	errs := output.New(printable.NewWriter(stderr), output.Config{Notice: flags.missing})
	flags.errs = errs
	root := newRootCommand(flags)
	root.SetArgs(args)
	root.SetOut(printable.NewWriter(stdout))
	root.SetErr(stderr) // of the progress of pulls, which draws on a terminal
	code, line := verdict(ctx, root.ExecuteContext(ctx))
	if line != "" {
		_, _ = fmt.Fprintln(errs, "error: "+line) // a closed standard error cannot be reported anywhere
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), outputLimit)
	defer cancel()
	_ = errs.Close(limit) // nor can a stuck one
	return code
}

// verdict is the exit code of a command's end, and the line that says why.
func verdict(ctx context.Context, err error) (code int, line string) {
	if err == nil {
		return 0, ""
	}
	var quiet quietError
	if !errors.As(err, &quiet) {
		line = printable.Lines(err.Error())
	}
	var by *ending.SignalError
	if errors.As(context.Cause(ctx), &by) && (errors.Is(err, context.Canceled) || errors.Is(err, by)) {
		return by.ExitCode(), by.Error()
	}
	var c coded
	if errors.As(err, &c) {
		return c.ExitCode(), line
	}
	if errors.Is(err, sensory.ErrConfig) {
		return exitUsage, line
	}
	return exitFailed, line
}

// endedBySignal tells whether ctx ended because somebody asked the program to end.
func endedBySignal(ctx context.Context) bool {
	var by *ending.SignalError
	return errors.As(context.Cause(ctx), &by)
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
		newDemoCommand(flags), newServeCommand(flags), newJoinCommand(flags), newBotCommand(flags), newSmokeCommand(), newDoctorCommand(flags), newConfigCommand(flags), newTranscriptsCommand(flags), newChatCommand(flags), newMemoryCommand(flags), newStoreCommand(flags),
		newHealthCommand(), newBenchCommand(flags), newAdmitCommand(), newReconcileCommand(flags), newReplayCommand(), newPlanCommand(), newStatusCommand(), newModelsCommand(),
		newRoomCommand(), newEventsCommand(), newPersonaCommand(), newQuestionCommand(), newInitCommand(), newManCommand(),
	)
	wrongArgs(root)
	complete(root)
	return root
}

// wrongArgs makes wrong arguments of every command a wrong call.
func wrongArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			var coded coded
			if err == nil || errors.As(err, &coded) {
				return err
			}
			return usageError{err}
		}
	}
	for _, child := range cmd.Commands() {
		wrongArgs(child)
	}
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

// logger makes the logger that the flags ask for. It writes to a queue: no line of it waits for a
// reader.
func (f *rootFlags) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.level)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level: %w", err)}
	}
	to := f.errs
	if to == nil {
		to = io.Discard
	}
	opt := &slog.HandlerOptions{Level: level}
	switch f.format {
	case "text":
		return slog.New(slog.NewTextHandler(to, opt)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(to, opt)), nil
	}
	return nil, usageError{fmt.Errorf("--log-format %q: use text or json", f.format)}
}

// missing is the line of the log that says how many are not there, in the log's own format.
func (f *rootFlags) missing(dropped uint64) []byte {
	var line bytes.Buffer
	to := &rootFlags{level: "warn", format: f.format, errs: &line}
	if log, err := to.logger(); err == nil {
		log.Warn("log lines are missing here: nobody read standard error", "dropped", dropped)
	}
	return line.Bytes()
}
