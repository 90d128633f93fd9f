package gpu

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// Main runs the program with the arguments behind its name and returns its exit code: 0 where
// checks were run on a card and none failed, 1 where one failed, 2 for unusable arguments, 3 where
// nothing was run on a card: there is none, or it was a rehearsal. self is the program's own file,
// which runs the steps.
func Main(ctx context.Context, self string, args []string, stdout, stderr io.Writer) int {
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	code, err := exitOK, error(nil)
	switch name {
	case "look":
		code, err = look(nvml.New(), stdout)
	case "run":
		code, err = run(ctx, nvml.New(), self, args, stdout)
	case "pack":
		err = packMain(ctx, self, args, stdout)
	case "step":
		err = stepMain(ctx, args, stdout)
	default:
		err = fmt.Errorf("%w: gpu-check look (is there a card?) | run [FOLDER] (check; see run -h) | pack FOLDER (what another machine needs)", ErrUsage)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err == nil:
		return code
	case errors.Is(err, ErrUsage):
		_, _ = fmt.Fprintln(stderr, err)
		return exitUsage
	}
	_, _ = fmt.Fprintln(stderr, "gpu-check:", err)
	return exitFailed
}

// look says which cards there are.
func look(lib nvml.Interface, stdout io.Writer) (int, error) {
	found, why := cards(lib)
	if len(found) == 0 {
		_, err := fmt.Fprintln(stdout, noCard(why))
		return exitNoCard, err
	}
	for i := range found {
		if _, err := fmt.Fprintln(stdout, described(&found[i])); err != nil {
			return exitFailed, err
		}
	}
	return exitOK, nil
}

// noCard is the one verdict where there is none.
func noCard(why string) Verdict {
	return skipped("gpu", why+"; nothing was run")
}

// parse reads flags, and the arguments behind them.
func parse(f *flag.FlagSet, args []string, out io.Writer) ([]string, error) {
	f.SetOutput(out)
	var rest []string
	for {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		if f.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:] // flags may stand behind a folder
	}
}
