package hearing_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

var rewrite = flag.Bool("rewrite", false, "write what the machine does into testdata/endpoint-*.txt; commit only what you understand")

// TestTurnReplaysScripts runs the scripts in testdata. A script is a list of commands, each
// followed by a line "----" and the signals that it must cause:
//
//	config NAME=VALUE …            a new machine, its clock at 0; without patient it follows no pauses
//	speech|silence|unsure D        windows with probability 0.9, 0.05 or 0.4 for the duration D
//	windows P …                    one window for each probability
//	blank D                        silence that was put in
//	heard complete|unfinished|leading|unknown
//	glimpsed …                     the same of an interim transcript that reaches up to now
//	judged P                       a TurnDetector takes the turn for over with this probability
//	finish
func TestTurnReplaysScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/endpoint-*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d scripts, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(data))
			if *rewrite {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(data) {
				t.Errorf("the machine does:\n%s", got)
			}
		})
	}
}

// player runs the commands of a script.
type player struct {
	turn     *hearing.Endpointer
	now      time.Duration
	silentAt time.Duration // of the silence that was probed last
}

// replay runs a script and returns it with the signals that the machine gave.
func replay(t *testing.T, script string) string {
	t.Helper()
	p := &player{}
	if err := p.configure(nil); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(script), "\n\n") {
		command, _, _ := strings.Cut(block, "\n----")
		lines := strings.Split(command, "\n")
		out.WriteString(command + "\n")
		if fields := strings.Fields(lines[len(lines)-1]); len(fields) > 0 && fields[0] != "#" {
			out.WriteString("----\n")
			signals, err := p.do(fields[0], fields[1:])
			if err != nil {
				t.Fatalf("%s: %v", lines[len(lines)-1], err)
			}
			for _, s := range signals {
				out.WriteString(show(s) + "\n")
			}
		}
		out.WriteString("\n")
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

func (p *player) configure(args []string) error {
	cfg := hearing.EndpointConfig{PatientSilence: -1, Probes: []time.Duration{}}
	durations := map[string]*time.Duration{
		"min": &cfg.MinSpeech, "pause": &cfg.Pause, "complete": &cfg.CompleteSilence,
		"end": &cfg.EndSilence, "max": &cfg.MaxSilence, "length": &cfg.MaxLength,
		"patient": &cfg.PatientSilence, "sure": &cfg.SureSilence, "doubtful": &cfg.DoubtfulSilence, "after": &cfg.Afterthought,
		"asked": &cfg.AskedSilence, "strange": &cfg.StrangeSilence, "longest": &cfg.Speaker.Longest,
	}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		d, err := time.ParseDuration(value)
		if name == "probe" {
			cfg.Probes = append(cfg.Probes, d)
			durations[name] = new(time.Duration)
		}
		if err != nil || durations[name] == nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		*durations[name] = d
	}
	turn, err := hearing.NewEndpointer(cfg)
	p.turn, p.now = turn, 0
	return err
}

func (p *player) do(command string, args []string) ([]hearing.Signal, error) {
	levels := map[string]float32{"speech": 0.9, "silence": 0.05, "unsure": 0.4}
	switch command {
	case "config":
		return nil, p.configure(args)
	case "speech", "silence", "unsure":
		d, err := time.ParseDuration(args[0])
		var out []hearing.Signal
		for range d / hearing.WindowLength {
			out = p.window(levels[command], out)
		}
		return out, err
	case "blank":
		d, err := time.ParseDuration(args[0])
		var out []hearing.Signal
		for range d / hearing.WindowLength {
			p.turn.Blank()
			out = p.window(0, out)
			p.turn.Blank()
		}
		return out, err
	case "windows":
		var out []hearing.Signal
		for _, arg := range args {
			value, err := strconv.ParseFloat(arg, 32)
			if err != nil {
				return nil, err
			}
			out = p.window(float32(value), out)
		}
		return out, nil
	case "heard", "glimpsed":
		for _, v := range []hearing.Verdict{hearing.Unknown, hearing.Complete, hearing.Unfinished, hearing.Leading, hearing.Whole, hearing.Asked} {
			if v.String() == args[0] {
				if command == "glimpsed" {
					return p.turn.Glimpsed(v, p.now, nil), nil
				}
				return p.turn.Heard(v, nil), nil
			}
		}
	case "judged":
		over, err := strconv.ParseFloat(args[0], 32)
		return p.turn.Judged(p.silentAt, float32(over), nil), err
	case "finish":
		return p.turn.Finish(nil), nil
	}
	return nil, fmt.Errorf("no such command")
}

func (p *player) window(probability float32, out []hearing.Signal) []hearing.Signal {
	out = p.turn.Window(p.now, probability, out)
	p.now += hearing.WindowLength
	if at := silentAt(out); at != 0 {
		p.silentAt = at
	}
	return out
}

// show writes a signal as one line.
func show(s hearing.Signal) string {
	line := fmt.Sprintf("utterance %d ", s.Utterance)
	switch s.Kind {
	case hearing.Started:
		return line + fmt.Sprintf("started at %v", s.At)
	case hearing.Sustained:
		return line + fmt.Sprintf("sustained %v by %v", s.Voiced, s.At)
	case hearing.Stopped:
		return line + fmt.Sprintf("stopped at %v, silent for %v", s.At, s.Silence)
	case hearing.Resumed:
		return line + fmt.Sprintf("resumed at %v", s.At)
	case hearing.Probed:
		return line + fmt.Sprintf("probed at %v, silent for %v", s.At, s.Silence)
	case hearing.Ended:
		return line + fmt.Sprintf("ended at %v, silent for %v: %v", s.At, s.Silence, s.Reason)
	}
	return line + "?"
}

func TestTurnConfigRefusesContradictions(t *testing.T) {
	for name, cfg := range map[string]hearing.EndpointConfig{
		"stop above start":          {Start: 0.3, Stop: 0.5},
		"start above one":           {Start: 1.5},
		"negative minimum":          {MinSpeech: -1},
		"pause longer than end":     {Pause: time.Second},
		"complete longer than end":  {CompleteSilence: 600 * time.Millisecond},
		"end longer than maximum":   {EndSilence: 4 * time.Second},
		"turn shorter than silence": {MaxLength: time.Second},
		"marks out of order":        {Marks: []time.Duration{2, 1}},
		"probes out of order":       {Probes: []time.Duration{2, 1}},
		"doubtful above sure":       {Doubtful: 0.6, Sure: 0.5},
		"patience without end":      {PatientSilence: 4 * time.Second},
		"negative doubt":            {Doubtful: -0.1},
	} {
		if _, err := hearing.NewEndpointer(cfg); !errors.Is(err, hearing.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkTurn(b *testing.B) {
	turn, err := hearing.NewEndpointer(hearing.EndpointConfig{})
	if err != nil {
		b.Fatal(err)
	}
	out := make([]hearing.Signal, 0, 8)
	b.ReportAllocs()
	now := time.Duration(0)
	for i := 0; b.Loop(); i++ {
		out = turn.Window(now, float32(i/50%2)*0.9, out[:0])
		now += hearing.WindowLength
	}
}
