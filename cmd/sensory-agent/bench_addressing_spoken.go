package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
	"github.com/sensory-agent/sensory-agent/crowd/spoken"
	"github.com/sensory-agent/sensory-agent/internal/printable"
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
	fs.StringSliceVar(&f.voices, "voices", []string{"flite:slt", "flite:rms"}, "who says them: flite:VOICE or espeak:LANGUAGE")
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
	cfg := spoken.Config{Voices: f.voices, Sets: sets, Limit: f.limit, Seed: f.seed}
	if f.limit < 0 {
		return usageError{fmt.Errorf("--limit %d: use 0 or more", f.limit)}
	}
	if f.kept != "" {
		file, err := os.OpenFile(f.kept, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err // it names the file
		}
		defer closing(&err, file.Close)
		cfg.Kept = file
	}
	cfg.Progress = func(done, of int, h spoken.Heard) {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d  %s  %s → %s\n", done, of, h.Voice, printable.Text(h.Said), // nobody may read it
			printable.Text(strings.Join(h.Texts, " | ")))
	}
	on, err := f.engine.open(cmd.Context(), log, nil)
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	cfg.Ears = on.models
	result, err := spoken.Run(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	result.Host = hostLine(on.res.Device)
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(result)
	} else {
		_, err = io.WriteString(cmd.OutOrStdout(), result.Table(wrong, printable.Text))
	}
	return errors.Join(err, result.Failure())
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
