package main

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// tap stands between a client and a program and keeps what the client sends.
type tap struct {
	l    net.Listener
	work sync.WaitGroup
	mu   sync.Mutex
	sent bytes.Buffer
}

// tapTo listens for a client of an address.
func tapTo(t *testing.T, address string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &tap{l: l}
	w.work.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", address)
			if err != nil {
				_ = from.Close()
				continue
			}
			w.work.Go(func() { _, _ = io.Copy(from, to); _ = from.Close() })
			w.work.Go(func() { _, _ = io.Copy(io.MultiWriter(to, w), from); _ = to.Close() })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.work.Wait()
	})
	return w
}

// Write keeps what was sent.
func (w *tap) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent.Write(p)
}

// take returns what was sent since the last time.
func (w *tap) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.sent.String()
	w.sent.Reset()
	return out
}

// TestASecondTurnSendsNoContext: this process gives another one a context by its key and has two
// turns run with it. The bytes on the wire are counted: the first turn sends the context once, the
// second one nothing of it.
func TestASecondTurnSendsNoContext(t *testing.T) {
	testmodels.Path(t, "smollm2-135m-instruct", "config.json")
	_, _, address := serveFile(t, `
personas: [{name: max, profile: text, voice: espeak, prompt: "You are Max. Answer in one short sentence.", answer: {tokens: 12}}]
rooms: [{name: attic, personas: [max]}]
`, "attic/max")
	wire := tapTo(t, address)
	c, err := client.New(wire.l.Addr().String(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const fact = "Eve: The lighthouse keeper's dog is called Bramble and sleeps by the stove."
	segments := []*sensoryv1.Segment{}
	own := []prompt.Segment{}
	for range 20 {
		segments = append(segments, &sensoryv1.Segment{Kind: "transcript", Role: "user", Text: fact})
		own = append(own, prompt.Segment{Kind: prompt.KindTranscript, Role: prompt.User, Text: fact})
	}
	key := string(keys.KeyOf(own))
	var sent []string
	for _, question := range []string{"What is the dog called?", "Where does it sleep?"} {
		ctx := t.Context()
		missing, err := c.Turns.MissingContextKeys(ctx, &sensoryv1.MissingContextKeysRequest{Keys: []string{key}})
		if err != nil {
			t.Fatal(err)
		}
		if len(missing.GetMissing()) > 0 {
			kept, err := c.Turns.CacheContext(ctx, &sensoryv1.CacheContextRequest{Contexts: []*sensoryv1.Context{{Key: key, Segments: segments}}})
			if err != nil || kept.GetBytes() != int32(20*len(fact)) || kept.GetKeys()[0] != key {
				t.Fatalf("%v, %v", kept, err)
			}
		}
		planned, err := c.Turns.PlanTurn(ctx, &sensoryv1.PlanTurnRequest{
			Room: "attic", Trigger: &sensoryv1.Trigger{From: "ada", Text: question}, Contexts: map[string]string{"max": key},
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := planned.GetPlan().GetReplies(); len(r) != 1 || r[0].GetPersona() != "max" || r[0].GetContextKey() != key {
			t.Fatalf("planned: %v", planned.GetPlan())
		}
		got, err := c.Turns.RunTurn(ctx, &sensoryv1.RunTurnRequest{Plan: planned.GetPlan(), Request: planned.GetRequest()})
		if err != nil {
			t.Fatal(err)
		}
		if got.GetFingerprint() != planned.GetPlan().GetFingerprint() || len(got.GetReplies()) != 1 || got.GetReplies()[0].GetText() == "" || got.GetReplies()[0].GetContextKey() != key {
			t.Errorf("%q: %v", question, got)
		}
		sent = append(sent, wire.take())
	}
	if n := strings.Count(sent[0], fact); n != 20 {
		t.Errorf("the first turn sends the context's lines %d times", n)
	}
	if strings.Contains(sent[1], "Bramble") || strings.Contains(sent[1], "CacheContext") || !strings.Contains(sent[1], "RunTurn") {
		t.Errorf("the second turn sends:\n%q", sent[1])
	}
	if context := 20 * len(fact); len(sent[0])-len(sent[1]) < context || len(sent[1]) > 4<<10 {
		t.Errorf("the turns send %d and %d bytes, with a context of %d", len(sent[0]), len(sent[1]), context)
	}
}
