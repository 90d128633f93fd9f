package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/tts"
)

// sessionsFlags say what bench sessions measures.
type sessionsFlags struct {
	connect       connectFlags
	engine        engineFlags
	counts        []int
	personas      []int
	second        string
	seconds       int
	canned, video bool
	silent        bool
	telemetry     bool
	fps           int
	asJSON        bool
	profiles      profileFlags
}

func newBenchSessionsCommand(root *rootFlags) *cobra.Command {
	f := &sessionsFlags{}
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "What rooms cost: cores, memory and latency of N rooms with one human each in one process",
		Long: `Seats one persona in each of N rooms, all in this process. The humans are another process, and
the server is one: what is measured is the personas' side alone. Each human speaks for about 2 s in
every 8 s. --canned measures the framework without models: real rooms, codecs and voice detector,
but ears that hear the same words always, a mind that answers the same sentence, and a voice that is
a tone of 2 s. --silent measures what listening costs, to a microphone that is on; --n 0 the process
without rooms. Several counts are measured one after the other, each in a process of its own.
--personas seats so many in one room, where a human speaks and nobody is called by name, so that
nobody answers: what hearing and seeing cost, beside the same room before the human came, and beside
one persona. --second-voice has a second persona come that speaks with another voice, and says how
much memory that voice takes and how much the rest of it.
Ends with code 1 where a turn was not answered or answered wrong; the figures are printed all the
same.`,
		Example: "  sensory-agent bench sessions --canned --n 1,4,20\n  sensory-agent bench sessions --n 2 --video --seconds 30 --json\n" +
			"  sensory-agent bench sessions --personas 1,5 --video\n  sensory-agent bench sessions --second-voice kokoro:af_bella --seconds 5",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, root) },
	}
	f.connect.registerServer(cmd)
	f.engine.register(cmd)
	fs := cmd.Flags()
	fs.IntSliceVar(&f.counts, "n", []int{1}, "how many rooms; several counts are measured one after the other")
	fs.IntSliceVar(&f.personas, "personas", nil, "how many personas in one room that nobody calls, instead of --n")
	fs.StringVar(&f.second, "second-voice", "", "the voice of a second persona in the only room: what it adds to the memory; nobody speaks")
	fs.IntVar(&f.seconds, "seconds", 60, "how long to measure each count")
	fs.BoolVar(&f.canned, "canned", false, "models that cost nothing, to measure the framework alone")
	fs.BoolVar(&f.silent, "silent", false, "nobody speaks")
	fs.BoolVar(&f.telemetry, "telemetry", false, "count and trace what happens, and be scraped every 5 s, as serve does: what that costs is the difference")
	fs.BoolVar(&f.video, "video", false, "every human shows a 1280×720 VP8 camera")
	fs.IntVar(&f.fps, "fps", 15, "frames a second of the cameras")
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object a count instead of a table")
	f.profiles.register(fs)
	return cmd
}

// newBenchHumansCommand are the humans of bench sessions in a process of their own.
func newBenchHumansCommand(root *rootFlags) *cobra.Command {
	return &cobra.Command{
		Use: "humans", Hidden: true, Args: cobra.NoArgs,
		Short: "The humans of bench sessions: started by it, told what to do on standard input",
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := root.logger()
			if err != nil {
				return err
			}
			return crowd.Humans(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), log)
		},
	}
}

