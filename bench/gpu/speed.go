package gpu

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/sensory-agent/sensory-agent/bench/engine"
)

// speed measures time to the first token, tokens and pictures a second, and the same shapes in PyTorch where it is at hand.
func speed(ctx context.Context, s *settings, tell func(Verdict)) error {
	shapes := []struct {
		name, dir, variant, cases string
		half                      bool
	}{
		{"speed-calibration", s.Model, "", "text,picture,eyes", false},
		{"speed-smolvlm", s.shape(false), "", "text,picture,tiles,eyes", false},
		{"speed-smolvlm-fp16", s.shape(true), "_fp16", "text,picture,tiles,eyes", true},
	}
	beside := map[string]float64{}
	for i, c := range shapes {
		if i > 0 {
			if err := s.writeShape(ctx, c.half); err != nil { // the step before may have ended early
				return err
			}
		}
		report, err := s.measure(ctx, c.dir, c.variant, c.cases)
		if err != nil {
			tell(failed(c.name, err))
			continue
		}
		tell(speedOf(c.name, report))
		compare(beside, strings.TrimPrefix(c.name, "speed-"), report)
	}
	tell(s.pytorch(beside))
	return nil
}

// pytorch is the verdict on the comparison, from what it took times what we took.
func (s *settings) pytorch(times map[string]float64) Verdict {
	if s.NoPython != "" {
		return skipped("pytorch", s.NoPython)
	}
	if len(times) == 0 {
		return failed("pytorch", fmt.Errorf("%w: nothing was measured beside it", ErrAnswer))
	}
	var said, missing []string
	for _, name := range []string{"calibration", "smolvlm", "smolvlm-fp16"} {
		for _, what := range []string{"picture first token", "picture tokens/s", "eyes pictures/s"} {
			if t, ok := times[name+" "+what]; ok {
				said = append(said, fmt.Sprintf("%s %s %.2f", name, what, t))
			} else {
				missing = append(missing, name+" "+what)
			}
		}
	}
	if len(missing) > 0 {
		return failed("pytorch", fmt.Errorf("%w: not compared: %s", ErrAnswer, strings.Join(missing, ", ")))
	}
	on := "card"
	if s.Rehearse {
		on = "processor"
	}
	v := passed("pytorch", "times as fast as PyTorch, eager, on the same %s: %s", on, strings.Join(said, ", "))
	v.Figures = times
	return v
}

// measure runs the engine's own measurement.
func (s *settings) measure(ctx context.Context, dir, variant, cases string) (*engine.Report, error) {
	rounds, tokens, on := 5, 32, "cuda"
	if s.Rehearse {
		rounds, tokens, on = 1, 4, "cpu"
		cases = strings.Replace(cases, "tiles,", "", 1) // thirteen squares take a processor long
	}
	args := []string{
		"measure", "--dir", dir, "--variant", variant, "--cases", cases, "--provider", on, "--runtime", s.Runtime, "--json",
		"--device", strconv.Itoa(s.Device), "--device-libraries", strings.Join(s.Libraries, ":"),
		"--rounds", strconv.Itoa(rounds), "--tokens", strconv.Itoa(tokens),
	}
	if s.Python != "" && s.NoPython == "" {
		args = append(args, "--python", s.Python)
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
