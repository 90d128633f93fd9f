package main

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cleanEnv takes away what the developer's machine may hold.
func cleanEnv(t *testing.T) {
	t.Helper()
	for _, name := range []string{"LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", tokenEnv, opsTokenEnv} {
		t.Setenv(name, "")
	}
	configFile(t, "")
	t.Setenv("SENSORY_AGENT_MODELS", filepath.Join(t.TempDir(), "none")) // nothing can be loaded
}

func unsigned(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

// TestAWrongCallIsNoticedBeforeModelsAreLoaded: exit 2 and the flag by name, where no model is
// installed that could be loaded.
func TestAWrongCallIsNoticedBeforeModelsAreLoaded(t *testing.T) {
	cleanEnv(t)
	secret := strings.Repeat("s", 32)
	door := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if strings.Count(token, ".") != 2 || r.URL.Path != "/rtc/validate" {
			t.Errorf("%s: %v", r.URL, r.Header)
		}
	}))
	defer door.Close()
	good := []string{"--url", "ws" + strings.TrimPrefix(door.URL, "http"), "--api-key", "k", "--api-secret", secret, "--room", "lobby"}
	lobby := unsigned(`{"sub":"iris","video":{"roomJoin":true,"room":"lobby"}}`)
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no server", []string{"--room", "lobby"}, "LIVEKIT_URL"},
		{"wrong server", slices.Concat(good[2:], []string{"--url", "lobby"}), "--url: "},
		{"password", slices.Concat(good[2:], []string{"--url", "ws://ada:hunter2@host"}), "user or password"},
		{"short secret", slices.Concat(good[:4], []string{"--api-secret", "hunter2", "--room", "lobby"}), "at least 32"},
		{"no room", good[:6], "--room: "},
		{"broken token", []string{"--url", "ws://h", "--token", "hunter2"}, "--token: "},
		{"another room", []string{"--url", "ws://h", "--token", lobby, "--room", "attic"}, `the token is for room "lobby"`},
		{"another identity", []string{"--url", "ws://h", "--token", lobby, "--identity", "bob"}, `the token is for "iris"`},
		{"run out", []string{"--url", "ws://h", "--token", unsigned(`{"sub":"i","exp":1,"video":{"roomJoin":true,"room":"l"}}`)}, "ran out"},
		{"two tokens", []string{"--url", "ws://h", "--token", lobby, "--token-file", empty}, "leave one of them out"},
		{"two secrets", slices.Concat(good, []string{"--api-secret-file", empty}), "leave one of them out"},
		{"an empty file", []string{"--url", "ws://h", "--token-file", empty}, "is empty"},
		{"no file", []string{"--url", "ws://h", "--token-file", empty + "x"}, "no such file"},
	} {
		for _, command := range []string{"join", "bot"} {
			code, _, errs := runProgram(t, append([]string{command}, c.args...)...)
			if code != exitUsage || !strings.Contains(errs, c.says) || strings.Contains(errs, "hunter2") {
				t.Errorf("%s, %s: code %d, %s", command, c.name, code, errs)
			}
		}
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--retain-days", "213504"}, "1 to 36500"},
		{[]string{"--retain-days", "-1"}, "1 to 36500"},
		{[]string{"--listen", "0.0.0.0:0"}, "--listen-token-file"},
		{[]string{"--listen", "x"}, "no address"},
		{[]string{"--listen", "127.0.0.1:0", "--listen-token-file", empty}, "is empty"},
	} {
		if code, _, errs := runProgram(t, slices.Concat([]string{"join"}, good, c.args)...); code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%v: code %d, %s", c.args, code, errs)
		}
	}
	if code, _, errs := runProgram(t, append([]string{"join", "--retain-days", "36500", "--profile", "embedded"}, good...)...); code != exitFailed || !strings.Contains(errs, "models pull") {
		t.Errorf("a right call comes as far as the models: code %d, %s", code, errs)
	}
	if code, _, errs := runProgram(t, append([]string{"join", "--profile", "standard"}, good...)...); code != exitFailed || !strings.Contains(errs, "--profile embedded") {
		t.Errorf("a machine without a GPU is told what else there is: code %d, %s", code, errs)
	}
	if code, _, errs := runProgram(t, append([]string{"join", "--url", "ws://" + freePort(t)}, good[2:]...)...); code != exitFailed || !strings.Contains(errs, "server unreachable") {
		t.Errorf("a server that is not there: code %d, %s", code, errs)
	}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "invalid API key: k", http.StatusUnauthorized)
	}))
	defer refusing.Close()
	refused := append([]string{"join", "--url", refusing.URL, "--profile", "embedded"}, good[2:]...)
	if code, _, errs := runProgram(t, refused...); code != exitFailed || !strings.Contains(errs, "check the API key and secret") || strings.Contains(errs, "models pull") {
		t.Errorf("a server that knows no such key: code %d, %s", code, errs)
	}
	if code, _, errs := runProgram(t, "smoke", "sensory", "--url", "ws://h", "--api-key", "k", "--api-secret", "hunter2"); code != exitUsage || !strings.Contains(errs, "at least 32") {
		t.Errorf("smoke: code %d, %s", code, errs)
	}
}

