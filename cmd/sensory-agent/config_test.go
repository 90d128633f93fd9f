package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/config"
)

// configFile writes a configuration file and returns its path. No other file is looked at.
func configFile(t *testing.T, text string) string {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv(config.Env, "")
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func runProgram(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestConfigShowSaysWhereValuesComeFrom(t *testing.T) {
	path := configFile(t, "join: {voice: espeak}\nbudgets:\n  - {silicon: CPU, slots: 5}\n")
	code, out, errs := runProgram(t, "config", "show", "--json", "--config", path)
	if code != 0 {
		t.Fatalf("code %d: %s", code, errs)
	}
	var got shown
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	by := map[string]setting{}
	for _, s := range got.Settings {
		by[s.Key] = s
	}
	for _, want := range []setting{
		{"join.voice", "espeak", path + ":1"},
		{"join.profile", "embedded", "default"},
		{"log.level", "warn", "default"},
		{"bot.codec", "vp8", "default"},
		{"models.idle", "5m0s", "default"},
		{"budgets.CPU.slots", "5", path + ":3"},
		{"budgets.DISK.slots", "8", "host"},
	} {
		if by[want.Key] != want {
			t.Errorf("got %+v, want %+v", by[want.Key], want)
		}
	}
	if got.File != path || by["budgets.CPU.units"].From != "host" || by["models.bytes"].From != "host" || by["prompt_cache.bytes"].From != "host" {
		t.Errorf("got %+v", got)
	}
	for _, k := range config.Keys() {
		if by[k.Name].From == "" {
			t.Errorf("%s is not shown", k.Name)
		}
	}
}

func TestFlagsWinOverTheFileAndTheFileOverDefaults(t *testing.T) {
	path := configFile(t, "log: {level: info}\njoin: {voice: espeak, profile: embedded, listen: '127.0.0.1:9'}\nbot: {codec: vp9}\n")
	root := &rootFlags{}
	program := newRootCommand(root)
	join, args, err := program.Find([]string{"join", "--voice", "kokoro:af_bella", "--config", path})
	if err != nil {
		t.Fatal(err)
	}
	if err := join.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	file, err := root.configure(join)
	if err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{
		"voice": "kokoro:af_bella", "profile": "embedded", "listen": "127.0.0.1:9", "log-level": "info", "log-format": "text",
	} {
		if got := join.Flags().Lookup(flag).Value.String(); got != want {
			t.Errorf("--%s is %q, want %q", flag, got, want)
		}
	}
	if file.Path != path {
		t.Errorf("read %q", file.Path)
	}
	bot, _, err := program.Find([]string{"bot"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.configure(bot); err != nil {
		t.Fatal(err)
	}
	if got := bot.Flags().Lookup("codec").Value.String(); got != "vp9" {
		t.Errorf("bot --codec is %q", got)
	}
}

func TestBrokenConfigurationStopsTheProgram(t *testing.T) {
	path := configFile(t, "join:\n  voise: espeak\n")
	for _, args := range [][]string{
		{"config", "show"}, {"join", "--url", "ws://127.0.0.1:1", "--token", "t"}, {"bot", "--url", "ws://127.0.0.1:1", "--token", "t"}, {"demo"},
	} {
		code, _, errs := runProgram(t, append(args, "--config", path)...)
		if code != exitUsage || !strings.Contains(errs, path+":2: join.voise: unknown key") {
			t.Errorf("%v: code %d, %s", args, code, errs)
		}
	}
	if code, out, _ := runProgram(t, "doctor", "--config", path, "--models-dir", t.TempDir()); code != exitFailed || !strings.Contains(out, path+":2: join.voise") {
		t.Errorf("doctor: code %d, %s", code, out)
	}
	none := filepath.Join(t.TempDir(), "none.yaml")
	if code, _, errs := runProgram(t, "config", "show", "--config", none); code != exitUsage || !strings.Contains(errs, none) {
		t.Errorf("a file that is not there: code %d, %s", code, errs)
	}
}
