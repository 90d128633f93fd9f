package config_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/config"
)

// TestLimits: every limit can be said, and what is said is what holds.
func TestLimits(t *testing.T) {
	want := limits.Default()
	text := "limits:\n"
	for _, f := range want.Fields() {
		switch {
		case f.Duration != nil:
			*f.Duration += time.Second
			text += fmt.Sprintf("  %s: %s\n", f.Key, f.Duration)
		default:
			*f.Int++
			text += fmt.Sprintf("  %s: %d\n", f.Key, *f.Int)
		}
	}
	c := parse(t, text)
	got, err := c.Limits()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, k := range config.Keys() {
		if _, ok := c.Value(k.Name); ok != config.IsLimit(k.Name) || k.Doc == "" {
			t.Errorf("%s: said %v, %q", k.Name, ok, k.Doc)
		}
	}
	for name, c := range map[string]*config.Config{"nil": nil, "none": {}, "empty": parse(t, "limits:\n")} {
		if got, err := c.Limits(); err != nil || got != limits.Default() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, err := parse(t, "limits: {chat_bytes: 1MiB}\n").Limits(); err != nil || got.ChatBytes != 1<<20 || got.ChatBurst != limits.Default().ChatBurst {
		t.Errorf("one of them: %+v, %v", got, err)
	}
}

func TestWrongLimitsAreNamedWithTheirLine(t *testing.T) {
	for _, c := range []struct{ text, field, problem string }{
		{"chat_burst: 0", "limits.chat_burst", "nothing through"},
		{"chat_bytes: 0KiB", "limits.chat_bytes", "nothing through"},
		{"stream_idle: 0s", "limits.stream_idle", "nothing through"},
		{"stream_idle: 1us", "limits.stream_idle", "between 1ms"},
		{"chat_burst: " + fmt.Sprint(1<<30+1), "limits.chat_burst", "is too large"},
		{"chat_burst: " + fmt.Sprint(1<<30), "limits.chat_burst", "must be between"},
		{"chat_bytes: 1TiB", "limits.chat_bytes", "is too large"},
		{"participants: -1", "limits.participants", "negative"},
		{"participants: 1s", "limits.participants", "whole number"},
		{"stream_life: 7", "limits.stream_life", "no duration"},
		{"audio_tracks: 64", "limits.room_audio_tracks", "at least that of one"},
		{"chats: 7", "limits.chats", "unknown key"},
	} {
		_, err := config.Parse("c.yaml", []byte("\nlimits:\n  "+c.text+"\n"))
		var wrong *config.FieldError
		if !errors.As(err, &wrong) || wrong.Field != c.field || !strings.Contains(wrong.Problem, c.problem) || wrong.File != "c.yaml" {
			t.Errorf("%s: %v, want %s with %q", c.text, err, c.field, c.problem)
			continue
		}
		if own := strings.HasPrefix(c.text, strings.TrimPrefix(c.field, "limits.")+":"); own && wrong.Line != 3 {
			t.Errorf("%s: line %d", c.text, wrong.Line)
		}
	}
}

func TestBoundsOfNumbers(t *testing.T) {
	for _, c := range []struct {
		text string
		good bool
	}{
		{"store: {retain_days: 36500}", true},
		{"store: {retain_days: 36501}", false},
		{"store: {retain_days: 213504}", false},
		{"store: {retain_days: 0}", true},
		{"answer: {tokens: 32768}", true},
		{"answer: {tokens: 32769}", false},
		{"answer: {tokens: -1}", false},
		{"answer: {tokens: x}", false},
		{"models: {bytes: 8388607TiB}", true},
		{"models: {bytes: 8388608TiB}", false},
		{"models: {bytes: 9223372TB}", true},
		{"models: {bytes: 9223373TB}", false},
		{"models: {bytes: 0 kB}", true},
		{"models: {bytes: -1kB}", false},
		{"models: {bytes: 1.5GiB}", false},
		{"models: {bytes: 1XiB}", false},
		{"models: {bytes: " + fmt.Sprint(int64(math.MaxInt64)) + "}", true},
		{"models: {idle: -1s}", false},
		{"models: {idle: 0s}", true},
		{"models: {idle: 0}", false},
		{"models: {idle: soon}", false},
		{"join: {listen: 80}", false},
		{"join: {listen: 80.5}", false},
		{"join: {voice: " + strings.Repeat("x", 512) + "}", true},
		{"join: {voice: " + strings.Repeat("x", 513) + "}", false},
		{"join: {voice: \"a\\tb\"}", false},
		{"join: {voice: '  '}", false},
		{"join: {voice: 7}", false},
		{"join: {listen: ':80'}", true},
		{"join: {listen: '127.0.0.1:'}", false},
		{"join: {listen: host}", false},
		{"join: {voice: true}", false},
		{"join: {voice: [a]}", false},
		{"join: {voice: {a: b}}", false},
		{"join: {1: a}", false},
		{"join: {voice: ~}", false},
		{"budgets:\n  - {silicon: CPU, slots: 1}", true},
		{"budgets:\n  - {silicon: CPU, slots: 0}", false},
		{"budgets:\n  - {silicon: CPU, units: 0}", false},
		{"budgets:\n  - {silicon: CPU, bytes: 0}", true},
		{"budgets:\n  - {silicon: CPU, slots: 1125899906842624}", true},
		{"budgets:\n  - {silicon: CPU, slots: 1125899906842625}", false},
		{"budgets:\n  - {silicon: CLOUD, provider: 7, slots: 1, units: 1}", false},
		{"budgets:\n  - {silicon: [a]}", false},
		{"budgets:\n  - {silicon: CPU, slots: [1]}", false},
		{"budgets: {silicon: CPU}", false},
		{"budgets:\n  - CPU", false},
		{"budgets:\n  - {slots: 1}", false},
		{"[a]", false},
		{"a", false},
	} {
		if _, err := config.Parse("c.yaml", []byte(c.text)); (err == nil) != c.good {
			t.Errorf("%.60s: %v", c.text, err)
		}
	}
}

// TestTextsThatTakeAllMemoryAreRefused: what a YAML parser takes gigabytes for, it never sees.
func TestTextsThatTakeAllMemoryAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"deep": "join:\n  voice: " + strings.Repeat("[", 20_000), "deeper": strings.Repeat("- ", 30_000), "long": strings.Repeat("#", 256<<10+1),
		"many": strings.Repeat("a: b\n", 8_000),
	} {
		_, err := config.Parse("c.yaml", []byte(text))
		var wrong *config.FieldError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "more than") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := config.Parse("c.yaml", []byte(strings.Repeat("#", 256<<10))); err != nil {
		t.Errorf("the longest: %v", err)
	}
	if _, err := config.Parse("c.yaml", []byte("\n\njoin:\n"+strings.Repeat("- ", 40))); err == nil || !strings.Contains(err.Error(), "c.yaml:4: ") {
		t.Errorf("the line: %v", err)
	}
}

