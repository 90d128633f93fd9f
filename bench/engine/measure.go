package engine

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// settings are the flags of the command measure.
type settings struct {
	dir, variant, runtime, provider, libraries string
	device, threads, rounds, tokens            int
	memory                                     int64
	cases, python                              string
	asJSON, spin                               bool
}

// Case is one conversation and what it took. Times are those of the fastest of all rounds.
type Case struct {
	Name         string  `json:"name"`
	Prompt       []int   `json:"prompt"`     // token ids
	ImageRows    int     `json:"image_rows"` // image tokens among them
	IDs          []int   `json:"ids"`        // the answer
	FirstToken   float64 `json:"first_token_ms"`
	Rate         float64 `json:"tokens_per_second"` // behind the first token
	OutsideGraph float64 `json:"outside_graphs_percent"`
}

// Report is everything that was measured.
type Report struct {
	Model     string  `json:"model"`
	Provider  string  `json:"provider"`
	Threads   int     `json:"threads"`
	Runtime   string  `json:"runtime"`
	Load      float64 `json:"load_seconds"`
	HostBytes int64   `json:"host_bytes"` // most memory that the process held
	// DeviceBytes is how much more of the device's memory is in use than before; 0 for a processor.
	DeviceBytes int64            `json:"device_bytes"`
	Eager       map[string]Eager `json:"eager,omitempty"`
	Cases       []Case           `json:"cases"`
	Pictures    *Eyes            `json:"pictures,omitempty"`
}

// measure is the command measure.
func measure(ctx context.Context, args []string, stdout io.Writer) error {
	var s settings
	f := flag.NewFlagSet("measure", flag.ContinueOnError)
	f.StringVar(&s.dir, "dir", "", "model folder")
	f.StringVar(&s.variant, "variant", "", "suffix of the graph files, for example _fp16")
	f.StringVar(&s.runtime, "runtime", "", "ONNX Runtime library, or the directory that holds it")
	f.StringVar(&s.provider, "provider", "cuda", "cuda, or cpu")
	f.StringVar(&s.libraries, "device-libraries", "", "directories with the libraries that the provider needs, separated by colons")
	f.IntVar(&s.device, "device", 0, "device number")
	f.Int64Var(&s.memory, "device-memory", 0, "limit of a session's memory on the device, in bytes; 0 means none")
	f.IntVar(&s.threads, "threads", 2, "threads on a processor")
	f.IntVar(&s.rounds, "rounds", 5, "how often everything is measured; the fastest counts")
	f.IntVar(&s.tokens, "tokens", 32, "length of an answer")
	f.StringVar(&s.cases, "cases", "text,picture,tiles,eyes", "which conversations, and eyes for the vision encoder, separated by commas")
	f.BoolVar(&s.spin, "spin", true, "keep a processor's idle threads busy between steps, as comparable programs do; a service leaves it off")
	f.StringVar(&s.python, "python", "", "a Python with torch: the same shapes are measured in PyTorch behind")
	f.BoolVar(&s.asJSON, "json", false, "JSON instead of text")
	if err := parse(f, args, stdout); err != nil {
		return err
	}
	if s.dir == "" || s.rounds < 1 || s.tokens < 2 {
		return fmt.Errorf("%w: measure needs --dir, one round and two tokens", ErrUsage)
	}
	report, err := s.report(ctx)
	if err != nil {
		return err
	}
	var failed error // torch's: what was measured here is told all the same
	if s.python != "" {
		beside := Beside{Python: s.python, Dir: s.dir, Variant: s.variant, Device: s.device, Rounds: s.rounds}
		report.Eager, failed = beside.Measure(ctx, report)
	}
	if s.asJSON {
		return errors.Join(json.NewEncoder(stdout).Encode(report), failed)
	}
	return errors.Join(report.write(stdout), failed)
}

// options are those of every session.
func (s *settings) options() (ort.Options, error) {
	opt := ort.Options{Threads: s.threads, DeviceID: s.device, DeviceMemory: s.memory, Spin: s.spin}
	switch s.provider {
	case "cpu":
	case "cuda":
		opt.Provider = ort.CUDA
	default:
		return opt, fmt.Errorf("%w: provider %q is neither cuda nor cpu", ErrUsage, s.provider)
	}
	return opt, nil
}

