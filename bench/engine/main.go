package engine

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
)

// Exit codes of [Main].
const (
	exitOK     = 0
	exitFailed = 1 // something could not be measured; the reason is on standard error
	exitUsage  = 2
)

// ErrUsage means that the arguments make no sense.
var ErrUsage = errors.New("usage")

// command is one of the program's commands.
type command struct {
	name, help string
	run        func(ctx context.Context, args []string, stdout io.Writer) error
}

func commands() []command {
	return []command{
		{"measure", "measure a model folder", measure},
		{"write", "write a model folder in the shape of SmolVLM-256M with random weights", writeFolder},
	}
}

// Main runs the program with the arguments behind its name and returns its exit code: 0 where
// everything asked for was measured, 1 where not, 2 for unusable arguments.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var err error
	switch c, ok := find(args); {
	case ok:
		err = c.run(ctx, args[1:], stdout)
	default:
		err = fmt.Errorf("%w: engine-bench %s", ErrUsage, usage())
	}
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, ErrUsage):
		_, _ = fmt.Fprintln(stderr, err)
		return exitUsage
	}
	_, _ = fmt.Fprintln(stderr, "engine-bench:", err)
	return exitFailed
}

func find(args []string) (command, bool) {
	for _, c := range commands() {
		if len(args) > 0 && args[0] == c.name {
			return c, true
		}
	}
	return command{}, false
}

func usage() string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name+" ("+c.help+")")
	}
	return strings.Join(names, " | ")
}

// parse reads flags and refuses anything left over.
func parse(f *flag.FlagSet, args []string, stdout io.Writer) error {
	f.SetOutput(stdout)
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUsage, err)
	case f.NArg() > 0:
		return fmt.Errorf("%w: unexpected %q", ErrUsage, f.Args())
	}
	return nil
}

// writeFolder is the command write.
func writeFolder(ctx context.Context, args []string, stdout io.Writer) error {
	full := smolvlm.Full()
	f := flag.NewFlagSet("write", flag.ContinueOnError)
	dir := f.String("dir", "", "folder to write")
	text := f.Int("text-layers", full.TextLayers, "layers of the language model")
	vision := f.Int("vision-layers", full.VisionLayers, "layers of the vision tower")
	half := f.Bool("half", false, "float16 graphs, with the suffix _fp16")
	plain := f.Bool("plain", false, "attention in standard operators: for float32 on CUDA, where the runtime's own does not exist")
	checkpoint := f.Bool("checkpoint", false, "also model.safetensors")
	tokenizer := f.String("tokenizer", "", "SmolLM2's tokenizer.json; empty takes a stand-in of the same size")
	if err := parse(f, args, stdout); err != nil {
		return err
	}
	if *dir == "" || *text < 1 || *vision < 0 {
		return fmt.Errorf("%w: write needs --dir and at least one layer", ErrUsage)
	}
	opt := smolvlm.Options{Shape: smolvlm.Shape{TextLayers: *text, VisionLayers: *vision, Half: *half, Plain: *plain}, Checkpoint: *checkpoint}
	if *tokenizer != "" {
		var err error
		if opt.Tokenizer, err = os.ReadFile(*tokenizer); err != nil {
			return err
		}
	}
	if err := smolvlm.Write(ctx, *dir, opt); err != nil {
		return err
	}
	_, err := fmt.Fprintln(stdout, *dir)
	return err
}