// TestEverySectionIsRead: one that says nothing hides none that follow.
func TestEverySectionIsRead(t *testing.T) {
	c := parse(t, "log:\nbudgets:\njoin:\n  # nothing\nbot: {codec: av1}\nstore:\n  path: x\nanswer: ~\nlimits: {streams: 2}\n")
	got, err := c.Limits()
	if err != nil || c.Text("bot.codec", "") != "av1" || c.Text("store.path", "") != "x" || got.Streams != 2 {
		t.Errorf("%v, %v, %+v", c, err, got)
	}
	c = parse(t, "budgets:\n  - {silicon: CPU, units: 7}\nbot: {codec: av1}\n")
	if c.Text("bot.codec", "") != "av1" {
		t.Error("what follows the budgets is not read")
	}
	if _, err := config.Parse("c.yaml", []byte("log:\nbot: {codec: av2}\n")); err == nil {
		t.Error("a mistake behind an empty section")
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for _, c := range []struct {
		err  config.FieldError
		want string
	}{
		{config.FieldError{File: "f", Problem: "p"}, "f: p"},
		{config.FieldError{File: "f", Line: 1, Problem: "p"}, "f:1: p"},
		{config.FieldError{File: "f", Field: "a.b", Problem: "p"}, "f: a.b: p"},
		{config.FieldError{File: "f", Line: 2, Field: "a.b", Problem: "p"}, "f:2: a.b: p"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	_, err := config.Parse("c", []byte("bot: {codec: av2, x: 1}\njoin: {y: 1}\nbudgets:\n  - {silicon: X, slots: 0}\n  - {silicon: Y}\n"))
	want := `c:1: bot.codec: "av2" is unknown; known are vp8, h264, vp9, av1
c:1: bot.x: unknown key; known are speaker, codec
c:2: join.y: unknown key; known are profile, voice, listen, listen_token_file
c:4: budgets[0].silicon: "X" is unknown; known are CPU, GPU, UNIFIED_MEMORY, NETWORK, DISK, CLOUD, BACKGROUND
c:4: budgets[0].slots: 0 is not between 1 and 1125899906842624
c:5: budgets[1].silicon: "Y" is unknown; known are CPU, GPU, UNIFIED_MEMORY, NETWORK, DISK, CLOUD, BACKGROUND`
	var all config.FieldErrors
	if !errors.As(err, &all) || len(all) != 6 || err.Error() != want || !errors.Is(err, config.ErrConfig) {
		t.Errorf("%v", err)
	}
	if _, err := config.Parse("c", []byte("join: {"+strings.Repeat("x, ", 99)+"}")); err == nil || strings.Count(err.Error(), "\n") > 32 {
		t.Errorf("%v", err)
	}
}

func TestWithoutAHomeThereIsNoFile(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv(config.Env, "")
	if _, err := config.Load(""); !errors.Is(err, config.ErrConfig) || !strings.Contains(err.Error(), "configuration folder") {
		t.Errorf("%v", err)
	}
	if path, must, err := config.Path("given"); path != "given" || !must || err != nil {
		t.Errorf("%s, %v, %v", path, must, err)
	}
}
