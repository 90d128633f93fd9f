package gpu

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// wholeLimit is what everything may take unless another limit is asked for.
const wholeLimit = 9*time.Minute + 30*time.Second

// check is one call of the command run.
type check struct {
	settings
	self                            string
	asJSON                          bool
	limit                           time.Duration
	only, libraries, python, packed string
	scratch                         string
	out                             io.Writer
	all                             []Verdict
}

// run is the command run.
func run(ctx context.Context, lib nvml.Interface, self string, args []string, stdout io.Writer) (code int, err error) {
	c := &check{self: self, out: stdout}
	if err := c.parse(args); err != nil {
		return exitUsage, err
	}
	if err := c.card(lib); err != nil || len(c.all) > 0 {
		return exitNoCard, err
	}
	begin := time.Now()
	if c.Rehearse {
		c.limit *= patience
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	if c.Scratch, err = os.MkdirTemp(c.scratch, "gpu-check-"); err != nil {
		return exitFailed, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.Scratch)) }()
	if err := c.prepare(ctx); err != nil {
		return exitFailed, err
	}
	for _, one := range steps() {
		if c.only != "" && c.only != one.name {
			continue
		}
		for _, v := range c.step(ctx, one) {
			if err := c.tell(v); err != nil {
				return exitFailed, err
			}
		}
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return exitFailed, ctx.Err()
		}
	}
	return exitCode(c.all, c.Rehearse), c.summary(time.Since(begin))
}

// parse reads the arguments.
func (c *check) parse(args []string) error {
	f := flag.NewFlagSet("run [FOLDER]", flag.ContinueOnError)
	f.BoolVar(&c.Rehearse, "rehearse", false, "take the same steps on the processor, in small; never counts for a card")
	f.BoolVar(&c.asJSON, "json", false, "a line of JSON each, with figures")
	f.DurationVar(&c.limit, "within", wholeLimit, "what all of it may take; a rehearsal ten times as long")
	f.StringVar(&c.only, "only", "", "one step: provider, calibration, texture, memory, smolvlm, speed or smoke")
	f.IntVar(&c.Device, "device", 0, "number of the card, of those that CUDA_VISIBLE_DEVICES shows, by their place on the bus")
	f.StringVar(&c.Runtime, "runtime", "", "folder of the inference library")
	f.StringVar(&c.libraries, "device-libraries", "", "folders with NVIDIA's libraries, separated by colons (default: those of Python packages and /usr/local)")
	f.StringVar(&c.python, "python", "python3", "a Python; with torch, the same shapes are measured in PyTorch beside")
	f.StringVar(&c.Model, "model", "", "folder of the calibration model")
	f.StringVar(&c.Program, "program", "", "the program, for the step smoke")
	f.StringVar(&c.Models, "models", "", "its models folder")
	f.StringVar(&c.scratch, "scratch", "", "folder for what is unpacked and made on the way, about 3 GB (default: that of the system)")
	rest, err := parse(f, args, c.out)
	if err != nil {
		return err
	}
	if len(rest) > 1 || c.limit <= 0 {
		return fmt.Errorf("%w: run takes one folder at most, and time", ErrUsage)
	}
	if len(rest) == 1 {
		c.packed = rest[0]
	}
	if c.packed == "" && (c.Runtime == "" || c.Model == "") {
		return fmt.Errorf("%w: run needs a folder that pack has written, or --runtime and --model", ErrUsage)
	}
	return c.knows()
}

// knows refuses a step that there is not.
func (c *check) knows() error {
	for _, one := range steps() {
		if c.only == "" || c.only == one.name {
			return nil
		}
	}
	return fmt.Errorf("%w: no step %q", ErrUsage, c.only)
}

// card finds the card. Without one, the verdict that says so is all there is.
func (c *check) card(lib nvml.Interface) error {
	if c.Rehearse {
		c.Card = "rehearsal on a processor"
		return nil
	}
	found, why := cards(lib)
	if len(found) > 0 && (c.Device < 0 || c.Device >= len(found)) {
		why = fmt.Sprintf("there is no card %d, only %d", c.Device, len(found))
		found = nil
	}
	if len(found) == 0 {
		return c.tell(noCard(why))
	}
	g := &found[c.Device]
	c.Card, c.UUID, c.Memory = described(g), g.UUID, g.MemoryBytes
	return nil
}

// prepare unpacks what was packed, and finds what is on this machine.
func (c *check) prepare(ctx context.Context) error {
	if c.packed != "" {
		c.Unpacked = filepath.Join(c.Scratch, "unpacked")
		if err := os.Mkdir(c.Unpacked, 0o755); err != nil {
			return err
		}
		if _, err := Join(ctx, c.packed, c.Unpacked); err != nil {
			return err
		}
		c.unpacked()
	}
	if _, err := os.Stat(c.Program); c.Program == "" || err != nil {
		c.NoProgram = "the program is not here: packed without it, or not built"
	}
	if c.only == "" || c.only == "speed" || !c.Rehearse { // also says where libraries are
		p := askPython(ctx, c.python)
		c.Python, c.NoPython = p.Path, p.noTorch(c.Rehearse)
		if c.libraries == "" && !c.Rehearse {
			c.Libraries = deviceLibraries(p)
		}
	}
	if c.libraries != "" {
		c.Libraries = filepath.SplitList(c.libraries)
	}
	return nil
}

// unpacked takes what nobody named from the unpacked folder.
func (c *check) unpacked() {
	runtime := cudaID
	if c.Rehearse {
		if _, err := os.Stat(filepath.Join(c.Unpacked, "models", cpuID)); err == nil {
			runtime = cpuID
		}
	}
	for into, name := range map[*string]string{
		&c.Runtime: filepath.Join("models", runtime), &c.Model: "calibration", &c.Models: "models", &c.Program: filepath.Join("bin", "sensory-agent"),
	} {
		if *into == "" {
			*into = filepath.Join(c.Unpacked, name)
		}
	}
}

// tell prints a verdict and keeps it.
func (c *check) tell(v Verdict) error {
	if c.Rehearse {
		v.Name = rehearsed + v.Name
	}
	v.Why = oneLine(v.Why)
	c.all = append(c.all, v)
	if c.asJSON {
		return json.NewEncoder(c.out).Encode(v)
	}
	_, err := fmt.Fprintln(c.out, v)
	return err
}

// summary says what came of it, for people.
func (c *check) summary(took time.Duration) error {
	if c.asJSON {
		return nil
	}
	count := map[Status]int{}
	for _, v := range c.all {
		count[v.Status]++
	}
	text := fmt.Sprintf("%s: %d passed, %d failed, %d skipped in %s", c.Card, count[Pass], count[Fail], count[Skipped], took.Round(time.Second))
	if c.Rehearse {
		text += "; nothing of this ran on a card"
	}
	_, err := fmt.Fprintln(c.out, strings.TrimSpace(text))
	return err
}
