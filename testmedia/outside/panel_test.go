package outside_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/testmedia/outside"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// item is a message of a session's history.
type item struct {
	Message struct {
		Role    string
		Content []struct{ Text string }
		Metrics map[string]any
	}
}

func (i item) text() string {
	if len(i.Message.Content) == 0 {
		return ""
	}
	return i.Message.Content[0].Text
}

// told is a message of a persona's session, as clients decode it.
type told struct {
	Response struct {
		RequestID       string `json:"requestId"`
		Error           string
		Pong            *struct{}
		GetChatHistory  struct{ Items []item }
		GetSessionState struct{ AgentState, UserState, AgentID, CreatedAt string }
		GetSessionUsage struct {
			Usage struct{ ModelUsage []map[string]map[string]any }
		}
	}
	Event map[string]any
}

// ask asks iris's session and returns the answer.
func ask(t *testing.T, client *outside.Client, what string) (answer told) {
	t.Helper()
	from := len(client.Reports())
	do(t, client, outside.Command{Do: "session", To: "iris", Text: what, Payload: "id-" + what})
	await(t, client, from, "an answer to "+what, func(r outside.Report) bool {
		var m told
		if r.Event != "session" || r.Who != "iris" {
			return false
		}
		if err := json.Unmarshal([]byte(r.Text), &m); err != nil {
			t.Fatalf("%v: %s", err, r.Text)
		}
		if m.Response.RequestID != "id-"+what {
			return false
		}
		answer = m
		return true
	})
	return answer
}

// call calls iris, and returns the answer.
func call(t *testing.T, client *outside.Client, method, payload string) (answer string) {
	t.Helper()
	from := len(client.Reports())
	do(t, client, outside.Command{Do: "call", To: "iris", Text: method, Payload: payload})
	await(t, client, from, "an answer to "+method, func(r outside.Report) bool {
		answer = r.Text
		return r.Event == "answer"
	})
	return answer
}

// spoken are the metrics of a spoken question and its answer.
var spoken = []string{"transcriptionDelay", "endOfTurnDelay", "llmNodeTtft", "llmNodeTtfs", "ttsNodeTtfb", "e2eLatency"}

// panel asks what debug panels ask, after a spoken question about a picture and a typed one, and
// calls the persona.
func panel(t *testing.T, client *outside.Client, picture *scene.Scene) {
	t.Helper()
	if ask(t, client, "ping").Response.Pong == nil {
		t.Error("no pong")
	}
	items := ask(t, client, "getChatHistory").Response.GetChatHistory.Items
	if len(items) != 4 {
		t.Fatalf("history: %+v", items)
	}
	for i, want := range []string{"USER", "ASSISTANT", "USER", "ASSISTANT"} {
		if items[i].Message.Role != want {
			t.Errorf("message %d is of %s", i, items[i].Message.Role)
		}
	}
	if !strings.Contains(strings.ToLower(items[0].text()), "what do you see") || len(picture.StatedFacts(items[1].text())) < 4 ||
		items[2].text() != described || !strings.Contains(strings.ToLower(items[3].text()), "four") {
		t.Errorf("history: %+v", items)
	}
	for _, name := range spoken {
		if !slices.ContainsFunc(items[:2], func(i item) bool { n, is := i.Message.Metrics[name].(float64); return is && n > 0 && n < 120 }) {
			t.Errorf("%s is not among %v, %v", name, items[0].Message.Metrics, items[1].Message.Metrics)
		}
	}
	if s := ask(t, client, "getSessionState").Response.GetSessionState; s.AgentState != "AS_LISTENING" || s.UserState != "US_LISTENING" || s.AgentID != "iris" || s.CreatedAt == "" {
		t.Errorf("state %+v", s)
	}
	used := map[string]bool{}
	for _, u := range ask(t, client, "getSessionUsage").Response.GetSessionUsage.Usage.ModelUsage {
		for kind, numbers := range u {
			for _, n := range numbers {
				if x, is := n.(float64); is && x > 0 {
					used[kind] = true
				}
			}
		}
	}
	if !used["llm"] || !used["tts"] || !used["stt"] {
		t.Errorf("used %v", used)
	}
	if e := ask(t, client, "getRtcStats").Response.Error; !strings.HasPrefix(e, "unsupported: ") {
		t.Errorf("what is not served: %q", e)
	}
	if s := call(t, client, "sensory.state", ""); !strings.Contains(s, `"identity":"iris"`) || !strings.Contains(s, `"state":"listening"`) {
		t.Errorf("a call is answered %q", s)
	}
	if s := call(t, client, "sensory.none", ""); !strings.HasPrefix(s, "error 1400: ") {
		t.Errorf("a call of nothing is answered %q", s)
	}
	if s := call(t, client, "sensory.mute", `{"on":true}`); !strings.HasPrefix(s, "error 1500: forbidden") {
		t.Errorf("a call without the right is answered %q", s)
	}
}
