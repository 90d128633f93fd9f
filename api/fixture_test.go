package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/store"
)

// desk is a host that writes down what it is told.
type desk struct {
	seats  []agent.SeatStatus
	closed bool
	here   map[string]room.Presence
	ask    func(ctx context.Context, room, who, text string, to ...string) error
	fails  error           // of what changes or shows a persona
	made   persona.Persona // who was seated last
	log    *agent.Events
	sight  room.Sighted
	levels [][]room.Level
	db     *store.DB    // nil where nothing is kept
	guard  func() error // has the last word before memories are changed

	// What is planned, and what comes of it; what was run.
	request turn.Request
	plan    turn.Plan
	result  turn.Result
	ran     struct {
		plan    turn.Plan
		request turn.Request
	}

	// runs is closed when a turn begins that goes on until its caller goes, and left says why it
	// ended; nil for turns that end at once.
	runs chan struct{}
	left chan error

	mu   sync.Mutex
	told []string
}

func (d *desk) Spawn(_ context.Context, in string, p persona.Persona) error {
	d.note("spawn", in, fmt.Sprintf("%+v", p))
	d.made = p
	return d.fails
}

func (d *desk) Persona(_, _ string) (persona.Persona, agent.SeatBy, error) {
	return d.made, agent.ByRequest, d.fails
}

func (d *desk) Remove(_ context.Context, in, name string) error {
	d.note("remove", in, name)
	return d.fails
}

func (d *desk) Mute(_ context.Context, in, name string, on bool) error {
	d.note("mute", in, name, fmt.Sprint(on))
	return d.fails
}

func (d *desk) SpeakNext(_ context.Context, in, name string) error {
	d.note("next", in, name)
	return d.fails
}

func (d *desk) StopSpeaking(_ context.Context, in, name string) (int, error) {
	d.note("stop", in, name)
	return 2, d.fails
}

