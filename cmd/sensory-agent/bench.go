package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/crowd/loop"
)

func newBenchCommand(root *rootFlags) *cobra.Command {
	return group("bench", "Measure: the latency of the sensory loop, what rooms and listening cost, who is recognised to be meant, how the floor is shared",
		newBenchLoopCommand(root), newBenchListenCommand(), newBenchSessionsCommand(root), newBenchHumansCommand(root),
		newBenchAddressingCommand(root), newBenchFloorCommand(root), newBenchWorkerCommand(root), newBenchRaceCommand(root))
}

func newBenchLoopCommand(root *rootFlags) *cobra.Command {
	var engine engineFlags
	var turns int
	var asJSON, speculate bool
	cmd := &cobra.Command{
		Use:   "loop",
		Short: "Time from the end of a spoken question to the first packet of the answer, with each stage",
		Long: "Server, human and persona share this machine. Each turn draws a scene, shows it as 640×480 VP8 and asks about it.\n" +
			"Stages are the bare times of the models on the critical path; overhead is what is neither a model nor the wait for the end of turn.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if engine.file, err = root.configure(cmd); err != nil {
				return err
			}
			result, err := benchLoop(cmd.Context(), root, engine, loop.Config{Turns: turns, Speculate: speculate})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
			}
			return result.Print(cmd.OutOrStdout())
		},
	}
	engine.register(cmd)
	cmd.Flags().IntVar(&turns, "turns", 20, "questions to ask")
	cmd.Flags().BoolVar(&speculate, "speculate", false, "ask each question twice, once of a persona that thinks of its answer before the question is certain")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

// benchLoop opens the models and measures.
func benchLoop(ctx context.Context, root *rootFlags, flags engineFlags, cfg loop.Config) (result loop.Result, err error) {
	log, err := root.logger()
	if err != nil {
		return result, err
	}
	begin := time.Now()
	on, err := flags.open(ctx, log, nil)
	if err != nil {
		return result, err
	}
	defer closing(&err, on.Close)
	cfg.Models, cfg.Loaded, cfg.Host, cfg.Logger = on.models, time.Since(begin), hostLine(on.res.Device), log
	return loop.Run(ctx, cfg)
}

func hostLine(device string) string {
	return fmt.Sprintf("%s, %d cores, %s, %s", device, runtime.NumCPU(), runtime.Version(), time.Now().Format("2006-01-02"))
}

// self is the path of this program.
func self() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", errors.Join(errors.New("own path is unknown"), err)
	}
	return path, nil
}