// TestWhereSecretsComeFrom: flags win over files' variables, and a key pair that was given over a
// token that happens to be there.
func TestWhereSecretsComeFrom(t *testing.T) {
	cleanEnv(t)
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lobby, long := unsigned(`{"sub":"iris","name":"Iris","video":{"roomJoin":true,"room":"lobby"}}`), strings.Repeat("s", 32)
	for _, c := range []struct {
		name          string
		env           map[string]string
		args          []string
		token, secret string
		room          string
	}{
		{"token of the environment", map[string]string{tokenEnv: lobby}, nil, lobby, "", "lobby"},
		{"token file", map[string]string{tokenEnv: "other"}, []string{"--token-file", file(lobby)}, lobby, "", "lobby"},
		{"a token wins over a pair of the environment", map[string]string{tokenEnv: lobby, "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": long}, nil, lobby, long, "lobby"},
		{"a pair that was given wins", map[string]string{tokenEnv: lobby, "LIVEKIT_API_SECRET": long}, []string{"--api-key", "k", "--room", "r"}, "", long, "r"},
		{"secret file", nil, []string{"--api-key", "k", "--api-secret-file", file(long), "--room", "r"}, "", long, "r"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			cmd := newJoinCommand(&rootFlags{})
			f := &connectFlags{}
			other := *cmd
			other.ResetFlags()
			f.register(&other, "persona")
			if err := other.ParseFlags(append([]string{"--url", "ws://h"}, c.args...)); err != nil {
				t.Fatal(err)
			}
			if err := f.complete(&other); err != nil {
				t.Fatal(err)
			}
			if f.Token != c.token || f.Secret != c.secret || f.Room != c.room {
				t.Errorf("%+v", f.Access)
			}
		})
	}
	t.Setenv("LIVEKIT_API_SECRET", long)
	t.Setenv(tokenEnv, lobby)
	t.Setenv(opsTokenEnv, "0123456789abcdef")
	for _, command := range []string{"join", "bot", "smoke sensory", "health"} {
		if _, help, _ := runProgram(t, append(strings.Fields(command), "--help")...); strings.Contains(help, long) || strings.Contains(help, lobby) || strings.Contains(help, "0123456789abcdef") {
			t.Errorf("%s --help shows a secret", command)
		}
	}
}

func TestPagesOfAPersonaThatLoads(t *testing.T) {
	cleanEnv(t)
	p := &joined{}
	f := opsFlags{address: "127.0.0.1:0"}
	cfg, err := f.config()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := p.serve(cfg, discard(), p.ready)
	if err != nil {
		t.Fatal(err)
	}
	defer pages.Close()
	ask := func(args ...string) (int, string) {
		code, out, errs := runProgram(t, append(args, "--address", pages.Address())...)
		return code, out + errs
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"health"}, `{"ready":false,"state":"loading"}`},
		{[]string{"status", "leases"}, "not open yet"},
		{[]string{"status", "models"}, "nothing is loaded yet"},
		{[]string{"status", "prompts"}, "nothing is loaded yet"},
	} {
		if code, text := ask(c.args...); code != exitFailed || !strings.Contains(text, c.says) {
			t.Errorf("%v: code %d, %s", c.args, code, text)
		}
	}
	p.at("joining")
	if code, text := ask("health"); code != exitFailed || !strings.Contains(text, `"state":"joining"`) {
		t.Errorf("joining: %d, %s", code, text)
	}
	if code, _, errs := runProgram(t, "status", "nothing"); code != exitUsage || !strings.Contains(errs, "there are: calls") {
		t.Errorf("%d, %s", code, errs)
	}
	if code, _, errs := runProgram(t, "health", "--address", "no address"); code != exitUsage {
		t.Errorf("%d, %s", code, errs)
	}
	t.Setenv(opsTokenEnv, "short")
	if cfg, err := (&opsFlags{}).config(); err != nil || cfg.Token != "" {
		t.Errorf("a token without an address: %+v, %v", cfg, err)
	}
	if _, err := f.config(); err == nil || verdictCode(err) != exitUsage {
		t.Errorf("a short token: %v", err)
	}
}
