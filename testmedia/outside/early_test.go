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

// early: a page gets its token from the program and records what is said while it connects. All of it
// is understood, and what is said is over before the room is entered. The page asks the persona's
// session, and calls it.
func early(t *testing.T, server *place) {
	question, err := speech.Say(t.Context(), speech.Default, "what is the capital of France?")
	if err != nil {
		t.Fatal(err)
	}
	server.ready(t) // pages wait 10 s for an agent before they throw away what was said
	sound := slices.Concat(make([]float32, speech.SampleRate/2), question, make([]float32, speech.SampleRate))
	page := visit(t, server.Server, "page-early", outside.Config{
		Kind: outside.Browser, Codec: "vp8", Sound: sound, Port: server.port,
		Tokens: "http://" + server.listen + "/token", Room: "page-early", Pause: 3 * time.Second,
	})
	await(t, page, 0, "what was said before is understood", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "ada" && r.Final && strings.Contains(strings.ToLower(r.Text), "the capital of france")
	})
	at := await(t, page, 0, "the answer is heard", func(r outside.Report) bool { return r.Event == "sound" && r.Who == "iris" && r.On })
	at = await(t, page, at, "the agent listens again", assistant("listening"))
	do(t, page, outside.Command{Do: "session", To: "iris", Text: "getChatHistory", Payload: "h1"})
	await(t, page, at, "the history is told", func(r outside.Report) bool {
		return r.Event == "session" && r.Who == "iris" && strings.Contains(r.Text, `"requestId":"h1"`) && strings.Contains(r.Text, `"endOfTurnDelay":`) &&
			strings.Contains(r.Text, `"e2eLatency":`) && strings.Contains(r.Text, `"role":"ASSISTANT"`)
	})
	do(t, page, outside.Command{Do: "session", To: "iris", Text: "getRtcStats", Payload: "s1"})
	await(t, page, at, "what is not served is said", func(r outside.Report) bool {
		return r.Event == "session" && strings.Contains(r.Text, `"requestId":"s1"`) && strings.Contains(r.Text, `"error":"unsupported: `)
	})
	do(t, page, outside.Command{Do: "call", To: "iris", Text: "sensory.state"})
	await(t, page, at, "a call is answered", func(r outside.Report) bool {
		return r.Event == "answer" && strings.Contains(r.Text, `"identity":"iris"`)
	})
	do(t, page, outside.Command{Do: "call", To: "iris", Text: "sensory.none"})
	await(t, page, at, "a call of nothing is refused", func(r outside.Report) bool {
		return r.Event == "answer" && strings.HasPrefix(r.Text, "error 1400: ")
	})
}