// report opens the provider first of all: where it cannot be used, that is the error.
func (s *settings) report(ctx context.Context) (r *Report, err error) {
	opt, err := s.options()
	if err != nil {
		return nil, err
	}
	rt, err := ort.Open(ort.Config{LibraryPath: s.runtime, DeviceLibraries: filepath.SplitList(s.libraries)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	if err := Probe(ctx, rt, opt); err != nil {
		return nil, err
	}
	before := deviceBytes(opt)
	r = &Report{Model: filepath.Base(s.dir) + s.variant, Provider: s.provider, Threads: s.threads, Runtime: rt.Version()}
	start := time.Now()
	m, err := generate.Open(ctx, rt, generate.Dir(s.dir), generate.Options{Options: opt, Variant: s.variant})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	r.Load = time.Since(start).Seconds()
	if err := s.talks(ctx, m, r); err != nil {
		return nil, err
	}
	if slices.Contains(strings.Split(s.cases, ","), "eyes") {
		if r.Pictures, err = s.eyes(ctx, rt, opt, m); err != nil {
			return nil, err
		}
	}
	r.HostBytes, r.DeviceBytes = hostBytes(), deviceBytes(opt)-before
	return r, nil
}

// talks measures every conversation asked for.
func (s *settings) talks(ctx context.Context, m *generate.Model, r *Report) error {
	for _, name := range strings.Split(s.cases, ",") {
		if name == "eyes" {
			continue
		}
		messages, err := conversation(name, m)
		if err != nil {
			return err
		}
		c := Case{Name: name}
		for _, message := range messages {
			for _, part := range message.Parts {
				if image, ok := part.(generate.Image); ok {
					c.ImageRows += len(image.Features) / image.Hidden
				}
			}
		}
		if c.Prompt, err = m.Prompt(messages); err != nil {
			return err
		}
		if err := s.answer(ctx, m, messages, &c); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.Cases = append(r.Cases, c)
	}
	return nil
}

// answer runs one conversation for all rounds, each from an emptied cache, whose memory a persona
// keeps as well.
func (s *settings) answer(ctx context.Context, m *generate.Model, messages []prompt.Message, c *Case) (err error) {
	cache := m.NewPromptCache()
	defer func() { err = errors.Join(err, cache.Close()) }()
	first, rest, outside := time.Duration(1<<62), time.Duration(1<<62), 1e9
	for range s.rounds {
		if err := cache.Reset(); err != nil {
			return err
		}
		got, err := cache.Generate(ctx, prompt.Request{Messages: messages, MaxTokens: s.tokens}, nil)
		if err != nil {
			return err
		}
		if c.IDs != nil && !slices.Equal(c.IDs, got.IDs) {
			return fmt.Errorf("%w: %v, then %v", ErrUnsteady, c.IDs, got.IDs)
		}
		c.IDs = got.IDs
		first, rest = min(first, got.FirstToken), min(rest, got.Total-got.FirstToken)
		outside = min(outside, 100*float64(got.Total-got.Compute)/float64(got.Compute))
	}
	c.FirstToken, c.OutsideGraph = milliseconds(first), outside
	if len(c.IDs) > 1 {
		c.Rate = float64(len(c.IDs)-1) / rest.Seconds()
	}
	return nil
}

// ErrUnsteady means that the same conversation got two answers.
var ErrUnsteady = errors.New("the answer changed from round to round")

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

const question = "Tell a long story about the sea, and say what you see."

// conversation is a named prompt: text, one square picture, a picture in 3 x 4 tiles, or a long
// text of about as many tokens.
func conversation(name string, m *generate.Model) ([]prompt.Message, error) {
	switch name {
	case "text":
		return []prompt.Message{{Role: prompt.User, Text: question}}, nil
	case "long":
		return []prompt.Message{{Role: prompt.User, Text: question + strings.Repeat(" The sea is wide.", 165)}}, nil
	case "picture":
		return []prompt.Message{{Role: prompt.User, Text: question, Parts: []prompt.Part{noise(m.Hidden(), 0, 0)}}}, nil
	case "tiles":
		return []prompt.Message{{Role: prompt.User, Text: question, Parts: []prompt.Part{noise(m.Hidden(), 3, 4)}}}, nil
	}
	return nil, fmt.Errorf("%w: no case %q", ErrUsage, name)
}

// noise is features by a fixed formula, which other programs can repeat.
func noise(hidden, rows, cols int) generate.Image {
	const tokens = 64
	image := generate.Image{Tokens: tokens, Hidden: hidden, Rows: rows, Cols: cols, Features: make([]float32, (rows*cols+1)*tokens*hidden)}
	for i := range image.Features {
		image.Features[i] = float32(i*7919%2001-1000) / 1000
	}
	return image
}