func (d *desk) Levels(ctx context.Context, in string, tell func([]room.Level) bool) error {
	d.note("levels", in)
	for _, l := range d.levels {
		if !tell(l) {
			return nil
		}
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

func (d *desk) Sight(_ context.Context, in, name string, number uint64, track string) (room.Sighted, error) {
	d.note("sight", in, name, fmt.Sprint(number), track)
	return d.sight, d.fails
}

func (d *desk) SendChat(ctx context.Context, m agent.ChatSend) (store.Message, error) {
	if d.db == nil || d.fails != nil {
		return store.Message{}, cmp.Or(d.fails, room.ErrNoStore)
	}
	kept, _, err := d.db.AddMessage(ctx, store.Message{
		RoomName: m.Room, Participant: m.From, Role: store.Human, Text: m.Text, To: m.To, ReplyTo: m.ReplyTo, Key: m.Key, At: time.Now(),
	}, nil)
	return kept, err
}

func (d *desk) ListChat(ctx context.Context, q store.ChatQuery) ([]store.Message, error) {
	return d.db.ListChat(ctx, q)
}

func (d *desk) PlanTurn(_ context.Context, in agent.TurnRequest) (turn.Request, turn.Plan, error) {
	d.note("plan", fmt.Sprintf("%+v", in))
	return d.request, d.plan, d.fails
}

func (d *desk) RunTurn(ctx context.Context, in string, p turn.Plan, request turn.Request) (turn.Result, error) {
	d.note("run", in)
	if d.runs != nil {
		close(d.runs)
		<-ctx.Done()
		d.left <- context.Cause(ctx)
		return turn.Result{}, context.Cause(ctx)
	}
	d.ran.plan, d.ran.request = p, request
	return d.result, d.fails
}

func (d *desk) MissingContexts(of []string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(key string) bool { return key == "kept" })
}

func (d *desk) CacheContext(g turn.Given) (string, error) {
	d.note("context", fmt.Sprintf("%+v", g))
	return "key of " + g.Segments[0].Text, d.fails
}

func (d *desk) Store() *store.DB { return d.db }

func (d *desk) Leased(ctx context.Context, _ string, _ time.Duration, write func(context.Context, func() error) error) error {
	return write(ctx, d.guard)
}

func (d *desk) Events() *agent.Events { return d.log }

// keeping is a desk with a store.
func keeping(t *testing.T) *desk {
	t.Helper()
	d := seated()
	var err error
	if d.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "t.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *desk) Closed() bool { return d.closed }

func (d *desk) Seats() []agent.SeatStatus { return append([]agent.SeatStatus(nil), d.seats...) }

func (d *desk) Presence(_ context.Context, name string) (room.Presence, error) {
	p, ok := d.here[name]
	if !ok {
		return p, room.ErrClosed
	}
	return p, nil
}

func (d *desk) Ask(ctx context.Context, in, who, text string, to ...string) error {
	if d.ask != nil {
		return d.ask(ctx, in, who, text, to...)
	}
	d.note(in, who, text, strings.Join(to, ","))
	return nil
}

func (d *desk) note(parts ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = append(d.told, strings.Join(parts, "|"))
}

// seated is a desk with two rooms.
func seated() *desk {
	return &desk{
		log: agent.NewEvents(agent.EventConfig{}),
		seats: []agent.SeatStatus{
			{Room: "lobby", Persona: "iris", Identity: "iris", State: agent.SeatIn, Ready: true},
			{Room: "attic", Persona: "otto", Identity: "otto-7", State: agent.SeatFailed, Err: errors.New("no such voice")},
			{Room: "lobby", Persona: "max", Identity: "max-1", State: agent.SeatIn, Muted: true},
		},
		here: map[string]room.Presence{"lobby": {
			Participants: []room.Present{{Identity: "ada", Name: "Ada", Audio: true, Video: []string{"camera"}, Segments: 3, State: "speaking"}},
			Seats: []room.Sitting{
				{Identity: "iris", State: "thinking", Ready: true, Audio: true, Segments: 2},
				{Identity: "max-1", State: "listening", Muted: true, Silent: "muted", Turn: 4},
			},
		}},
	}
}

// served is a server over a host, behind HTTP.
type served struct {
	api *api.Server
	url string
	log *bytes.Buffer // complete after the server has ended
}

func serve(t *testing.T, host api.Host) *served {
	t.Helper()
	s := &served{log: &bytes.Buffer{}}
	s.api = api.New(api.Config{
		Host:    func() api.Host { return host },
		Leases:  func() (compute.Snapshot, bool) { return ledger(), host != nil },
		Pool:    func() (ort.PoolStatus, bool) { return loaded(), host != nil },
		Models:  catalog,
		Replay:  func(room string) string { return "sensory-agent replay " + room + ".txt" },
		Resolve: resolve, Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	})
	server := httptest.NewServer(s.api)
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		server.Close()
	})
	s.url = server.URL
	return s
}

// post sends JSON as curl does.
func (s *served) post(t *testing.T, call, body string) (int, string) {
	t.Helper()
	return s.send(t, call, "application/json", strings.NewReader(body))
}

func (s *served) send(t *testing.T, call, kind string, body io.Reader) (int, string) {
	t.Helper()
	resp, err := http.Post(s.url+api.Prefix+call, kind, body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, compacted(t, text)
}

// compacted is JSON without spaces, which protojson varies from build to build; other text is as it
// is.
func compacted(t *testing.T, text []byte) string {
	t.Helper()
	var same bytes.Buffer
	if json.Compact(&same, text) != nil {
		return string(text)
	}
	return same.String()
}

// problem is an error as it is sent.
type problem struct {
	Code, Message string
	Details       []struct {
		Type  string
		Debug struct{ Reason, Field string }
	}
}

// refused checks the error of a call.
func (s *served) refused(t *testing.T, call, body string, code connect.Code, why api.Reason, field string) {
	t.Helper()
	status, text := s.post(t, call, body)
	var p problem
	if err := json.Unmarshal([]byte(text), &p); err != nil || status == http.StatusOK {
		t.Errorf("%s: %d %s: %v", call, status, text, err)
		return
	}
	if p.Code != code.String() || len(p.Details) != 1 || p.Details[0].Type != "sensory.v1.ErrorInfo" ||
		p.Details[0].Debug.Reason != string(why) || p.Details[0].Debug.Field != field || p.Message == "" {
		t.Errorf("%s %.80s: %s; want %s, %s of %q", call, body, text, code, why, field)
	}
}
