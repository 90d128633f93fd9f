package vision_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/vision"
)

// TestSamplerScripts replays testdata/sampler/*.txt. A script is a list of commands:
//
//	config speaking=1s idle=3.3s gap=250ms   a new sampler; left out is the default
//	play FROM TO every=DUR [speaking]        frames at that distance; prints each frame that is taken
//	frame AT [speaking] [changed] [requested]
//	reset
//
// Lines that begin with four dashes hold what the command before them must print.
func TestSamplerScripts(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/sampler/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			replay(t, path)
		})
	}
}

func replay(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sampler := vision.NewSampler(vision.SamplerConfig{})
	var got []string
	scanner := bufio.NewScanner(file)
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(text, "----"):
			want := strings.TrimSpace(strings.TrimPrefix(text, "----"))
			if len(got) == 0 {
				t.Errorf("%s:%d: nothing was taken, expected %s", path, line, want)
				continue
			}
			if got[0] != want {
				t.Errorf("%s:%d: took %q, expected %q", path, line, got[0], want)
			}
			got = got[1:]
		default:
			if len(got) > 0 {
				t.Errorf("%s:%d: also took %v", path, line, got)
			}
			got = command(t, &sampler, strings.Fields(text))
		}
	}
	if len(got) > 0 {
		t.Errorf("%s: also took %v", path, got)
	}
	if err := scanner.Err(); err != nil {
		t.Error(err)
	}
}

func command(t *testing.T, sampler **vision.Sampler, words []string) []string {
	t.Helper()
	switch words[0] {
	case "config":
		options := settings(t, words[1:])
		*sampler = vision.NewSampler(vision.SamplerConfig{
			SpeakingInterval: options["speaking"], IdleInterval: options["idle"], ChangeGap: options["gap"],
		})
	case "reset":
		(*sampler).Reset()
	case "frame":
		return frame(*sampler, moment(t, words[1], words[2:]))
	case "play":
		var taken []string
		every := settings(t, words[3:4])["every"]
		for at := duration(t, words[1]); at < duration(t, words[2]); at += every {
			taken = append(taken, frame(*sampler, moment(t, at.String(), words[4:]))...)
		}
		return taken
	default:
		t.Fatalf("unknown command %v", words)
	}
	return nil
}

func frame(sampler *vision.Sampler, m vision.Moment) []string {
	if reason := sampler.Step(m); reason != vision.ReasonNone {
		return []string{fmt.Sprintf("%v %v", m.At, reason)}
	}
	return nil
}

func moment(t *testing.T, at string, flags []string) vision.Moment {
	t.Helper()
	m := vision.Moment{At: duration(t, at)}
	for _, flag := range flags {
		switch flag {
		case "speaking":
			m.Speaking = true
		case "changed":
			m.Changed = true
		case "requested":
			m.Requested = true
		default:
			t.Fatalf("unknown flag %q", flag)
		}
	}
	return m
}

func settings(t *testing.T, words []string) map[string]time.Duration {
	t.Helper()
	out := map[string]time.Duration{}
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			t.Fatalf("%q is no setting", word)
		}
		out[key] = duration(t, value)
	}
	return out
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSamplerRates checks on random tracks that two taken frames are never closer than the rules
// allow, that a frame that is due is never missed, and that requests are always answered.
func TestSamplerRates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sampler := vision.NewSampler(vision.SamplerConfig{})
		var at, last time.Duration
		for i := range rapid.IntRange(1, 300).Draw(t, "frames") {
			at += time.Duration(rapid.IntRange(1, 400).Draw(t, "gap")) * time.Millisecond
			m := vision.Moment{
				At: at, Speaking: rapid.Bool().Draw(t, "speaking"),
				Changed: rapid.Bool().Draw(t, "changed"), Requested: rapid.IntRange(0, 9).Draw(t, "requested") == 0,
			}
			taken := sampler.Step(m) != vision.ReasonNone
			interval := 10 * time.Second / 3
			if m.Speaking {
				interval = time.Second
			}
			age := at - last
			due := i == 0 || m.Requested || age >= interval || m.Changed && age >= 250*time.Millisecond
			if taken != due {
				t.Fatalf("frame %d at %v, age %v, %+v: taken %t, expected %t", i, at, age, m, taken, due)
			}
			if taken {
				last = at
			}
		}
	})
}
