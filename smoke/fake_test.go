package smoke_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/smoke"
)

// asFake makes this test binary a stand-in of the program under test: it prints what the program
// would print, says nothing to any server, and writes down how it was called. Its value is the
// folder of the script.
const asFake = "SMOKE_FAKE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asFake); dir != "" {
		os.Exit(fake(dir))
	}
	os.Exit(m.Run())
}

// script is what the stand-in does.
type script struct {
	// Resolve is printed by models resolve, which ends with ResolveCode.
	Resolve     string
	ResolveCode int
	// Join lines are printed by join, which then waits for SIGTERM, or ends with JoinCode and
	// JoinError. With Alone it ends at once in the room of a control.
	Join      []string
	Alone     bool
	JoinCode  int
	JoinError string
	// Human and Control lines are printed by bot, which writes a WAV with so many samples, unless
	// NoWAV.
	Human, Control []string
	HumanCode      int
	HumanError     string
	// What is wrong with the recording.
	NoWAV, BrokenWAV, EmptyWAV, LoopWAV bool
}

// call is how the stand-in was called.
type call struct{ Args, Env []string }

func fake(dir string) int {
	var s script
	data, err := os.ReadFile(filepath.Join(dir, "script.json"))
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return 99
	}
	record, _ := json.Marshal(call{os.Args[1:], os.Environ()})
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("call-%d.json", os.Getpid())), record, 0o600); err != nil {
		return 99
	}
	switch os.Args[1] {
	case "models":
		fmt.Print(s.Resolve)
		return s.ResolveCode
	case "join":
		return s.join(os.Args[1:])
	}
	return s.bot(os.Args[1:])
}

func (s script) join(args []string) int {
	if s.Alone && strings.HasSuffix(args[slices.Index(args, "--room")+1], "-control") {
		fmt.Fprintln(os.Stderr, "error: the room is closed")
		return 1
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	fmt.Println("no JSON at all")
	for _, l := range s.Join {
		fmt.Println(l)
	}
	if s.JoinCode != 0 && s.JoinError != "" {
		fmt.Fprintln(os.Stderr, strings.Repeat("a long log line\n", 1000)+"error: "+s.JoinError)
	}
	if s.JoinCode != 0 {
		return s.JoinCode
	}
	<-ended
	return 0
}

func (s script) bot(args []string) int {
	lines := s.Human
	if slices.Contains(args, "control") {
		lines = s.Control
	}
	for _, l := range lines {
		fmt.Println(l)
	}
	path := args[slices.Index(args, "--record")+1]
	samples := 4800
	if s.EmptyWAV {
		samples = 0
	}
	var wav bytes.Buffer
	if err := media.WriteWAV(&wav, 48000, make([]float32, samples)); err != nil {
		return 99
	}
	if s.BrokenWAV {
		wav.Truncate(10)
	}
	switch {
	case s.NoWAV:
	case s.LoopWAV:
		if err := os.Symlink(path, path); err != nil {
			return 99
		}
	default:
		if err := os.WriteFile(path, wav.Bytes(), 0o600); err != nil {
			return 99
		}
	}
	if s.HumanCode != 0 {
		fmt.Fprintln(os.Stderr, "error: "+s.HumanError)
	}
	return s.HumanCode
}

const at = `"at":"2026-01-01T00:00:0%d.500Z"`

func said(second int, rest string) string { return "{" + fmt.Sprintf(at, second) + "," + rest + "}" }

// good is a run in which everything happens; the answer states what is in the picture of the seed.
func good(t *testing.T, seed uint64) script {
	t.Helper()
	_, ask, err := smoke.Stimulus(seed, true)
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := json.Marshal(ask.Answer)
	return script{
		Resolve: `{"base":{"id":"tiny"}}`,
		Join:    []string{said(0, `"event":"ready"`), said(0, `"event":"joined","who":"persona-under-test"`)},
		Human: []string{
			said(1, `"event":"transcript","who":"persona-under-test","text":"before the question","final":true`),
			said(1, `"event":"voice","who":"persona-under-test"`),
			said(2, `"event":"spoke","who":"human"`),
			said(2, `"event":"transcript","who":"human","text":"what is there","final":true`),
			said(3, `"event":"voice","who":"somebody"`), said(4, `"event":"voice","who":"persona-under-test"`), said(5, `"event":"audible","who":"persona-under-test"`),
			said(5, `"event":"transcript","who":"persona-under-test","text":"not all","final":false`),
			said(6, `"event":"transcript","who":"persona-under-test","text":`+string(answer)+`,"final":true`),
			said(7, `"event":"transcript","who":"persona-under-test","text":"and more","final":false`),
			said(7, `"event":"transcript","who":"human","text":"what","final":false`), `{"text":"no event"}`,
		},
		Control: []string{said(1, `"event":"spoke"`), said(2, `"event":"transcript","who":"persona-under-test","text":"I see nothing.","final":true`)},
	}
}

// pretend runs the smoke against the stand-in and returns the record and the calls, by command.
func pretend(t *testing.T, s script, change func(*smoke.Config)) (smoke.Record, map[string][]call) {
	t.Helper()
	return pretendIn(t.Context(), t, s, change)
}

func pretendIn(ctx context.Context, t *testing.T, s script, change func(*smoke.Config)) (smoke.Record, map[string][]call) {
	t.Helper()
	dir := t.TempDir()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "script.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(asFake, dir)
	for name, value := range map[string]string{"LIVEKIT_API_KEY": "key-of-the-environment", "LIVEKIT_API_SECRET": "secret-of-the-environment", "LIVEKIT_TOKEN": "token-of-the-environment"} {
		t.Setenv(name, value)
	}
	cfg := smoke.Config{
		Binary: os.Args[0], URL: "ws://127.0.0.1:1", APIKey: "testkey", APISecret: secretOfTheServer, Profile: "embedded", Voice: "espeak", ModelsDir: "/models",
		Seed: 11, Codec: "vp9", Budgets: smoke.Budgets{FirstAudio: 30 * time.Second, Complete: time.Minute},
		Speech: func(_ context.Context, pcm []float32) (time.Duration, error) {
			return time.Duration(len(pcm)) * time.Second / 4800, nil // the stand-in records 4800 samples
		},
	}
	if change != nil {
		change(&cfg)
	}
	record := smoke.Sensory(ctx, cfg)
	calls := map[string][]call{}
	files, err := filepath.Glob(filepath.Join(dir, "call-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		var c call
		if data, err := os.ReadFile(f); err != nil || json.Unmarshal(data, &c) != nil {
			t.Fatal(err)
		}
		name := c.Args[0]
		if slices.Contains(c.Args, "control") {
			name = "control"
		}
		calls[name] = append(calls[name], c)
	}
	return record, calls
}

const secretOfTheServer = "a-secret-of-the-server-with-32-characters"
