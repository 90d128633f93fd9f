package token_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/token"
)

const key, secret = "devkey", "hunter2-hunter2-hunter2-hunter2-hunter2"

func serving() token.Config {
	return token.Config{
		URL: "https://livekit.example/base", Key: key, Secret: secret,
		Served: func() []string { return []string{"lobby"} },
		Agents: func() []string { return []string{"greeter", "roundtable"} },
		Taken:  func(room, identity string) bool { return room == "lobby" && identity == "iris" },
	}
}

func handler(t testing.TB, cfg token.Config) *token.Handler {
	t.Helper()
	h, err := token.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// answer is what a page gets.
type answer struct {
	URL    string       `json:"server_url"`
	Token  string       `json:"participant_token"`
	Error  string       `json:"error"`
	Reason token.Reason `json:"reason"`
	Field  string       `json:"field"`
}

func post(t testing.TB, h http.Handler, body string) (int, answer) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token", strings.NewReader(body)))
	if strings.Contains(w.Body.String(), secret) || strings.Contains(w.Body.String(), "hunter2") {
		t.Fatalf("the secret is told: %s", w.Body)
	}
	var out answer
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	if h := w.Header(); h.Get("Cache-Control") != "no-store" || h.Get("Content-Type") != "application/json" {
		t.Fatalf("headers %v", h)
	}
	return w.Code, out
}

// claims are what a token grants; its signature is checked.
func claims(t testing.TB, jwt string) (*auth.ClaimGrants, time.Duration) {
	t.Helper()
	v, err := auth.ParseAPIToken(jwt)
	if err != nil {
		t.Fatal(err)
	}
	c, grants, err := v.Verify(secret)
	if err != nil || v.APIKey() != key {
		t.Fatalf("key %q, %v", v.APIKey(), err)
	}
	return grants, c.ExpiresAt.Sub(c.NotBefore.Time)
}

// TestATokenIsForAHumanInOneRoom: what was asked for, and no right beyond.
func TestATokenIsForAHumanInOneRoom(t *testing.T) {
	code, got := post(t, handler(t, serving()), `{"room_name": "lobby", "participant_name": "Ada", "participant_identity": "ada",
		"participant_metadata": "{\n}", "participant_attributes": {"plan": "gold"}, "room_config": {"agents": [{"agent_name": "greeter", "metadata": "hi"}]}}`)
	if code != http.StatusCreated || got.URL != "wss://livekit.example/base" {
		t.Fatalf("%d: %+v", code, got)
	}
	grants, life := claims(t, got.Token)
	yes, no := true, false
	want := &auth.VideoGrant{
		RoomJoin: true, Room: "lobby", CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &yes, CanUpdateOwnMetadata: &no,
		CanPublishSources: []string{"microphone", "camera", "screen_share", "screen_share_audio"},
	}
	if diff := cmp.Diff(want, grants.Video); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
	if grants.Identity != "ada" || grants.Name != "Ada" || grants.Metadata != "{\n}" || !cmp.Equal(grants.Attributes, map[string]string{"plan": "gold", "sensory_agent.guest": "true"}) {
		t.Errorf("%+v", grants)
	}
	if grants.Kind != "" && grants.Kind != livekit.ParticipantInfo_STANDARD.String() || grants.SIP != nil || grants.Agent != nil || grants.Inference != nil {
		t.Errorf("kind %q, %+v", grants.Kind, grants)
	}
	if life != token.DefaultTTL {
		t.Errorf("it lives for %s", life)
	}
	agents := (*livekit.RoomConfiguration)(grants.RoomConfig).GetAgents()
	if len(agents) != 1 || agents[0].GetAgentName() != "greeter" || agents[0].GetMetadata() != "hi" {
		t.Errorf("agents %v", agents)
	}
}

