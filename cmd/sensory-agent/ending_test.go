package main

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/ending"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// server starts a LiveKit server and skips where there is none, or where the models of a persona
// are missing.
func server(t *testing.T) (*livekit.Server, []string) {
	t.Helper()
	testmodels.Runtime(t)
	testmodels.Path(t, "whisper-base.en", "encoder_model_int8.onnx")
	testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	binary, err := filepath.Abs("../../bin/livekit-server")
	if err != nil {
		t.Fatal(err)
	}
	s, err := livekit.Start(t.Context(), livekit.Config{Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s, []string{"LIVEKIT_URL=" + s.URL, "LIVEKIT_API_KEY=" + s.APIKey, "LIVEKIT_API_SECRET=" + s.APISecret, "XDG_CONFIG_HOME=" + t.TempDir()}
}

// freePort is an address on loopback that nobody listened at a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// becomes waits until a persona's readiness is the one wanted.
func becomes(t *testing.T, p *programRun, address string, want error) {
	t.Helper()
	for {
		_, err := ops.Fetch(t.Context(), address, "", ops.ReadyPath)
		if want == nil && err == nil || want != nil && err != nil && strings.Contains(err.Error(), want.Error()) {
			return
		}
		select {
		case <-p.ended:
			t.Fatalf("ended before it was ready: %s", p.stderr.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// human joins and waits for the persona.
func human(t *testing.T, s *livekit.Server, room string) *participant.Participant {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	h, err := patient.Join(ctx, participant.Join, participant.Config{URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Room: room, Identity: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.WaitAgent(ctx); err != nil {
		t.Fatal(err)
	}
	return h
}

// waits reads events until one is of the kind asked for.
func waits[E participant.Event](t *testing.T, h *participant.Participant, is func(E) bool) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case e := <-h.Events():
			if e, ok := e.(E); ok && is(e) {
				return
			}
		case <-limit:
			t.Fatal("it did not come within a minute")
		}
	}
}

// TestAnOutputThatNobodyReadsStopsNothing: with a full pipe the persona answers, says that it is
// ready, and ends when it is told to.
func TestAnOutputThatNobodyReadsStopsNothing(t *testing.T) {
	s, env := server(t)
	address := freePort(t)
	p := startFull(t, env, "join", "--room", "full", "--profile", "embedded", "--json", "--listen", address)
	becomes(t, p, address, nil)
	h := human(t, s, "full")
	for range 2 {
		if err := h.Chat("What do you see?"); err != nil {
			t.Fatal(err)
		}
		waits(t, h, func(e participant.Transcript) bool { return e.Final && e.From == "persona" })
	}
	becomes(t, p, address, nil)
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 || !strings.Contains(p.stderr.String(), "standard output is not read") {
		t.Errorf("code %d: %s", code, p.lastLine())
	}
	waits(t, h, func(e participant.AgentLeft) bool { return e.Identity == "persona" })
}

// TestAReaderWhoGoesAwayEndsThePersonaInOrder: the room is left, what was said is stored, the code
// is 1 and a line says why.
func TestAReaderWhoGoesAwayEndsThePersonaInOrder(t *testing.T) {
	s, env := server(t)
	path := filepath.Join(t.TempDir(), "t.db")
	p := startProgram(t, env, "join", "--room", "gone", "--profile", "embedded", "--json", "--store", path)
	p.event("joined")
	h := human(t, s, "gone")
	if err := h.Chat("What do you see?"); err != nil {
		t.Fatal(err)
	}
	p.event("turn")
	for p.event("state").State != "listening" { // the last line of a turn: the next is about the next question
	}
	if err := p.out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Chat("What color is it?"); err != nil {
		t.Fatal(err)
	}
	waits(t, h, func(e participant.AgentLeft) bool { return e.Identity == "persona" })
	if code := p.wait(); code != exitFailed || !strings.HasPrefix(p.lastLine(), "error: output cannot be written any more") {
		t.Errorf("code %d: %s", code, p.lastLine())
	}
	kept(t, path, "What do you see?", "What color is it?")
}

// kept looks for what was said in a store.
func kept(t *testing.T, path string, texts ...string) {
	t.Helper()
	db, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	said := ""
	if err := db.List(t.Context(), store.Query{}, func(u store.Utterance) error { said += u.Text + "\n"; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !strings.Contains(said, text+"\n") {
			t.Errorf("%q is not in the store:\n%s", text, said)
		}
	}
}

// TestEverySignalEndsInOrder: the room is left, what was said is stored, the code is 0.
func TestEverySignalEndsInOrder(t *testing.T) {
	s, env := server(t)
	for name, signal := range map[string]syscall.Signal{"HUP": syscall.SIGHUP, "INT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.db")
			p := startProgram(t, env, "join", "--room", name, "--profile", "embedded", "--json", "--store", path)
			p.event("joined")
			h := human(t, s, name)
			if err := h.Chat("What do you see?"); err != nil {
				t.Fatal(err)
			}
			p.event("heard")
			p.drain()
			p.signal(signal)
			if code := p.wait(); code != 0 || p.stderr.String() != "" {
				t.Errorf("code %d: %s", code, p.stderr.String())
			}
			waits(t, h, func(e participant.AgentLeft) bool { return e.Identity == "persona" })
			kept(t, path, "What do you see?")
		})
	}
}

// TestReadinessIsLostWithTheServer: a persona whose server is gone is not ready, says so at once,
// and still ends when told to.
func TestReadinessIsLostWithTheServer(t *testing.T) {
	_, env := server(t) // looks for models and a server program
	binary, err := filepath.Abs("../../bin/livekit-server")
	if err != nil {
		t.Fatal(err)
	}
	s, err := livekit.Start(t.Context(), livekit.Config{Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	env = append(env, "LIVEKIT_URL="+s.URL, "LIVEKIT_API_KEY="+s.APIKey, "LIVEKIT_API_SECRET="+s.APISecret)
	p := startProgram(t, env, "join", "--room", "lost", "--profile", "embedded", "--json", "--listen", address)
	becomes(t, p, address, nil)
	if code, text, errs := runProgram(t, "status", "limits", "--address", address); code != 0 || !strings.Contains(text, "room lost\nquestions ") {
		t.Errorf("limits: %s%s", text, errs)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if l := p.event("reach"); l.Error == "" {
		t.Errorf("%+v", l)
	}
	becomes(t, p, address, stateError("waiting"))
	p.drain()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("code %d: %s", code, p.stderr.String())
	}
}

// TestASignalWhileModelsLoad: nothing has begun yet, so the end is as orderly as any.
func TestASignalWhileModelsLoad(t *testing.T) {
	_, env := server(t)
	address := freePort(t)
	p := startProgram(t, env, "join", "--room", "load", "--profile", "embedded", "--json", "--listen", address)
	becomes(t, p, address, stateError("loading"))
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 || p.stderr.String() != "" {
		t.Errorf("code %d: %s", code, p.stderr.String())
	}
}

// stateError is part of the text of a readiness.
type stateError string

func (e stateError) Error() string { return `"state":"` + string(e) + `"` }

// TestAnUnfinishedCommandEndsWithTheSignalsCode: what was to be done is not done, and a script can
// tell.
func TestAnUnfinishedCommandEndsWithTheSignalsCode(t *testing.T) {
	_, env := server(t)
	for signal, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		p := startProgram(t, env, "bot", "--room", "alone", "--scene", "7", "--settle", "1h", "--json")
		p.event("shows")
		p.drain()
		p.signal(signal)
		if code := p.wait(); code != want || p.lastLine() != "error: ended by "+ending.Name(signal) {
			t.Errorf("%s: code %d, %s", signal, code, p.lastLine())
		}
	}
}
