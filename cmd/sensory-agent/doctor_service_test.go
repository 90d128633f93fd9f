package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// says checks a line of the doctor: every one that is not well has a next step.
func says(t *testing.T, c check, status, detail, fix string) {
	t.Helper()
	if c.Status != status || !strings.Contains(c.Detail, detail) || !strings.Contains(c.Fix, fix) || c.Name == "" || status == checkMissing && c.Fix == "" {
		t.Errorf("%+v; want %s, %q, %q", c, status, detail, fix)
	}
}

func TestDoctorLooksAtTheListener(t *testing.T) {
	state := ops.Readiness{State: "loading"}
	s, err := ops.Start(ops.Config{Address: "127.0.0.1:0"}, discard(), func() ops.Readiness { return state })
	if err != nil {
		t.Fatal(err)
	}
	says(t, checkListener(t.Context(), s.Address()), checkNote, "loading", "status seats --address "+s.Address())
	state.Ready = true
	says(t, checkListener(t.Context(), s.Address()), checkOK, "a program of ours answers", "")
	address := s.Address()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	says(t, checkListener(t.Context(), address), checkOK, "is free", "")
	other, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() { // something else, which says nothing
		for {
			c, err := other.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	defer other.Close()
	says(t, checkListener(t.Context(), address), checkNote, "is not free", "another address")
}

func TestDoctorLooksAtTheToken(t *testing.T) {
	cleanEnv(t)
	says(t, checkToken(""), checkNote, "none", "openssl rand")
	t.Setenv(opsTokenEnv, "short")
	says(t, checkToken(""), checkMissing, opsTokenEnv, "longer")
	const token = "0123456789abcdef"
	t.Setenv(opsTokenEnv, token)
	says(t, checkToken(""), checkOK, opsTokenEnv, "")
	path := filepath.Join(t.TempDir(), "token")
	says(t, checkToken(path), checkMissing, "no such file", path)
	if err := os.WriteFile(path, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, checkToken(path), checkOK, path, "")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	c := checkToken(path)
	says(t, c, checkNote, "read by everybody", "chmod 600")
	if strings.Contains(c.Detail+c.Fix, token) {
		t.Errorf("the token is shown: %+v", c)
	}
}

func TestDoctorLooksAtConsoleTracesAndUnit(t *testing.T) {
	cleanEnv(t)
	says(t, checkConsole(""), checkOK, "kB packed", "")
	says(t, checkConsole("livekit:7880"), checkMissing, "livekit:7880", "token.url")
	says(t, checkTraces(t.Context()), checkNote, "nothing is traced", telemetry.EnvEndpoint)
	collector := httptest.NewServer(http.NotFoundHandler())
	t.Setenv(telemetry.EnvEndpoint, collector.URL)
	says(t, checkTraces(t.Context()), checkOK, "a collector answers", "")
	collector.Close()
	says(t, checkTraces(t.Context()), checkMissing, "nobody answers", "unset")
	t.Setenv(telemetry.EnvEndpoint, "collector")
	says(t, checkTraces(t.Context()), checkMissing, "no address", "http://HOST:4318")

	says(t, checkUnit(t.Context(), filepath.Join(t.TempDir(), "none")), checkNote, "does not run this machine", "")
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	for state, want := range map[string][3]string{
		"LoadState=not-found\nActiveState=inactive":                                     {checkNote, "not installed", "As a service"},
		"LoadState=loaded\nActiveState=failed\nSubState=failed\nNRestarts=5":            {checkMissing, "failed (failed), after 5 restarts", "journalctl"},
		"LoadState=loaded\nActiveState=active\nSubState=running\nNRestarts=0\nSurplus=": {checkOK, "active (running)", ""},
	} {
		script := "#!/bin/sh\nprintf '" + strings.ReplaceAll(state, "\n", `\n`) + "\\n'\n"
		if err := os.WriteFile(filepath.Join(bin, "systemctl"), []byte(script), 0o700); err != nil { // a program
			t.Fatal(err)
		}
		says(t, checkUnit(t.Context(), bin), want[0], want[1], want[2])
	}
}

// TestDoctorLooksAtTheServiceOfAFile: it is the file that names the listener, its token, the store
// and what the worker registers, and the server of the environment takes the key pair.
func TestDoctorLooksAtTheServiceOfAFile(t *testing.T) {
	_, env := server(t)
	cleanEnv(t)
	for _, variable := range env {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "LIVEKIT_") {
			t.Setenv(name, value)
		}
	}
	token, address := filepath.Join(t.TempDir(), "token"), freePort(t)
	if err := os.WriteFile(token, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "kept.db")
	file := configFile(t, fmt.Sprintf(`serve: {listen: %q, listen_token_file: %q}
store: {path: %q}
token: {url: "wss://rooms.example"}
personas: [{name: iris}]
worker: {agents: [{name: greeter, personas: [iris]}]}
`, address, token, kept))
	by := diagnosed(t, "--config", file)
	says(t, by["listener"], checkOK, address, "")
	says(t, by["listener token"], checkOK, "in "+token, "")
	says(t, by["console"], checkOK, "built in", "")
	says(t, by["store"], checkNote, kept, "serve and join make it")
	says(t, by["livekit"], checkOK, "the server takes the key pair; serve registers 1 agent names there", "")
}

func TestDoctorAsksTheServerOfRooms(t *testing.T) {
	cleanEnv(t)
	says(t, checkRooms(t.Context(), nil), checkNote, "no server is named", "LIVEKIT_URL")
	t.Setenv("LIVEKIT_URL", "ws://"+freePort(t))
	says(t, checkRooms(t.Context(), nil), checkMissing, "api-key", "LIVEKIT_")
	t.Setenv("LIVEKIT_API_KEY", "devkey")
	t.Setenv("LIVEKIT_API_SECRET", strings.Repeat("hunter2.", 4))
	c := checkRooms(t.Context(), nil)
	says(t, c, checkMissing, "unreachable", "Joining")
	if strings.Contains(c.Detail, "hunter2") {
		t.Errorf("the secret is shown: %+v", c)
	}
}
