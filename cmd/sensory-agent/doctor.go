package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// Results of a check.
const (
	checkOK      = "ok"
	checkMissing = "missing" // something does not work without it
	checkNote    = "note"    // optional
)

// check is one line of the doctor's report.
type check struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
}

func newDoctorCommand(root *rootFlags) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is here, what is missing, and what to run",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks := diagnose(cmd.Context(), root.config, dir)
			if asJSON {
				if err := printJSON(cmd.OutOrStdout(), checks); err != nil {
					return err
				}
			} else if err := printChecks(cmd, checks); err != nil {
				return err
			}
			for _, c := range checks {
				if c.Status == checkMissing {
					return quietError{exitFailed}
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

func printChecks(cmd *cobra.Command, checks []check) error {
	missing := 0
	for _, c := range checks {
		if c.Status == checkMissing {
			missing++
		}
		if err := printText(cmd.OutOrStdout(), "%-8s %-22s %s\n", c.Status, c.Name, c.Detail); err != nil {
			return err
		}
		if c.Fix != "" {
			if err := printText(cmd.OutOrStdout(), "%-8s %-22s → %s\n", "", "", c.Fix); err != nil {
				return err
			}
		}
	}
	if missing > 0 {
		return printText(cmd.OutOrStdout(), "%d missing: the arrows say what to run\n", missing)
	}
	return printText(cmd.OutOrStdout(), "nothing is missing for the embedded profile\n")
}

func diagnose(ctx context.Context, configFile, dir string) []check {
	checks := []check{{Name: "program", Status: checkOK, Detail: fmt.Sprintf("sensory-agent %s, %s, %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)}}
	checks = append(checks, checkConfig(configFile), checkStore(ctx, configFile))
	checks = append(checks, checkHost(ctx)...)
	checks = append(checks, checkCodecs()...)
	checks = append(checks,
		checkProgram(ctx, "espeak-ng", "phonemes for the voices", checkMissing, "--version"),
		checkProgram(ctx, "flite", "the scripted speaker of bot, demo and smoke", checkNote, "--version"),
		checkProgram(ctx, "npm", "second source of some model files", checkNote, "--version"),
		checkProgram(ctx, "python3", "second source of some model files (pip)", checkNote, "--version"),
		checkServer(), checkPorts())
	checks = append(checks, checkService(ctx, configFile)...)
	return append(checks, checkModels(ctx, dir)...)
}

func checkHost(ctx context.Context) []check {
	facts, err := host.Probe(ctx, models.Families())
	var driver *host.DriverError
	if err != nil && !errors.As(err, &driver) {
		return []check{{Name: "host", Status: checkMissing, Detail: err.Error()}}
	}
	out := []check{{
		Name: "processor", Status: checkOK,
		Detail: fmt.Sprintf("%s, %d cores, %.1f of %.1f GB memory free", facts.CPU, facts.Cores, gb(facts.MemoryFree), gb(facts.MemoryBytes)),
	}}
	for _, g := range facts.GPUs {
		out = append(out, check{
			Name: fmt.Sprintf("gpu %d", g.Index), Status: checkOK,
			Detail: fmt.Sprintf("%s, compute %s, %.1f of %.1f GB free, driver %s", g.Name, g.Capability, gb(g.MemoryFree), gb(g.MemoryBytes), g.Driver),
		})
	}
	if driver != nil {
		return append(out, check{Name: "gpu", Status: checkMissing, Detail: driver.Error()})
	}
	if len(facts.GPUs) == 0 {
		out = append(out, check{
			Name: "gpu", Status: checkNote, Detail: "none: " + facts.GPUProblem,
			Fix: "profile standard needs one; profile embedded does not",
		})
	}
	return out
}

func gb(bytes int64) float64 { return float64(bytes) / 1e9 }

func checkCodecs() []check {
	var out []check
	for _, name := range codec.VideoCodecs() {
		c := check{Name: "decoder " + string(name), Status: checkOK, Detail: "opens"}
		d, err := codec.NewVideoDecoder(name, codec.DecoderConfig{})
		if err == nil {
			err = d.Close()
		}
		if err != nil {
			c.Status, c.Detail, c.Fix = checkMissing, err.Error(), "install FFmpeg with this decoder (Debian: libavcodec59)"
		}
		out = append(out, c)
	}
	return out
}

func checkProgram(ctx context.Context, name, why, absent string, args ...string) check {
	c := check{Name: name, Status: checkOK}
	path, err := exec.LookPath(name)
	if err != nil {
		c.Status, c.Detail, c.Fix = absent, "not installed; needed for "+why, "apt-get install "+name
		return c
	}
	c.Detail = path
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	probe := exec.CommandContext(ctx, path, args...)
	probe.Env = childenv.Fetcher(os.Environ())
	if out, err := probe.CombinedOutput(); err == nil {
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		c.Detail += " (" + printable.Text(first) + ")"
	}
	return c
}

func checkServer() check {
	path, err := livekit.FindBinary()
	if err != nil {
		return check{
			Name: "livekit-server", Status: checkNote, Detail: err.Error(),
			Fix: "make server builds it; joining a server elsewhere does not need it",
		}
	}
	return check{Name: "livekit-server", Status: checkOK, Detail: path}
}

// checkPorts tells whether sockets can be opened on loopback at all.
func checkPorts() check {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return check{Name: "loopback", Status: checkMissing, Detail: err.Error(), Fix: "allow this program to listen on 127.0.0.1"}
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return check{Name: "loopback", Status: checkMissing, Detail: err.Error()}
	}
	return check{Name: "loopback", Status: checkOK, Detail: "a port can be opened (" + addr + ")"}
}

func checkModels(ctx context.Context, dir string) []check {
	store, err := (&modelsFlags{dir: dir}).open(models.Options{})
	if err != nil {
		return []check{{Name: "models", Status: checkMissing, Detail: err.Error()}}
	}
	defer store.Close()
	ids, err := store.Catalog().Expand("embedded")
	if err != nil {
		return []check{{Name: "models", Status: checkMissing, Detail: err.Error()}}
	}
	var out []check
	for _, id := range ids {
		c := check{Name: "model " + id, Status: checkOK, Detail: "installed and verified"}
		switch {
		case id == models.CalibrationID:
			c.Detail = "inside this program"
		case !store.Installed(id):
			c.Status, c.Detail, c.Fix = checkMissing, string(store.State(id))+" in "+store.Root(), "sensory-agent models pull "+id
		}
		if checks, err := store.Check(ctx, id); err != nil {
			c.Status, c.Detail = checkMissing, err.Error()
		} else if i := slices.IndexFunc(checks, func(c models.Check) bool { return errors.Is(c.Err, models.ErrDamaged) }); i >= 0 {
			c.Status, c.Detail = checkMissing, checks[i].Err.Error()
		}
		out = append(out, c)
	}
	return append(out, checkRuntime(store))
}

// checkRuntime opens the inference library, as a session would.
func checkRuntime(store *models.Store) check {
	c := check{Name: "onnx runtime", Status: checkOK}
	path, err := store.Path("runtime-cpu", "libonnxruntime.so.1.31.1")
	if err != nil {
		c.Status, c.Detail, c.Fix = checkMissing, err.Error(), "sensory-agent models pull runtime-cpu"
		return c
	}
	rt, err := ort.Open(ort.Config{LibraryPath: path})
	if err == nil {
		err = rt.Close()
	}
	if err != nil {
		c.Status, c.Detail = checkMissing, err.Error()
		return c
	}
	c.Detail = filepath.Base(path) + " opens"
	return c
}
