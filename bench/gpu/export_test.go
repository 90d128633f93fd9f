package gpu

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/sensory-agent/sensory-agent/bench/engine"
)

// Item is a file to pack.
type Item struct{ Name, Path string }

// Pack packs files and writes the list beside them.
func Pack(ctx context.Context, dir, name string, items []Item, most int64) (Manifest, error) {
	var list []item
	for _, i := range items {
		list = append(list, item{i.Name, i.Path})
	}
	b, err := pack(ctx, dir, name, list, most)
	m := Manifest{Version: manifestVersion, Bundles: []Bundle{b}}
	if err != nil {
		return m, err
	}
	return m, m.write(dir)
}

// Write writes a list.
func (m *Manifest) Write(dir string) error { return m.write(dir) }

// ExitCode is exitCode.
func ExitCode(all []Verdict, rehearsal bool) int { return exitCode(all, rehearsal) }

// Settle is settle, for a step that gives so many verdicts.
func Settle(gives []string, said []Verdict, err error) []Verdict {
	return settle(step{name: "s", gives: gives}, said, err, 0)
}

// Steps are the names of all steps, and those of their verdicts.
func Steps() (names, verdicts []string) {
	for _, s := range steps() {
		names, verdicts = append(names, s.name), append(verdicts, s.gives...)
	}
	return names, verdicts
}

// Said is an answer.
func Said(text string, ids ...int) said { return said{ids: ids, text: text} }

// SameTokens compares answers to one question.
func SameTokens(right string, want, got said) Verdict {
	judge := func(answer string) bool { return answer == right }
	return sameTokens("tokens", []ask{{question: "what?", right: judge}}, []said{want}, []said{got})
}

// What steps read.
var (
	SmokeVerdict    = smokeVerdict
	SmokeEnded      = smokeEnded
	ParseLibraries  = parseLibraries
	LevelsOff       = levelsOff
	SpeedOf         = speedOf
	DeviceLibraries = func(libraries ...string) []string { return deviceLibraries(python{Libraries: libraries}) }
	AskPython       = func(ctx context.Context, path string) (torch, why string) {
		p := askPython(ctx, path)
		return p.Torch, p.noTorch(false)
	}
)

// PyTorch is the verdict on what was measured beside, with what went wrong.
func PyTorch(reports map[string]*engine.Report, err error) Verdict {
	s := &settings{}
	return s.pytorch(s.shapes(), reports, err)
}

// SpeedOfCalibration takes the step speed with the calibration model alone, on the processor,
// beside a Python.
func SpeedOfCalibration(ctx context.Context, runtime, model, python string, tell func(Verdict)) error {
	s := &settings{Rehearse: true, Runtime: runtime, Model: model, Python: python}
	return s.speed(ctx, s.shapes()[:1], tell)
}

// Cards lists the cards of a driver.
func Cards(lib nvml.Interface) (names []string, why string) {
	found, why := cards(lib)
	for i := range found {
		names = append(names, described(&found[i]))
	}
	return names, why
}

// CardOf finds a card by its number, as run does, and returns what the smoke's program is told in
// its environment.
func CardOf(lib nvml.Interface, device int) (card string, environment []string, told []Verdict, err error) {
	c := &check{out: io.Discard}
	c.Device = device
	err = c.card(lib)
	return c.Card, c.environment("models"), c.all, err
}

var lineForm = regexp.MustCompile(`^(pass|fail|skipped) +(\S+) \(([0-9]+\.[0-9]) s\): ?(.*)$`)

// ParseLine reads a line that String has written; figures are not in it. Errors: ErrVerdict.
func ParseLine(line string) (Verdict, error) {
	m := lineForm.FindStringSubmatch(line)
	if m == nil {
		return Verdict{}, fmt.Errorf("%w: %.80q", ErrVerdict, line)
	}
	seconds, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		return Verdict{}, fmt.Errorf("%w: %w", ErrVerdict, err)
	}
	v := Verdict{Name: m[2], Status: Status(m[1]), Seconds: seconds, Why: m[4]}
	return v, v.check()
}
