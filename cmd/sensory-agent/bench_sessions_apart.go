package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

// apart measures one count in a process of its own, so that nothing of the counts before is left in
// it.
func (f *sessionsFlags) apart(cmd *cobra.Command, _ *rootFlags, n int) (*crowd.Record, error) {
	binary, err := self()
	if err != nil {
		return nil, err
	}
	args := []string{"bench", "sessions"}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		switch flag.Name {
		case "n", "personas", "json", "api-secret", "api-secret-file":
		default:
			args = append(args, "--"+flag.Name+"="+flag.Value.String())
		}
	})
	counted := "--n"
	if len(f.personas) > 0 {
		counted = "--personas"
	}
	child := exec.CommandContext(cmd.Context(), binary, append(args, "--json", counted, strconv.Itoa(n))...)
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	child.WaitDelay = endLimit + time.Second
	var set []string
	if f.connect.URL != "" {
		set = append(set, "LIVEKIT_API_SECRET="+f.connect.Secret)
	}
	child.Env = childenv.Own(os.Environ(), set...)
	var out bytes.Buffer
	child.Stdout, child.Stderr = &out, cmd.ErrOrStderr()
	ended := child.Run() // lost turns are an error of it, and stand in the record
	var r crowd.Record
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return nil, errors.Join(fmt.Errorf("%d sessions were not measured", n), ended)
	}
	return &r, nil
}

// shut closes what was opened.
func (l *loaded) shut() error {
	var errs []error
	if l.models != nil {
		errs = append(errs, l.models.Close())
	}
	if l.Machine != nil {
		errs = append(errs, l.Machine.Close())
	}
	return errors.Join(errs...)
}

// profileFlags are files of profiles.
type profileFlags struct{ cpu, allocs string }

func (f *profileFlags) register(fs *pflag.FlagSet) {
	fs.StringVar(&f.cpu, "cpu-profile", "", "write a processor profile of what is measured into this file")
	fs.StringVar(&f.allocs, "alloc-profile", "", "write a profile of allocations into this file")
}

func (f *profileFlags) any() bool { return f.cpu != "" || f.allocs != "" }

// start begins the profiles that were asked for; stop writes them.
func (f *profileFlags) start() (stop func() error, err error) {
	var cpu *os.File
	if f.cpu != "" {
		if cpu, err = os.Create(f.cpu); err != nil {
			return nil, usageError{err}
		}
		if err := pprof.StartCPUProfile(cpu); err != nil {
			return nil, errors.Join(err, cpu.Close())
		}
	}
	return func() (err error) {
		if cpu != nil {
			pprof.StopCPUProfile()
			err = cpu.Close()
		}
		if f.allocs == "" {
			return err
		}
		allocs, failed := os.Create(f.allocs)
		if failed != nil {
			return errors.Join(err, usageError{failed})
		}
		return errors.Join(err, pprof.Lookup("allocs").WriteTo(allocs, 0), allocs.Close())
	}, nil
}
