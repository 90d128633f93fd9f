package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/crowd/floor"
)

// floorFlags say what bench floor measures.
type floorFlags struct {
	engine          engineFlags
	turns, personas int
	asJSON          bool
}

func newBenchFloorCommand(root *rootFlags) *cobra.Command {
	f := &floorFlags{}
	cmd := &cobra.Command{
		Use:   "floor",
		Short: "How personas of one room take turns at being audible, measured by who listens",
		Long: `Starts a LiveKit server and seats personas in one room, with models that cost nothing: a tone for each voice, and ears that are
told what people say. Two people speak and type: questions to nobody, to everybody and to two by name, interruptions in mid-answer, and a
"yeah" over an answer. What one of them hears is measured, track by track: whether two personas are heard at once, how long it is quiet
between two of them, how fast they are silent when a person speaks, and whether each gets its share of the questions to nobody.
200 turns take about 10 minutes. It ends with code 1 where a goal is missed or a turn went wrong; the figures are printed all the same.`,
		Example: "  sensory-agent bench floor --turns 20\n  sensory-agent bench floor --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd, root) },
	}
	fs := cmd.Flags()
	fs.IntVar(&f.turns, "turns", 200, "how many turns")
	fs.IntVar(&f.personas, "personas", floor.MaxPersonas, fmt.Sprintf("how many personas, 2 to %d", floor.MaxPersonas))
	fs.BoolVar(&f.asJSON, "json", false, "print JSON instead of a table")
	f.engine.registerFolder(cmd)
	return cmd
}

func (f *floorFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	if f.engine.file, err = root.configure(cmd); err != nil {
		return err
	}
	one := persona.Persona{Profile: defaultProfile}
	on, err := f.engine.machine(cmd.Context(), log, one)
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	res, err := on.Resolve(one)
	if err != nil {
		return err
	}
	cfg := floor.Config{
		Turns: f.turns, Personas: f.personas, Logger: log,
		Progress: func(text string) { _, _ = fmt.Fprintln(cmd.ErrOrStderr(), "bench: "+text) }, // nobody may read it
	}
	cfg.Open = func(ctx context.Context, canned engine.CannedConfig) (*engine.Models, error) {
		canned.Detector = res.Detector
		canned.Path = func(id, file string) (string, error) { return on.Path(ctx, id, file) }
		return on.Engine().OpenCanned(ctx, canned)
	}
	result, err := floor.Run(cmd.Context(), cfg)
	if errors.Is(err, floor.ErrConfig) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	result.Host = hostLine(res.Device)
	return f.print(cmd.OutOrStdout(), result)
}

// print prints a result; its error is that of goals that are missed.
func (f *floorFlags) print(out io.Writer, result *floor.Result) (err error) {
	if f.asJSON {
		err = json.NewEncoder(out).Encode(result)
	} else {
		_, err = io.WriteString(out, result.Table())
	}
	return errors.Join(err, result.Failure())
}
