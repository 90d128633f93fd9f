package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/worker"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

func TestReconcileCallsThatAreWrong(t *testing.T) {
	for _, name := range []string{"LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "LIVEKIT_TOKEN"} {
		t.Setenv(name, "")
	}
	server := []string{"--url", "ws://127.0.0.1:1", "--api-key", "k", "--api-secret", strings.Repeat("s", 32)}
	for want, args := range map[string][]string{
		"no server":                 {"--agent-name", "iris"},
		"0 agent names":             server,
		"is no agent's name":        append([]string{"--agent-name", reconcile.ClaimAgent}, server...),
		"a time or a rate is negat": append([]string{"--agent-name", "iris", "--lost", "-1s"}, server...),
		"unknown command":           append([]string{"extra", "--agent-name", "iris"}, server...),
	} {
		code, _, errs := runProgram(t, append([]string{"reconcile"}, args...)...)
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%v: code %d, %s", args, code, errs)
		}
	}
	code, _, errs := runProgram(t, append([]string{"reconcile", "--once", "--agent-name", "iris"}, server...)...)
	if code != exitFailed || !strings.Contains(errs, "ListRooms at http://127.0.0.1:1") {
		t.Errorf("a server that is not there: code %d, %s", code, errs)
	}
}

// scaled is a server with a dispatch that nobody took.
func scaled(t *testing.T) (s *livekit.Server, api reconcile.API, flags []string) {
	t.Helper()
	s, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	if api, err = reconcile.Dial(s.URL, s.APIKey, s.APISecret, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := api.Create(t.Context(), reconcile.Dispatch{Room: "lobby", Agent: "iris", Metadata: "for iris"}); err != nil {
		t.Fatal(err)
	}
	return s, api, []string{"--url", s.URL, "--api-key", s.APIKey, "--api-secret", s.APISecret, "--agent-name", "iris"}
}

// hired takes jobs for "iris" until the test ends.
func hired(t *testing.T, s *livekit.Server) <-chan worker.Job {
	t.Helper()
	jobs, up := make(chan worker.Job, 9), make(chan struct{}, 1)
	w, err := worker.New(worker.Config{
		URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Agents: []worker.Agent{{Name: "iris"}}, MaxJobs: 9,
		Report: func(e worker.Event) {
			if e.Kind == worker.Registered {
				up <- struct{}{}
			}
		},
		Handler: func(ctx context.Context, j worker.Job) error {
			jobs <- j
			<-ctx.Done()
			return context.Cause(ctx)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-up:
	case <-time.After(time.Minute):
		t.Fatal("not registered")
	}
	return jobs
}

func TestReconcileOnce(t *testing.T) {
	s, _, flags := scaled(t)
	code, out, errs := runProgram(t, append([]string{"reconcile", "--once", "--json"}, flags...)...)
	if code != exitFailed || !strings.Contains(errs, "1 dispatches wait") {
		t.Errorf("code %d, %s", code, errs)
	}
	var kinds []string
	for l := range strings.Lines(out) {
		var e reconcile.Event
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatalf("%v: %q", err, l)
		}
		kinds = append(kinds, string(e.Kind))
		if e.Kind == reconcile.Redispatched && (e.Room != "lobby" || e.Agent != "iris" || e.Reason != reconcile.ReasonDropped || e.Attempt != 1) {
			t.Errorf("%+v", e)
		}
	}
	if got := strings.Join(kinds, " "); !strings.Contains(got, "redispatched") {
		t.Errorf("%s", got)
	}
	jobs := hired(t, s)
	code, out, errs = runProgram(t, append([]string{"reconcile", "--once"}, flags...)...)
	if code != 0 || !strings.Contains(out, "lobby: iris (dropped)") {
		t.Errorf("code %d, %s, %s", code, out, errs)
	}
	select {
	case j := <-jobs:
		if j.Metadata != "for iris" {
			t.Errorf("%+v", j)
		}
	case <-time.After(time.Minute):
		t.Error("no job")
	}
}

// Three processes, of which one is killed; the dispatch gets one agent.
func TestReconcilersAsProcesses(t *testing.T) {
	s, _, flags := scaled(t)
	var all []*programRun
	for range 3 {
		all = append(all, startProgram(t, nil, append([]string{"reconcile", "--json"}, flags...)...))
	}
	all[0].event("looked")
	all[0].signal(syscall.SIGKILL)
	jobs := hired(t, s)
	select {
	case <-jobs:
	case <-time.After(time.Minute):
		t.Fatal("no job")
	}
	select {
	case j := <-jobs:
		t.Errorf("a second agent: %+v", j)
	case <-time.After(5 * time.Second):
	}
	for _, p := range all[1:] {
		p.drain()
		p.signal(syscallSIGTERM)
		if code := p.wait(); code != 0 {
			t.Errorf("code %d, %s", code, p.stderr.String())
		}
	}
}

// Every call of the program in the page about workers is one that it takes, and does something.
func TestReconcileCallsOfTheDocumentation(t *testing.T) {
	s, _, _ := scaled(t)
	t.Setenv("LIVEKIT_URL", s.URL)
	t.Setenv("LIVEKIT_API_KEY", s.APIKey)
	t.Setenv("LIVEKIT_API_SECRET", s.APISecret)
	page, err := os.ReadFile("../../docs/worker.md")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for l := range strings.Lines(string(page)) {
		call, ok := strings.CutPrefix(l, "    bin/sensory-agent ")
		if !ok {
			continue
		}
		calls++
		call, _, _ = strings.Cut(call, "#")
		call = strings.ReplaceAll(call, "127.0.0.1:8081", freePort(t))
		if strings.HasPrefix(call, "bench race") { // it takes a minute: that the flags are there is enough
			if code, out, errs := runProgram(t, append(strings.Fields(call), "--help")...); code != 0 || !strings.Contains(out, "bench race") {
				t.Errorf("%s: code %d, %s", call, code, errs)
			}
			continue
		}
		does := "looked"
		if strings.HasPrefix(call, "bench worker") {
			does = "registered"
		}
		var out, errs lockedBuffer
		code := runUntil(t, strings.Fields(call), does, &out, &errs)
		if code != 0 && (!strings.Contains(call, "--once") || code != exitFailed) || !strings.Contains(out.String(), does) {
			t.Errorf("%s: code %d, %s%s", call, code, out.String(), errs.String())
		}
	}
	if calls < 4 {
		t.Errorf("the page has %d calls", calls)
	}
}

// runUntil runs a command until it has printed a word, or ended by itself, and returns its code.
func runUntil(t *testing.T, args []string, word string, out, errs *lockedBuffer) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, args, out, errs) }()
	for {
		select {
		case code := <-ended:
			return code
		case <-time.After(20 * time.Millisecond):
			if strings.Contains(out.String(), word) && !slices.Contains(args, "--once") { // that ends by itself
				cancel()
			}
		}
	}
}