// TestWhoNamesNothing gets the only room, or one of their own with an agent; nobody's name is
// taken.
func TestWhoNamesNothing(t *testing.T) {
	cfg := serving()
	cfg.TTL = 2 * time.Minute
	h := handler(t, cfg)
	seen := map[string]bool{}
	for range 2 {
		_, got := post(t, h, `{"someday": {"a": [1]}}`)
		grants, life := claims(t, got.Token)
		if grants.Video.Room != "lobby" || !strings.HasPrefix(grants.Identity, "guest-") || grants.RoomConfig != nil || life != cfg.TTL {
			t.Errorf("%+v, %s", grants, life)
		}
		seen[grants.Identity] = true
		_, got = post(t, h, `{"roomConfig": {"agents": [{"agentName": "roundtable"}]}}`)
		grants, _ = claims(t, got.Token)
		if !strings.HasPrefix(grants.Video.Room, "room-") {
			t.Errorf("room %q", grants.Video.Room)
		}
		seen[grants.Video.Room] = true
	}
	if len(seen) != 4 {
		t.Errorf("names are given twice: %v", seen)
	}
	cfg.Any = true
	if _, got := post(t, handler(t, cfg), `{"room_name": "attic"}`); got.Token == "" {
		t.Errorf("any room: %+v", got)
	}
	for n, rooms := range map[string][]string{"0": nil, "2": {"a", "b"}} {
		cfg.Served = func() []string { return rooms }
		code, got := post(t, handler(t, cfg), `{}`)
		if code != http.StatusBadRequest || got.Reason != token.ReasonNoRoom || !strings.Contains(got.Error, n+" rooms") {
			t.Errorf("%s rooms: %d %+v", n, code, got)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	h := handler(t, serving())
	many := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	attributes := func(n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(`"a%d": ""`, i))
		}
		return strings.Join(out, ",")
	}
	x := func(n int) string { return strings.Repeat("x", n) }
	want := map[token.Reason]uint64{}
	for _, c := range []struct {
		body   string
		code   int
		why    token.Reason
		field  string
		accept string // what is just allowed
	}{
		{`{"room_name": "attic"}`, 403, token.ReasonRoom, "room_name", `{"room_name": "lobby"}`},
		{`{"room_name": "attic", "room_config": {"agents": [{"agent_name": "greeter"}]}}`, 403, token.ReasonRoom, "room_name", ""},
		{`{"room_name": "lob\u0000by"}`, 400, token.ReasonBadText, "room_name", ""},
		{`{"participant_identity": "iris"}`, 403, token.ReasonTaken, "participant_identity", `{"participant_identity": "iris2"}`},
		{`{"participant_identity": " a"}`, 400, token.ReasonBadText, "participant_identity", `{"participant_identity": "a b"}`},
		{`{"participant_identity": "` + x(129) + `"}`, 400, token.ReasonTooLong, "participant_identity", `{"participant_identity": "` + x(128) + `"}`},
		{`{"participant_name": "a\nb"}`, 400, token.ReasonBadText, "participant_name", `{"participant_name": "Ada Ö"}`},
		{`{"participant_name": "` + x(129) + `"}`, 400, token.ReasonTooLong, "participant_name", `{"participant_name": "` + x(128) + `"}`},
		{`{"participant_metadata": "` + x(4097) + `"}`, 400, token.ReasonTooLong, "participant_metadata", `{"participant_metadata": "` + x(4096) + `"}`},
		{`{"participant_metadata": "a\u0000"}`, 400, token.ReasonBadText, "participant_metadata", ""},
		{`{"participant_attributes": {` + attributes(33) + `}}`, 400, token.ReasonTooMany, "participant_attributes", `{"participant_attributes": {` + attributes(32) + `}}`},
		{`{"participant_attributes": {"a": "` + x(8192) + `"}}`, 400, token.ReasonTooLong, "participant_attributes", `{"participant_attributes": {"a": "` + x(8191) + `"}}`},
		{`{"participant_attributes": {"LK.agent.state": "idle"}}`, 400, token.ReasonReserved, "participant_attributes", `{"participant_attributes": {"lks": "idle"}}`},
		{`{"participant_attributes": {"Sensory_agent.vouched": "true"}}`, 400, token.ReasonReserved, "participant_attributes", `{"participant_attributes": {"sensory": "true"}}`},
		{`{"participant_attributes": {"sensory_agent.guest": ""}}`, 400, token.ReasonReserved, "participant_attributes", ""},
		{`{"participant_attributes": {"": "a"}}`, 400, token.ReasonBadText, "participant_attributes", ""},
		{`{"participant_attributes": {"a\tb": "a"}}`, 400, token.ReasonBadText, "participant_attributes", ""},
		{`{"room_config": {"agents": [{"agent_name": "theirs"}]}}`, 403, token.ReasonAgent, "room_config.agents", ""},
		{`{"room_config": {"agents": [{}]}}`, 403, token.ReasonAgent, "room_config.agents", ""},
		{`{"room_config": {"agents": [` + many(9, `{"agent_name": "greeter"}`) + `]}}`, 400, token.ReasonTooMany, "room_config.agents", `{"room_config": {"agents": [` + many(8, `{"agent_name": "greeter"}`) + `]}}`},
		{`{"room_config": {"agents": [{"agent_name": "greeter", "deployment": "b"}]}}`, 403, token.ReasonConfig, "room_config.agents", ""},
		{`{"room_config": {"agents": [{"agent_name": "greeter", "restart_policy": "JRP_NEVER"}]}}`, 403, token.ReasonConfig, "room_config.agents", ""},
		{`{"room_config": {"agents": [{"agent_name": "greeter", "metadata": "` + x(4097) + `"}]}}`, 400, token.ReasonTooLong, "room_config.agents.metadata", ""},
		{`{"room_config": {"agents": [{"agent_name": "greeter", "attributes": {"lk.x": ""}}]}}`, 400, token.ReasonReserved, "room_config.agents.attributes", ""},
		{`{"room_config": {"egress": {}}}`, 403, token.ReasonConfig, "room_config.egress", `{"room_config": {}}`},
		{`{"room_config": {"name": "x"}}`, 403, token.ReasonConfig, "room_config.name", ""},
		{`{"room_config": {"metadata": "x"}}`, 403, token.ReasonConfig, "room_config.metadata", ""},
		{`{"room_config": {"empty_timeout": 1}}`, 403, token.ReasonConfig, "room_config.empty_timeout", ""},
		{`{"room_config": {"departure_timeout": 1}}`, 403, token.ReasonConfig, "room_config.departure_timeout", ""},
		{`{"room_config": {"max_participants": 1}}`, 403, token.ReasonConfig, "room_config.max_participants", ""},
		{`{"room_config": {"min_playout_delay": 1}}`, 403, token.ReasonConfig, "room_config.min_playout_delay", ""},
		{`{"room_config": {"max_playout_delay": 1}}`, 403, token.ReasonConfig, "room_config.max_playout_delay", ""},
		{`{"room_config": {"sync_streams": true}}`, 403, token.ReasonConfig, "room_config.sync_streams", ""},
		{`{"room_config": {"tags": {"a": "b"}}}`, 403, token.ReasonConfig, "room_config.tags", ""},
		{`{"room_name": 7}`, 400, token.ReasonBody, "", ""},
		{`{"room_name": "` + x(64<<10) + `"}`, 413, token.ReasonBodyBig, "", ""},
		{``, 400, token.ReasonBody, "", ""},
		{`[]`, 400, token.ReasonBody, "", ""},
	} {
		code, got := post(t, h, c.body)
		if code != c.code || got.Reason != c.why || got.Field != c.field || got.Token != "" {
			t.Errorf("%.90s: %d %+v", c.body, code, got)
		}
		if strings.Contains(got.Error, "xxx") || strings.Contains(got.Error, "theirs") || strings.Contains(got.Error, "attic") {
			t.Errorf("%.90s is repeated: %s", c.body, got.Error)
		}
		want[c.why]++
		if c.accept == "" {
			continue
		}
		if code, got := post(t, handler(t, serving()), c.accept); code != http.StatusCreated {
			t.Errorf("%.90s: %d %+v", c.accept, code, got)
		}
	}
	if diff := cmp.Diff(token.Stats{Refused: want}, h.Stats()); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}
