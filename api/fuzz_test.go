package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// FuzzCalls: whatever is sent to a call is answered with a message or with a code, never with a
// fault, and what reaches the host is within its bounds.
func FuzzCalls(f *testing.F) {
	for call, body := range map[string]string{
		"RoomService/ListRooms": `{}`, "RoomService/GetRoomState": `{"room":"lobby"}`,
		"RoomService/PublishStimulus":    `{"room":"lobby","from":"ada","text":"x","to":["max"]}`,
		"PersonaService/SpawnPersona":    `{"room":"lobby","persona":{"name":"eve","aliases":["e"],"history":"off"}}`,
		"PersonaService/MutePersona":     `{"room":"lobby","persona":"iris","muted":true}`,
		"PersonaService/GetPersona":      `{"room":"lobby","persona":"iris"}`,
		"ChatService/SendChat":           `{"room":"lobby","from":"ada","text":"x","replyTo":"m_1","key":"k"}`,
		"ChatService/ListChat":           `{"room":"lobby","pageSize":2147483647}`,
		"TurnService/PlanTurn":           `{"room":"lobby","trigger":{"from":"ada","text":"x","hop":-1},"contexts":{"iris":"k"}}`,
		"TurnService/MissingContextKeys": `{"keys":["a"]}`,
		"TurnService/CacheContext":       `{"contexts":[{"key":"k","segments":[{"kind":"memory","role":"user","text":"x"}]}]}`,
		"TurnService/RunTurn":            `{"plan":{"replies":[{"startMs":1}]},"request":{"room":"lobby","trigger":{"from":"ada","text":"x"},"personas":[{}],"policy":{}}}`,
		"MachineService/ResolveModel":    `{"profile":"text"}`,
	} {
		f.Add(call, body)
	}
	f.Fuzz(func(t *testing.T, call, body string) {
		if strings.ContainsAny(call, "?#% \x00\x7f") || strings.ContainsFunc(call, func(r rune) bool { return r < ' ' }) {
			return // no path
		}
		d := seated()
		s := api.New(api.Config{Host: func() api.Host { return d }, Leases: func() (compute.Snapshot, bool) { return ledger(), true }, Resolve: resolve})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/", strings.NewReader(body))
		r.URL.Path = api.Prefix + call
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if n := s.Stats().Failed[api.ReasonPanic]; n > 0 {
			t.Errorf("%s %q: %s", call, body, w.Body)
		}
		if w.Code == http.StatusOK && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %q: %s", call, body, w.Body)
		}
		for _, told := range d.told {
			if len(told) > store.MaxMessage+64<<10 || strings.ContainsRune(told, 0) {
				t.Errorf("%s %q: the host is told %.200q", call, body, told)
			}
		}
	})
}
