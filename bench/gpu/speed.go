package gpu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sensory-agent/sensory-agent/bench/engine"
)

// shape is a model folder that is measured.
type shape struct {
	name, dir, variant, cases string
	half                      bool
	// made is true of one that is written here, which is SmolVLM's: its encoder is of the kind that
	// is measured in PyTorch too. That of the calibration model is not.
	made bool
}

// shapes are those of the step.
func (s *settings) shapes() []shape {
	return []shape{
		{"calibration", s.Model, "", "text,picture,eyes", false, false},
		{"smolvlm", s.shape(false), "", "text,picture,tiles,eyes", false, true},
		{"smolvlm-fp16", s.shape(true), "_fp16", "text,picture,tiles,eyes", true, true},
	}
}

// speed measures time to the first token, tokens and pictures a second, and then the same shapes in
// PyTorch where it is at hand.
func speed(ctx context.Context, s *settings, tell func(Verdict)) error {
	return s.speed(ctx, s.shapes(), tell)
}

func (s *settings) speed(ctx context.Context, shapes []shape, tell func(Verdict)) error {
	reports := map[string]*engine.Report{}
	for _, c := range shapes {
		if c.made {
			if err := s.writeShape(ctx, c.half); err != nil { // the step before may have ended early
				return err
			}
		}
		report, err := s.measure(ctx, c)
		if err != nil {
			tell(failed("speed-"+c.name, err))
			continue
		}
		tell(speedOf("speed-"+c.name, report))
		reports[c.name] = report
	}
	if s.NoPython != "" {
		tell(skipped("pytorch", s.NoPython))
		return nil
	}
	err := s.eager(ctx, shapes, reports)
	tell(s.pytorch(shapes, reports, err))
	return nil
}

// eager measures in PyTorch what was measured here.
func (s *settings) eager(ctx context.Context, shapes []shape, reports map[string]*engine.Report) error {
	var errs []error
	for _, c := range shapes {
		r := reports[c.name]
		if r == nil {
			continue
		}
		rounds, _ := s.rounds()
		beside := engine.Beside{Python: s.Python, Dir: c.dir, Variant: c.variant, Device: s.Device, Rounds: rounds}
		var err error
		if r.Eager, err = beside.Measure(ctx, r); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

// pytorch is the verdict on the comparison: it passes where all that both have was compared.
func (s *settings) pytorch(shapes []shape, reports map[string]*engine.Report, err error) Verdict {
	times := map[string]float64{}
	var said, missing []string
	for _, c := range shapes {
		if r := reports[c.name]; r != nil {
			compare(times, c.name, r)
		}
		wanted := []string{"picture first token", "picture tokens/s"}
		if c.made {
			wanted = append(wanted, "eyes pictures/s")
		}
		for _, what := range wanted {
			if t, ok := times[c.name+" "+what]; ok {
				said = append(said, fmt.Sprintf("%s %s %.2f", c.name, what, t))
			} else {
				missing = append(missing, c.name+" "+what)
			}
		}
	}
	if len(missing) > 0 {
		err = errors.Join(fmt.Errorf("%w: not compared: %s", ErrAnswer, strings.Join(missing, ", ")), err)
	}
	if err != nil {
		return failed("pytorch", err)
	}
	on := "card"
	if s.Rehearse {
		on = "processor"
	}
	v := passed("pytorch", "times as fast as PyTorch, eager, on the same %s: %s", on, strings.Join(said, ", "))
	v.Figures = times
	return v
}

// rounds is how often everything is measured, and how many tokens an answer has.
func (s *settings) rounds() (rounds, tokens int) {
	if s.Rehearse {
		return 1, 4
	}
	return 5, 32
}

// measure runs the engine's own measurement.
func (s *settings) measure(ctx context.Context, c shape) (*engine.Report, error) {
	on, cases := "cuda", c.cases
	rounds, tokens := s.rounds()
	if s.Rehearse {
		on = "cpu"
		cases = strings.Replace(cases, "tiles,", "", 1) // thirteen squares take a processor long
	}
	args := []string{
		"measure", "--dir", c.dir, "--variant", c.variant, "--cases", cases, "--provider", on, "--runtime", s.Runtime, "--json",
		"--device", strconv.Itoa(s.Device), "--device-libraries", strings.Join(s.Libraries, ":"),
		"--rounds", strconv.Itoa(rounds), "--tokens", strconv.Itoa(tokens),
	}
	var out, problem bytes.Buffer
	if code := engine.Main(ctx, args, &out, &problem); code != 0 {
		return nil, fmt.Errorf("%w: %s", ErrAnswer, oneLine(problem.String()))
	}
	var r engine.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return &r, nil
}

// speedOf is the verdict on a measurement: it passes where everything was measured.
func speedOf(name string, r *engine.Report) Verdict {
	v := Verdict{Name: name, Status: Pass, Figures: map[string]float64{
		"load_seconds": r.Load, "host_bytes": float64(r.HostBytes), "device_bytes": float64(r.DeviceBytes),
	}}
	var said []string
	for _, c := range r.Cases {
		if c.FirstToken <= 0 || c.Rate <= 0 && len(c.IDs) > 1 {
			return failed(name, fmt.Errorf("%w: %s: first token after %g ms, then %g tokens/s", ErrAnswer, c.Name, c.FirstToken, c.Rate))
		}
		said = append(said, fmt.Sprintf("%s (%d tokens): first token %.1f ms, then %.0f tokens/s", c.Name, len(c.Prompt), c.FirstToken, c.Rate))
		v.Figures[c.Name+"_first_token_ms"], v.Figures[c.Name+"_tokens_per_second"] = c.FirstToken, c.Rate
	}
	if e := r.Pictures; e != nil {
		if e.PerSec <= 0 {
			return failed(name, fmt.Errorf("%w: %g pictures/s", ErrAnswer, e.PerSec))
		}
		said = append(said, fmt.Sprintf("pictures of %d: texture %.2f ms, encoder %.2f ms, %.1f a second", e.Side, e.Texture, e.Encode, e.PerSec))
		v.Figures["texture_ms"], v.Figures["encode_ms"], v.Figures["pictures_per_second"] = e.Texture, e.Encode, e.PerSec
	}
	if len(said) == 0 {
		return failed(name, fmt.Errorf("%w: nothing was measured", ErrAnswer))
	}
	v.Why = fmt.Sprintf("%s, %d MB of the card; %s", r.Provider, r.DeviceBytes>>20, strings.Join(said, "; "))
	return v
}

// compare notes how many times as fast as PyTorch a measurement is.
func compare(into map[string]float64, name string, r *engine.Report) {
	for _, c := range r.Cases {
		e, ok := r.Eager[c.Name]
		if !ok || c.FirstToken <= 0 || e.Rate <= 0 {
			continue
		}
		into[name+" "+c.Name+" first token"], into[name+" "+c.Name+" tokens/s"] = e.FirstToken/c.FirstToken, c.Rate/e.Rate
	}
	if e, ok := r.Eager["eyes"]; ok && r.Pictures != nil && r.Pictures.Encode > 0 && e.PerSec > 0 {
		into[name+" eyes pictures/s"] = 1000 / r.Pictures.Encode / e.PerSec
	}
}
