package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
	"github.com/sensory-agent/sensory-agent/crowd/spoken"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/tts"
)

// spokenFlags say how lines are spoken and heard.
type spokenFlags struct {
	engine engineFlags
	on     bool
	voices []string
	limit  int
	seed   uint64
	kept   string
}

func (f *spokenFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&f.on, "spoken", false, "have the lines said by voices and heard by the ears of a profile")
	fs.StringSliceVar(&f.voices, "voices", []string{"flite:slt", "flite:rms"}, "who says them: flite:VOICE, espeak:LANGUAGE, piper:NAME or kokoro:NAME")
	fs.IntVar(&f.limit, "limit", 300, "lines of each set that are spoken at most, drawn by --seed; 0 for all")
	fs.Uint64Var(&f.seed, "seed", 1, "which lines are drawn")
	fs.StringVar(&f.kept, "kept", "", "file that keeps what was heard: a run that was ended goes on, and rules are scored again without hearing")
	fs.StringVar(&f.engine.profile, "profile", defaultProfile, profileUsage)
	f.engine.registerFolder(cmd)
}

// run speaks sets of lines and prints what was understood.
func (f *spokenFlags) run(cmd *cobra.Command, root *rootFlags, sets []spoken.Set, wrong, asJSON bool) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	if f.limit < 0 {
		return usageError{fmt.Errorf("--limit %d: use 0 or more", f.limit)}
	}
	cfg := spoken.Config{Voices: f.voices, Sets: sets, Limit: f.limit, Seed: f.seed, Progress: spokenProgress(cmd.ErrOrStderr())}
	if f.kept != "" {
		file, err := os.OpenFile(f.kept, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err // it names the file
		}
		defer closing(&err, file.Close)
		cfg.Kept = file
	}
	on, err := f.engine.open(cmd.Context(), log, nil)
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	cfg.Ears = on.models
	voices, end, err := f.speakers(cmd.Context(), on)
	defer closing(&err, end)
	if err != nil {
		return err
	}
	cfg.Say = spoken.Say(voices)
	result, err := spoken.Run(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	result.Host = hostLine(on.res.Device)
	return printSpoken(cmd.OutOrStdout(), result, wrong, asJSON)
}

// printSpoken prints a result; its error is that of goals that are missed.
func printSpoken(out io.Writer, result *spoken.Result, wrong, asJSON bool) (err error) {
	if asJSON {
		err = json.NewEncoder(out).Encode(result)
	} else {
		_, err = io.WriteString(out, result.Table(wrong, printable.Text))
	}
	return errors.Join(err, result.Failure())
}

// spokenProgress writes what was heard of each line.
func spokenProgress(to io.Writer) func(done, of int, h spoken.Heard) {
	return func(done, of int, h spoken.Heard) {
		_, _ = fmt.Fprintf(to, "%d of %d  %s  %s → %s\n", done, of, h.Voice, printable.Text(h.Said), printable.Text(strings.Join(h.Texts, " | "))) // nobody may read it
	}
}

// speakers opens the voices of personas among those that say lines. end closes them, with an error
// too.
func (f *spokenFlags) speakers(ctx context.Context, on *loaded) (voices map[string]tts.Voice, end func() error, err error) {
	var opened []*engine.Models
	end = func() (err error) {
		for _, m := range opened {
			err = errors.Join(err, m.Close())
		}
		return err
	}
	voices = map[string]tts.Voice{}
	for _, v := range f.voices {
		if !strings.HasPrefix(v, "piper:") && !strings.HasPrefix(v, "kokoro:") {
			continue
		}
		m, _, err := on.Load(ctx, sensory.Persona{Profile: f.engine.profile, Voice: v}, nil)
		if err != nil {
			return nil, end, err
		}
		opened, voices[v] = append(opened, m), m.Voice(engine.Holder{Room: "bench", Persona: v})
	}
	return voices, end, nil
}

// spokenSets are the lines that are built in, or those of a file.
func spokenSets(path string) (sets []spoken.Set, err error) {
	if path != "" {
		set := spoken.Set{Name: path}
		err = labelled(path, func(in io.Reader) (err error) {
			set.Lines, err = addressing.Read(in)
			return err // it says of what
		})
		return []spoken.Set{set}, err
	}
	tuned, err := addressing.Lines()
	if err != nil {
		return nil, err
	}
	held, err := addressing.HeldOut()
	return []spoken.Set{{Name: "tuned", Lines: tuned}, {Name: "held out", Lines: held}}, err
}
