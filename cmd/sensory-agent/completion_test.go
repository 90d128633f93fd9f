package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/api"
)

// offered are the words that a shell would be offered.
func offered(t *testing.T, args ...string) []string {
	t.Helper()
	code, out, _ := runProgram(t, append([]string{"__complete"}, args...)...)
	if code != 0 {
		t.Fatalf("%q: code %d, %s", args, code, out)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[:len(lines)-1] // the last one is for the shell
}

// TestValuesAreCompleted: profiles, models and voices of the catalog; rooms and personas of a
// program that runs, and of the configuration file for commands that call none.
func TestValuesAreCompleted(t *testing.T) {
	cleanEnv(t)
	at := time.Now()
	address := answering(t, api.Config{Host: func() api.Host {
		return sits{seats: []agent.SeatStatus{
			{Room: "lobby", Persona: "iris", State: agent.SeatIn, Since: at},
			{Room: "lobby", Persona: "max", State: agent.SeatIn, Since: at},
			{Room: "attic", Persona: "otto", State: agent.SeatFailed, Since: at, Err: errors.New("x")},
		}}
	}})
	file := configFile(t, "personas: [{name: eve}, {name: adam}]\nrooms: [{name: garden, personas: [eve]}]\n")
	for want, args := range map[string][]string{
		"debug|info|warn|error": {"serve", "--log-level", ""},
		"attic|lobby":           {"ask", "--address", address, "--room", ""},
		"lobby":                 {"room", "state", "--address", address, "l"},
		"iris|max":              {"persona", "mute", "--address", address, "--room", "lobby", ""},
		"otto":                  {"persona", "remove", "--address", address, "o"},
		"iris,max":              {"ask", "--address", address, "--to", "iris,m"},
		"silent|step":           {"events", "--kind", "s"},
		"garden":                {"join", "--config", file, "--room", ""},
		"adam|eve":              {"memory", "list", "--config", file, "--persona", ""},
		"quarantined":           {"memory", "list", "--status", "q"},
		"embedded":              {"join", "--profile", "emb"},
		"standard|standard-":    {"persona", "spawn", "--profile", "sta"},
		"kokoro:af_bella":       {"join", "--voice", "kokoro:af_be"},
		"smollm2-":              {"models", "pull", "smollm2"},
		"h264":                  {"bot", "--codec", "h"},
	} {
		got := strings.Join(offered(t, args...), "|")
		for part := range strings.SplitSeq(want, "|") {
			if !strings.Contains("|"+got, "|"+part) {
				t.Errorf("%q offers %q, want %q", args, got, want)
			}
		}
		if strings.Contains(got, ":0") {
			t.Errorf("%q: %q", args, got)
		}
	}
	for _, args := range [][]string{
		{"ask", "--address", freePort(t), "--room", ""}, {"join", "--config", file + "x", "--room", ""}, {"room", "state", "--address", "no address", ""}, {"join", "--identity", ""},
	} {
		if got := offered(t, args...); len(got) > 0 {
			t.Errorf("%q offers %q", args, got)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if code, out, errs := runProgram(t, "completion", shell); code != 0 || errs != "" || !strings.Contains(out, "__complete") {
			t.Errorf("%s: code %d, %d bytes, %s", shell, code, len(out), errs)
		}
	}
}
