package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// caller is a client of a server.
func (s *served) caller(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(strings.TrimPrefix(s.url, "http://"), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// stream is a watcher under test.
type stream struct {
	*connect.ServerStreamForClient[sensoryv1.WatchEventsResponse]
	stop context.CancelFunc
}

// watches begins to watch and takes the answer that comes first of all.
func watches(t *testing.T, c *client.Client, req *sensoryv1.WatchEventsRequest) (*stream, *sensoryv1.WatchEventsResponse) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	out, err := c.Events.WatchEvents(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{out, stop}
	if !s.Receive() {
		t.Fatalf("no first answer: %v", s.Err())
	}
	return s, s.Msg()
}

// takes reads so many events.
func (s *stream) takes(t *testing.T, n int) (out []*sensoryv1.Event) {
	t.Helper()
	for len(out) < n {
		if !s.Receive() {
			t.Fatalf("%d of %d events: %v", len(out), n, s.Err())
		}
		out = append(out, s.Msg().GetEvents()...)
	}
	return out
}

// ends checks how a stream ends.
func ends(t *testing.T, s *stream, code connect.Code, why api.Reason) *client.Error {
	t.Helper()
	for s.Receive() {
		continue
	}
	var told *client.Error
	if !errors.As(s.Err(), &told) || told.Code != code || told.Reason != string(why) {
		t.Fatalf("%+v; want %s, %s", s.Err(), code, why)
	}
	return told
}

// TestWatching: what was, then what happens, of a room and of kinds; where one left off one goes
// on.
func TestWatching(t *testing.T) {
	d := seated()
	c := serve(t, d).caller(t)
	d.log.Add(&agent.Event{At: time.UnixMilli(1500), Kind: agent.KindSaid, Room: "lobby", Persona: "iris", What: room.Said{Turn: 3, Text: "Green."}})
	d.log.Add(&agent.Event{Kind: agent.KindState, Room: "attic", Persona: "otto-7", What: room.StateChanged{State: "thinking"}})
	s, first := watches(t, c, &sensoryv1.WatchEventsRequest{Recent: 1})
	if len(first.GetEvents()) != 0 || first.GetSequence() != 1 || first.GetNewest() != 2 || first.GetLog() != d.log.ID() {
		t.Errorf("the first answer: %v", first)
	}
	got := s.takes(t, 1)[0]
	if got.GetSequence() != 2 || got.GetKind() != "state" || got.GetRoom() != "attic" || got.GetPersona() != "otto-7" || got.GetState() != "thinking" {
		t.Errorf("%v", got)
	}
	d.log.Add(&agent.Event{Kind: agent.KindSeat, Room: "lobby", Persona: "max-1", What: agent.SeatStatus{State: agent.SeatWaiting, By: agent.ByFile, Err: errors.New("no server")}})
	got = s.takes(t, 1)[0]
	if got.GetSequence() != 3 || got.GetState() != "waiting" || got.GetText() != "file" || got.GetError() != "no server" {
		t.Errorf("%v", got)
	}
	s.stop()
	from := uint64(0)
	s, _ = watches(t, c, &sensoryv1.WatchEventsRequest{After: &from, Room: "lobby", Kinds: []string{"said", "state"}, Log: d.log.ID()})
	got = s.takes(t, 1)[0]
	if got.GetSequence() != 1 || got.GetText() != "Green." || got.GetTurn() != 3 || got.GetAt().AsTime() != time.UnixMilli(1500).UTC() {
		t.Errorf("%v", got)
	}
	if s.Msg().GetSequence() != 3 {
		t.Errorf("told up to %d", s.Msg().GetSequence())
	}
	d.log.Close()
	ends(t, s, connect.CodeUnavailable, api.ReasonClosing)
}

// TestWatchingIsRefused: for numbers that are not there, for what is no kind, and for one too many;
// each by type, and with what a client needs to go on.
func TestWatchingIsRefused(t *testing.T) {
	d := seated()
	d.log = agent.NewEvents(agent.EventConfig{Most: 4, Watchers: 1})
	srv := serve(t, d)
	c := srv.caller(t)
	for range 416 {
		d.log.Add(&agent.Event{Kind: agent.KindStep, Room: "lobby"})
	}
	refused := func(req *sensoryv1.WatchEventsRequest, code connect.Code, why api.Reason, field string) *client.Error {
		t.Helper()
		out, err := c.Events.WatchEvents(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		told := ends(t, &stream{out, nil}, code, why)
		if told.Field != field {
			t.Errorf("%+v: field %q", told, told.Field)
		}
		return told
	}
	past, future, now := uint64(7), uint64(1<<63), uint64(416)
	told := refused(&sensoryv1.WatchEventsRequest{After: &past}, connect.CodeOutOfRange, api.ReasonGone, "after")
	if told.Oldest != 413 || told.Newest != 416 || !strings.Contains(told.Message, "events 8–412 are gone; the oldest is 413") {
		t.Errorf("%+v", told)
	}
	told = refused(&sensoryv1.WatchEventsRequest{After: &future}, connect.CodeOutOfRange, api.ReasonAhead, "after")
	if told.Newest != 416 || !strings.Contains(told.Message, "the newest is 416") {
		t.Errorf("%+v", told)
	}
	refused(&sensoryv1.WatchEventsRequest{After: &now, Log: "yesterday"}, connect.CodeOutOfRange, api.ReasonOtherLog, "log")
	refused(&sensoryv1.WatchEventsRequest{Kinds: []string{"gossip"}}, connect.CodeInvalidArgument, api.ReasonBadValue, "kinds")
	refused(&sensoryv1.WatchEventsRequest{Kinds: make([]string, 65)}, connect.CodeInvalidArgument, api.ReasonTooMany, "kinds")
	refused(&sensoryv1.WatchEventsRequest{Recent: -1}, connect.CodeInvalidArgument, api.ReasonBadValue, "recent")
	refused(&sensoryv1.WatchEventsRequest{Room: "a\nb"}, connect.CodeInvalidArgument, api.ReasonBadText, "room")
	s, _ := watches(t, c, &sensoryv1.WatchEventsRequest{})
	refused(&sensoryv1.WatchEventsRequest{}, connect.CodeResourceExhausted, api.ReasonWatchers, "")
	if got := srv.api.Stats(); got.Streams != 1 || got.Running != 0 || got.Failed[api.ReasonGone] != 1 || got.Calls["EventService/WatchEvents"] != 9 {
		t.Errorf("%+v", got)
	}
	s.stop()
	for srv.api.Stats().Streams > 0 { // its place is free once the server has noticed
		time.Sleep(time.Millisecond)
	}
	watches(t, c, &sensoryv1.WatchEventsRequest{})
}

// TestASlowStreamEndsWithAReason: and goes on behind what is gone.
func TestASlowStreamEndsWithAReason(t *testing.T) {
	d := seated()
	d.log = agent.NewEvents(agent.EventConfig{Most: 3})
	c := serve(t, d).caller(t)
	s, first := watches(t, c, &sensoryv1.WatchEventsRequest{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // faster than events are sent, which is five times a second
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				d.log.Add(&agent.Event{Kind: agent.KindStep})
			}
		}
	}()
	told := ends(t, s, connect.CodeResourceExhausted, api.ReasonSlow)
	close(stop)
	<-stopped
	if told.Newest != told.Oldest+2 || !strings.Contains(told.Message, fmt.Sprintf("–%d are gone; the oldest is %d", told.Oldest-1, told.Oldest)) {
		t.Fatalf("%+v", told)
	}
	behind := d.log.Stats().Oldest - 1
	s, _ = watches(t, c, &sensoryv1.WatchEventsRequest{After: &behind, Log: first.GetLog()})
	if got := s.takes(t, 3); got[0].GetSequence() != behind+1 || got[2].GetSequence() != behind+3 {
		t.Errorf("%v", got)
	}
}

// happened are one event of each kind, as a client sees it.
func happened() map[string]*agent.Event {
	at := time.UnixMilli(1_000_000)
	trace := reply.Trace{
		Turn: 3, Who: "ada", Question: "What is it?", Answer: "A fern.", Picture: true, Sound: true, Sight: "TR_1/41",
		Squares: 5, PictureTokens: 640, PictureAge: 300 * time.Millisecond, PictureTook: 95 * time.Millisecond, Earlier: []reply.Looked{{Key: "TR_1/38", Age: 4 * time.Second}},
		SpeechEnd: at, Begin: at.Add(300 * time.Millisecond), Features: at.Add(350 * time.Millisecond), LeaseAsked: at.Add(310 * time.Millisecond),
		LeaseGiven: at.Add(350 * time.Millisecond), FirstToken: at.Add(400 * time.Millisecond), FloorAsked: at.Add(500 * time.Millisecond),
		FloorGiven: at.Add(720 * time.Millisecond), FirstPacket: at.Add(740 * time.Millisecond), PromptTokens: 900, Reused: 812, Tokens: 5, Finish: "stop",
		Break: &keys.Break{Kind: "memory", Offset: 212, Note: "consolidated 14:03"}, Context: "abc", Plan: "def", Lost: "evicted",
		Left: []turn.Deviation{{Kind: "late", Persona: "iris", Planned: "100", Was: "740"}}, Err: errors.New("cut off"),
	}
	step := room.Step{
		At: 1510 * time.Millisecond, Event: room.Line{Text: "1.51 ready 3/iris", Verb: "ready", Who: "iris", Turn: 3},
		Effects: []room.Line{{Text: "state iris speaking", Verb: "state", Who: "iris", Value: "speaking"}},
	}
	of := func(what any) *agent.Event { return &agent.Event{At: at, Room: "lobby", Persona: "iris", What: what} }
	return map[string]*agent.Event{
		`"step":{"atMs":1510,"event":{"text":"1.51 ready 3/iris","verb":"ready","who":"iris","turn":3},"effects":[{"text":"state iris speaking","verb":"state","who":"iris","value":"speaking"}]}`: of(step),
		`"turn":3,"who":"ada","text":"A fern.","error":"cut off","reply":{"question":"What is it?","answer":"A fern.","stages":[{"name":"features","startMs":300,"tookMs":50},` +
			`{"name":"lease","startMs":310,"tookMs":40},{"name":"first token","startMs":350,"tookMs":50},{"name":"floor","startMs":500,"tookMs":220}],` +
			`"latencyMs":740,"leaseWaitMs":40,"floorWaitMs":220,"promptTokens":900,"reusedTokens":812,"answerTokens":5,"broke":"prefix broke in memory at byte 212 (consolidated 14:03)",` +
			`"lost":"evicted","finish":"stop","contextKey":"abc","plan":"def","divergences":[{"kind":"late","persona":"iris","planned":"100","was":"740"}],"saw":true,"heardSound":true,` +
			`"source":"TR_1/41","replay":"sensory-agent replay lobby.txt","squares":5,"pictureTokens":640,"pictureAgeMs":300,"encodeMs":95,"earlier":[{"source":"TR_1/38","ageMs":4000}]}`: of(room.TurnDone{At: at, Trace: trace}),
		`"turn":2,"who":"ada","text":"Hi.","speech":{"final":true,"lengthMs":900}`: of(room.Heard{Who: "ada", Text: "Hi.", Final: true, Turn: 2, Start: at, End: at.Add(900 * time.Millisecond)}),
		`"who":"ada","text":"Hi","speech":{}`:                                      of(room.Heard{Who: "ada", Text: "Hi"}),
		`"turn":2,"who":"ada","state":"not_addressed"`:                             of(room.Silent{Turn: 2, Who: "ada", Why: turn.ReasonNotAddressed}),
		`"who":"ada","state":"noise"`:                                              of(room.Unclear{Who: "ada", Why: "noise"}),
		`"who":"ada","sight":{"track":"TR_1","number":41,"who":"ada","source":"camera","encoder":"smol","reason":"first","frameWidth":640,"frameHeight":480,"textureMs":4,"featuresMs":90}`: of(room.Saw{
			Who: "ada", SID: "TR_1", Source: "camera", Encoder: "smol", Number: 41, Width: 640, Height: 480, Reason: "first", Texture: 4 * time.Millisecond, Features: 90 * time.Millisecond,
		}),
		`"who":"ada","state":"opened","track":{"id":"TR_1","source":"camera"}`:                       of(room.TrackOpened{Who: "ada", SID: "TR_1", Source: "camera"}),
		`"who":"ada","state":"closed","track":{"id":"TR_1","source":"camera","summary":"9 packets"}`: of(room.TrackClosed{Who: "ada", SID: "TR_1", Source: "camera", Summary: "9 packets"}),
		`"turn":3,"arrangement":{"replies":[{"persona":"iris","wave":1,"order":1},{"persona":"max","lane":"north","wave":2,"order":2}],"source":"TR_1/41","fingerprint":"f","plan":"p"}`: of(room.Planned{
			Plan: turn.Planned{Turn: 3, Source: "TR_1/41", Fingerprint: "f", Plan: "p", Replies: []turn.Placed{{Seat: "iris", Wave: 1}, {Seat: "max", Lane: "north", Wave: 2}}},
		}),
		`"turn":3,"who":"ada","outcome":{"replies":[{"persona":"iris","text":"A fern.","finishMs":400,"heardMs":740}],"silences":[{"persona":"max","reason":"muted"}],"fingerprint":"f","planned":true}`: of(room.Outcome{
			Turn: 3, Who: "ada", Planned: true, Result: turn.Result{
				Fingerprint: "f", Replies: []turn.Told{{Persona: "iris", Text: "A fern.", Finish: 400, Heard: 740}}, Silences: []turn.Quiet{{Seat: "max", Why: "muted"}},
			},
		}),
		`"memory":{"decisions":[{"text":"Ada likes ferns.","subject":"ada","outcome":"admitted","reason":"asked","memory":"m_1"}],"forgotten":["m_0"],"note":"consolidated 14:03","inPrompt":2}`: of(room.Remembered{
			Decisions: []memory.Decision{{Candidate: memory.Candidate{Text: "Ada likes ferns.", Subject: "ada"}, Outcome: "admitted", Reason: "asked", Memory: memory.Memory{ID: "m_1"}}},
			Forgotten: []memory.Forgotten{{ID: "m_0"}}, Block: &memory.Block{Note: "consolidated 14:03", IDs: []string{"m_1", "m_2"}},
		}),
		`"error":"no picture"`:             of(room.Problem{Err: errors.New("no picture")}),
		`"state":"off","error":"no voice"`: of(room.ReadyChanged{Err: errors.New("no voice")}),
		`"state":"on"`:                     of(room.MuteChanged{On: true}),
		`"error":"removed"`:                of(room.Left{Err: errors.New("removed")}),
		`"text":"1.13.5"`:                  of(room.Joined{ServerVersion: "1.13.5"}),
		`"state":"open"`:                   of(agent.RoomChange{Open: true}),
		`"state":"closed","error":"gone"`:  of(agent.RoomChange{Err: errors.New("gone")}),
		`"state":"refused","error":"full","lease":{"artifact":"a","class":"reasoning","holder":"lobby/iris","silicon":"GPU","provider":"lab","waitedMs":1200}`: of(agent.LeaseChange{
			Artifact: "a", Class: "reasoning", Holder: "lobby/iris", Silicon: "GPU", Provider: "lab", Waited: 1200 * time.Millisecond, Err: errors.New("full"),
		}),
		`"state":"granted","lease":{"artifact":"a"}`:                                               of(agent.LeaseChange{Artifact: "a"}),
		`"state":"loaded","model":{"name":"smol","place":"cpu","bytes":"3000000000","tookMs":250}`: of(agent.ModelChange{Change: "loaded", Name: "smol", Place: "cpu", Bytes: 3e9, Took: 250 * time.Millisecond}),
		`"text":"offered","error":"no seat"`:                                                       of(agent.Note{Text: "offered", Err: errors.New("no seat")}),
	}
}

// TestEveryKindOfEventIsSent: with all that is known of it, and the same to everybody.
func TestEveryKindOfEventIsSent(t *testing.T) {
	for want, e := range happened() {
		d := seated()
		c := serve(t, d).caller(t)
		d.log.Add(e)
		begin := uint64(0)
		for range 2 {
			s, _ := watches(t, c, &sensoryv1.WatchEventsRequest{After: &begin})
			got := s.takes(t, 1)[0]
			if !strings.HasPrefix(compact(t, got), `{"sequence":"1","at":"1970-01-01T00:16:40Z","room":"lobby","persona":"iris",`) {
				t.Errorf("%s", compact(t, got))
			}
			if rest := strings.TrimPrefix(compact(t, got), `{"sequence":"1","at":"1970-01-01T00:16:40Z","room":"lobby","persona":"iris",`); rest != want+"}" {
				t.Errorf("got  %s\nwant %s", rest, want)
			}
			s.stop()
		}
	}
}

// compact is a message as JSON without spaces.
func compact(t *testing.T, e *sensoryv1.Event) string {
	t.Helper()
	text, err := protojson.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return compacted(t, text)
}

// TestKindsAreThoseOfTheContract: each has a word of its own.
func TestKindsAreThoseOfTheContract(t *testing.T) {
	all := agent.Kinds()
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 23 {
		t.Error(fmt.Sprint(n, " kinds"))
	}
}
