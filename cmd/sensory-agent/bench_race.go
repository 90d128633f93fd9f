package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/crowd/race"
)

// raceFlags say who races, and over what.
type raceFlags struct {
	engine  engineFlags
	others  []string
	counts  roomCounts
	seconds int
	timed   int
	late    int
	alone   bool
	settle  time.Duration
	file    string
}

func newBenchRaceCommand(root *rootFlags) *cobra.Command {
	f := &raceFlags{}
	cmd := &cobra.Command{
		Use:   "race",
		Short: "Workers of several frameworks side by side: processors, memory, joins, what people hear",
		Long: `Starts a LiveKit server and workers, one after the other, and has people in N rooms each speak with the agents that are dispatched there.
The first worker is that of "bench worker"; others are given as NAME=COMMAND, where {agent} stands for the name to register and {port} for
the port on loopback where GET / is to answer 200 while it is registered; LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, RACE_AGENT
and RACE_PORT are in its environment. bench/worker/README.md says what their parts have to do; scripts/bench-race installs LiveKit's own
frameworks and calls this. What is measured is measured from outside and in the same way for all; memory is that of a worker with all its
processes. Ends with code 1 where an agent or an answer was lost; the table is printed all the same.`,
		Example: "  sensory-agent bench race --n 1 --seconds 16\n" +
			"  sensory-agent bench race --other 'node=node bench/worker/node/agent.mjs start' --into race.json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, root) },
	}
	f.engine.registerFolder(cmd)
	fs := cmd.Flags()
	fs.StringArrayVar(&f.others, "other", nil, "another worker, as NAME=COMMAND; may be given several times")
	fs.BoolVar(&f.alone, "others-only", false, "leave the worker of this program out")
	f.counts = roomCounts{list: []int{1, 4, 20}}
	fs.Var(&f.counts, "n", "how many rooms; several counts are measured one after the other, none with an empty one")
	fs.IntVar(&f.seconds, "seconds", 40, "how long to measure each count")
	fs.IntVar(&f.timed, "dispatches", 10, "how many dispatches are timed, one at a time")
	fs.IntVar(&f.late, "late", 2, "how many dispatches are timed that are older than their worker")
	fs.DurationVar(&f.settle, "settle", race.DefaultSettle, "how long a worker, and then people, are left alone before something is measured")
	fs.StringVar(&f.file, "into", "", "write the records into this file, too, as JSON")
	return cmd
}

// roomCounts are numbers of rooms, as a flag has them: 1,4,20, or nothing for none. The flag may be
// given several times.
type roomCounts struct {
	list []int
	said bool // list is no default any more
}

// Set implements pflag.Value.
func (c *roomCounts) Set(text string) error {
	if !c.said {
		*c = roomCounts{said: true}
	}
	if text == "" {
		return nil
	}
	for _, part := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return fmt.Errorf("%q is no number of rooms; use 1,4,20, or nothing to measure none", part)
		}
		c.list = append(c.list, n)
	}
	return nil
}

// String implements pflag.Value.
func (c *roomCounts) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(c.list), " ", ","), "[]")
}

// Type implements pflag.Value.
func (*roomCounts) Type() string { return "ints" }

// contenders are those who race.
func (f *raceFlags) contenders(root *rootFlags) ([]race.Contender, error) {
	binary, err := self()
	if err != nil {
		return nil, err
	}
	own := []string{binary, "bench", "worker", "--agent-name", "{agent}", "--silence", "550ms", "--listen", "127.0.0.1:{port}", "--json"}
	if root.config != "" {
		own = append(own, "--config", root.config)
	}
	if f.engine.models != "" {
		own = append(own, "--models-dir", f.engine.models)
	}
	var out []race.Contender
	if !f.alone {
		out = append(out, race.Contender{Name: "sensory-agent", Command: own, Late: append(own[:len(own):len(own)], "--reconcile")})
	}
	for _, other := range f.others {
		name, command, ok := strings.Cut(other, "=")
		if !ok || name == "" || len(strings.Fields(command)) == 0 {
			return nil, usageError{fmt.Errorf("--other %q: use NAME=COMMAND", other)}
		}
		out = append(out, race.Contender{Name: name, Command: strings.Fields(command)})
	}
	return out, nil
}

func (f *raceFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	cfg := race.Config{
		Counts: f.counts.list, For: time.Duration(f.seconds) * time.Second, Dispatches: f.timed, Lates: f.late, Settle: f.settle,
		Host: hostLine("this machine"), Stderr: root.errs,
		Progress: func(text string) { _, _ = fmt.Fprintln(root.errs, "bench: "+text) }, // nobody may read it
	}
	if len(f.counts.list) == 0 && f.timed == 0 && f.late == 0 {
		return usageError{errors.New("nothing is to be measured: --n without a number, --dispatches 0 and --late 0")}
	}
	if cfg.Contenders, err = f.contenders(root); err != nil {
		return err
	}
	if f.timed > 0 && !f.alone {
		var shut func() error
		if shut, err = f.direct(cmd, root, &cfg); err != nil {
			return err
		}
		defer closing(&err, shut)
	}
	report, err := race.Run(cmd.Context(), cfg)
	if errors.Is(err, race.ErrConfig) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	return f.print(cmd.OutOrStdout(), report)
}

// direct opens models that cost nothing, of which one enters rooms without a dispatch.
func (f *raceFlags) direct(cmd *cobra.Command, root *rootFlags, cfg *race.Config) (shut func() error, err error) {
	if f.engine.file, err = root.configure(cmd); err != nil {
		return nil, err
	}
	log, err := root.logger()
	if err != nil {
		return nil, err
	}
	who := persona.Persona{Name: "canned"}
	on, err := f.engine.machine(cmd.Context(), log, who)
	if err != nil {
		return nil, err
	}
	open, err := (&workerFlags{}).opens(on, who)
	if err != nil {
		return nil, errors.Join(err, on.Close())
	}
	models, err := open(cmd.Context(), who)
	if err != nil {
		return nil, errors.Join(err, on.Close())
	}
	spawner := race.NewSpawner(models, log)
	cfg.Direct = spawner.Enter
	return func() error { return errors.Join(spawner.Close(), models.Close(), on.Close()) }, nil
}

// print prints a report; its error is that of what was lost.
func (f *raceFlags) print(out io.Writer, report *race.Report) error {
	_, err := io.WriteString(out, report.Table())
	if f.file != "" {
		text, failed := json.MarshalIndent(report, "", "  ")
		if failed == nil {
			failed = os.WriteFile(f.file, append(text, '\n'), 0o600)
		}
		err = errors.Join(err, failed)
	}
	return errors.Join(err, report.Failure())
}