func (f *sessionsFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	if f.engine.file, err = root.configure(cmd); err != nil {
		return err
	}
	if err := f.check(cmd); err != nil {
		return err
	}
	measure := f.here
	if len(f.counted()) > 1 {
		measure = f.apart
	}
	var failed []error
	var records []crowd.Record
	for _, n := range f.counted() {
		r, err := measure(cmd, root, n)
		if err != nil {
			return err
		}
		records, failed = append(records, *r), append(failed, r.Failure())
		last := &records[len(records)-1]
		last.PSSFurtherMB = crowd.Further(records)
		if last.Panel != nil {
			last.Panel.ToOne = crowd.ToOne(records)
		}
		if f.asJSON {
			if err := json.NewEncoder(cmd.OutOrStdout()).Encode(last); err != nil {
				return err
			}
		}
	}
	if !f.asJSON {
		if _, err := io.WriteString(cmd.OutOrStdout(), crowd.Table(records)); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// maxSessions bounds what one machine is asked for: one server has about so many ports. maxPersonas
// bounds those of one room, of which each has a connection.
const (
	maxSessions = 1000
	maxPersonas = 100
)

// counted are the counts that are measured, of rooms or of personas in one.
func (f *sessionsFlags) counted() []int {
	if len(f.personas) > 0 {
		return f.personas
	}
	return f.counts
}

// check refuses what cannot be measured.
func (f *sessionsFlags) check(cmd *cobra.Command) error {
	if f.connect.URL != "" {
		if err := f.connect.completeServer(cmd); err != nil {
			return err
		}
	}
	if f.seconds < 1 || f.fps < 1 {
		return usageError{fmt.Errorf("--seconds %d, --fps %d: use 1 or more", f.seconds, f.fps)}
	}
	if counts := f.counted(); len(counts) == 0 || len(counts) > 1 && f.profiles.any() {
		return usageError{errors.New("--n, --personas: give one count, or several without profiles")}
	}
	for _, n := range f.counts {
		if n < 0 || n > maxSessions {
			return usageError{fmt.Errorf("--n %d: use 0 to %d", n, maxSessions)}
		}
	}
	for _, n := range f.personas {
		if n < 1 || n > maxPersonas {
			return usageError{fmt.Errorf("--personas %d: use 1 to %d", n, maxPersonas)}
		}
	}
	return f.checkOneRoom()
}

// checkOneRoom refuses what several personas in one room cannot be measured with.
func (f *sessionsFlags) checkOneRoom() error {
	one := len(f.counts) == 1 && f.counts[0] == 1
	switch {
	case len(f.personas) > 0 && !one:
		return usageError{errors.New("--personas: they sit in one room, leave --n out")}
	case f.second == "":
		return nil
	case !one || len(f.personas) > 0:
		return usageError{errors.New("--second-voice: a second persona comes into the only room, leave --n and --personas out")}
	case f.canned:
		return usageError{errors.New("--second-voice: canned models have no voice, leave --canned out")}
	}
	f.silent = true
	if _, err := tts.Parse(f.second); err != nil {
		return usageError{err}
	}
	return nil
}

// here measures one count in this process.
func (f *sessionsFlags) here(cmd *cobra.Command, root *rootFlags, n int) (_ *crowd.Record, err error) {
	log, err := root.logger()
	if err != nil {
		return nil, err
	}
	binary, err := self()
	if err != nil {
		return nil, err
	}
	say := func(text string) { _, _ = fmt.Fprintln(cmd.ErrOrStderr(), "bench: "+text) } // nobody may read it
	cfg := crowd.Config{
		Rooms: n, For: time.Duration(f.seconds) * time.Second, Video: f.video, FPS: f.fps, Silent: f.silent, Host: hostLine("this machine"),
		Server: crowd.Server{URL: f.connect.URL, Key: f.connect.Key, Secret: f.connect.Secret},
		Humans: []string{binary, "bench", "humans"}, Profile: f.profiles.start, Progress: say, Stderr: cmd.ErrOrStderr(), Logger: log,
	}
	if len(f.personas) > 0 {
		cfg.Rooms, cfg.Personas = 1, n
	}
	on, err := f.open(cmd.Context(), root, &cfg.Memory)
	if err != nil {
		return nil, err
	}
	defer closing(&err, on.Close)
	cfg.Models = on.models
	if f.telemetry {
		tell, end, failed := scraped(cmd.Context(), on.Machine, log)
		if failed != nil {
			return nil, failed
		}
		defer closing(&err, end)
		cfg.Tell = tell
	}
	if f.second != "" {
		cfg.Second = func(ctx context.Context) (*engine.Models, error) {
			m, _, err := on.Load(ctx, f.persona(f.second), nil)
			return m, err
		}
	}
	return crowd.Run(cmd.Context(), cfg)
}

// open opens the models and notes what memory each step takes.
func (f *sessionsFlags) open(ctx context.Context, root *rootFlags, into *[]crowd.Memory) (*loaded, error) {
	log, err := root.logger()
	if err != nil {
		return nil, err
	}
	one := f.persona(f.engine.voice)
	out := &loaded{}
	for _, step := range []struct {
		stage string
		do    func() error
	}{
		{"process", func() error { return nil }},
		{"library", func() (err error) { out.Machine, err = f.engine.machine(ctx, log, one); return err }},
		{"models", func() (err error) { out.models, err = f.models(ctx, out.Machine, one); return err }},
	} {
		err := step.do()
		var m crowd.Memory
		if err == nil {
			m, err = crowd.MemoryNow(step.stage)
		}
		if err != nil {
			return nil, errors.Join(err, out.shut())
		}
		*into = append(*into, m)
	}
	return out, nil
}

// persona is one with a voice.
func (f *sessionsFlags) persona(voice string) persona.Persona {
	return persona.Persona{Profile: f.engine.profile, Voice: voice, AnswerTokens: f.engine.answerTokens}
}

// models opens those of a persona, or those that cost nothing beside its real voice detector.
func (f *sessionsFlags) models(ctx context.Context, on *sensory.Machine, p persona.Persona) (*engine.Models, error) {
	if !f.canned {
		m, _, err := on.Load(ctx, p, nil)
		return m, err
	}
	res, err := on.Resolve(p)
	if err != nil {
		return nil, err
	}
	cfg := engine.CannedConfig{Detector: res.Detector, Path: func(id, file string) (string, error) { return on.Path(ctx, id, file) }}
	if f.video {
		if cfg.Eyes, err = models.CalibrationFS(); err != nil {
			return nil, err
		}
	}
	return on.Engine().OpenCanned(ctx, cfg)
}
