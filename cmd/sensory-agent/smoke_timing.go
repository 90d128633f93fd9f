package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/smoke"
)

func newSmokeTimingCommand() *cobra.Command {
	cfg := smoke.TimingConfig{Budgets: smoke.DefaultTimingBudgets(), CPUPerReply: smoke.DefaultCPUPerReply}
	var server connectFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "timing",
		Short: "Several personas must answer one chat message, each in time, and none twice",
		Long: "Seats personas in one room with serve, sends one marked message with chat send, and judges what chat export and chat turns say of it: the\n" +
			"message is kept, the first reply comes in time, enough reply, everybody has replied or said why not, and nothing goes on afterwards.\n" +
			"One attempt. The last line of standard output is one JSON record. Exit 0 passed, 1 failed (bucket in the record), 2 wrong call,\n" +
			"3 the smoke itself could not be carried out.",
		Example: "  sensory-agent smoke timing --personas 5\n  sensory-agent smoke timing --personas 5 --aloud --first 3s --all 30s --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.Check(); err != nil {
				return usageError{err}
			}
			if err := smokePair(cmd, &server, cfg.URL, &cfg.APIKey, &cfg.APISecret); err != nil {
				return err
			}
			return runSmokeTiming(cmd, cfg, asJSON)
		},
	}
	timingFlags(cmd, &cfg)
	server.registerPair(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print nothing but the JSON record")
	return cmd
}

func timingFlags(cmd *cobra.Command, cfg *smoke.TimingConfig) {
	fs := cmd.Flags()
	fs.IntVar(&cfg.Personas, "personas", 5, fmt.Sprintf("how many personas are seated, at most %d", smoke.MaxPersonas()))
	fs.IntVar(&cfg.Budgets.Minimum, "minimum", cfg.Budgets.Minimum, "how many of them are to reply")
	fs.DurationVar(&cfg.Budgets.First, "first", cfg.Budgets.First, "budget from the message to the first reply")
	fs.DurationVar(&cfg.Budgets.All, "all", cfg.Budgets.All, "budget from the message to the last reply")
	fs.BoolVar(&cfg.Budgets.Aloud, "aloud", false, "a reply counts from when a human in the room hears it; else from when its text is there")
	fs.DurationVar(&cfg.CPUPerReply, "cpu-per-reply", cfg.CPUPerReply, "processor time that one reply may cost, its voice included")
	fs.StringVar(&cfg.Profile, "profile", defaultProfile, profileUsage)
	fs.StringVar(&cfg.Voice, "voice", "", "voice of the personas (default: that of serve)")
	fs.StringVar(&cfg.ModelsDir, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
	fs.StringVar(&cfg.URL, "url", "", "use this server (default: start one on loopback)")
	fs.StringVar(&cfg.Artifacts, "artifacts", "", "keep configuration and store in this folder")
}

func runSmokeTiming(cmd *cobra.Command, cfg smoke.TimingConfig, asJSON bool) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	cfg.Binary = binary
	out := cmd.OutOrStdout()
	cfg.Progress = func(text string) {
		if !asJSON {
			_, _ = fmt.Fprintf(out, "... %s\n", text) // the record below reports a broken output
		}
	}
	record := smoke.Timing(cmd.Context(), cfg)
	if !asJSON {
		verdict := "passed"
		if !record.Passed {
			verdict = string(record.Bucket)
		}
		if _, err := fmt.Fprintf(out, "%s: %s\n", verdict, record.Reason); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(out).Encode(record); err != nil {
		return err
	}
	if code := record.Bucket.ExitCode(); code != 0 {
		return quietError{code}
	}
	return nil
}
