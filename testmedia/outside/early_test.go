package outside_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/outside"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// ready waits until all personas are in their rooms.
func (p *place) ready(t *testing.T) {
	t.Helper()
	for ends := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get("http://" + p.listen + "/readyz")
		if err == nil {
			err = resp.Body.Close()
		}
		if err == nil && resp.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(ends) {
			t.Fatalf("personas are not ready: %v", err)
		}
	}
}

// early: a page gets its token from the program and records what is said while it connects, as
// LiveKit's starter apps do: into a room, or one into which an agent is dispatched with it. All of
// it is understood, and what is said is over before the room is entered. The page's hook never says
// that the agent failed.
func early(t *testing.T, server *place, room, agent string) {
	question, err := speech.Say(t.Context(), speech.Default, "what is the capital of France?")
	if err != nil {
		t.Fatal(err)
	}
	server.ready(t) // pages wait 10 s for an agent before they throw away what was said
	sound := slices.Concat(make([]float32, speech.SampleRate/2), question, make([]float32, speech.SampleRate))
	page := visit(t, server.Server, room, outside.Config{
		Kind: outside.Browser, Codec: "vp8", Sound: sound, Port: server.port,
		Tokens: "http://" + server.listen + "/token", Room: room, Agent: agent, Pause: 3 * time.Second,
	})
	await(t, page, 0, "what was said before is understood", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "ada" && r.Final && strings.Contains(strings.ToLower(r.Text), "the capital of france")
	})
	at := await(t, page, 0, "iris thinks", func(r outside.Report) bool {
		return slices.ContainsFunc(r.Agents, func(a outside.Agent) bool { return a.Who == "iris" && a.State == "thinking" })
	})
	await(t, page, at, "the answer is heard", func(r outside.Report) bool { return r.Event == "sound" && r.Who == "iris" && r.On })
	await(t, page, 0, "the hook of starter apps has an agent", func(r outside.Report) bool {
		return r.Event == "agent" && r.State == "listening" && r.Who != ""
	})
	for _, state := range []string{"speaking", "listening"} {
		at = await(t, page, at, "iris is shown as "+state, func(r outside.Report) bool {
			return slices.ContainsFunc(r.Agents, func(a outside.Agent) bool { return a.Who == "iris" && a.State == state })
		})
	}
	for _, r := range page.Reports() {
		if r.Event == "agent" && r.State == "failed" {
			t.Errorf("the hook says %q", r.Text)
		}
	}
	if s := ask(t, page, "getChatHistory").Response.GetChatHistory.Items; len(s) != 2 || !strings.Contains(strings.ToLower(s[0].text()), "the capital of france") {
		t.Errorf("history: %+v", s)
	}
}
