package lk_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// marshal is a message of a server as it stands on the wire.
func marshal(t testing.TB, m *livekit.SignalResponse) []byte {
	t.Helper()
	frame, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// joined is a complete join response.
func joined() *livekit.JoinResponse {
	return &livekit.JoinResponse{
		Room: &livekit.Room{Name: "r", Sid: "RM_1"}, Participant: &livekit.ParticipantInfo{Identity: "i", Sid: "PA_1"}, SubscriberPrimary: true,
	}
}

func response(j *livekit.JoinResponse) *livekit.SignalResponse {
	return &livekit.SignalResponse{Message: &livekit.SignalResponse_Join{Join: j}}
}

// huge is the head of a frame that is said to have a terabyte.
func huge() []byte {
	return binary.BigEndian.AppendUint64([]byte{0x82, 127}, 1<<40)
}

// pretends answers as a server that lets everybody in, up to the connection of its signals, which
// is the test's. What that returns is waited for until the client has gone.
func pretends(t *testing.T, signals func(ws *websocket.Conn)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/rtc" {
			return // the token is good
		}
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = ws.Close() }()
		signals(ws)
		for err == nil {
			_, _, err = ws.ReadMessage()
		}
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// TestAServerThatBeginsWithNonsense is refused by type, with what to look at, and leaves nothing
// behind.
func TestAServerThatBeginsWithNonsense(t *testing.T) {
	t.Parallel()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	whole := marshal(t, response(joined()))
	nobody, nowhere := joined(), joined()
	nobody.Participant, nowhere.Room = nil, nil
	send := func(kind int, frame []byte) func(*websocket.Conn) {
		return func(ws *websocket.Conn) { _ = ws.WriteMessage(kind, frame) }
	}
	for name, c := range map[string]struct {
		signals func(*websocket.Conn)
		want    error
		says    string
	}{
		"garbage":          {send(websocket.BinaryMessage, []byte{0xff, 0xff, 0xff}), lk.ErrProtocol, "no message"},
		"half a response":  {send(websocket.BinaryMessage, whole[:len(whole)-3]), lk.ErrProtocol, "no message"},
		"nothing at all":   {send(websocket.BinaryMessage, nil), lk.ErrProtocol, "no join response"},
		"an unknown kind":  {send(websocket.BinaryMessage, []byte{0xfa, 0x3f, 0}), lk.ErrProtocol, "no join response"},
		"another message":  {send(websocket.BinaryMessage, marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Offer{Offer: &livekit.SessionDescription{Type: "offer", Sdp: "v=0"}}})), lk.ErrProtocol, "Offer"},
		"text":             {send(websocket.TextMessage, []byte(`{"join":{}}`)), lk.ErrProtocol, "text frame"},
		"no participant":   {send(websocket.BinaryMessage, marshal(t, response(nobody))), lk.ErrProtocol, "no participant"},
		"no room":          {send(websocket.BinaryMessage, marshal(t, response(nowhere))), lk.ErrProtocol, "no room"},
		"a terabyte":       {func(ws *websocket.Conn) { _, _ = ws.NetConn().Write(huge()) }, lk.ErrProtocol, "more than"},
		"a farewell":       {send(websocket.BinaryMessage, marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Leave{Leave: &livekit.LeaveRequest{Reason: livekit.DisconnectReason_SERVER_SHUTDOWN}}})), lk.ErrUnreachable, "SERVER_SHUTDOWN"},
		"an end":           {func(ws *websocket.Conn) { _ = ws.Close() }, lk.ErrUnreachable, "WebSocket"},
		"silence":          {func(*websocket.Conn) {}, lk.ErrSilent, "no message"},
		"a room, no media": {send(websocket.BinaryMessage, whole), lk.ErrMedia, "UDP port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := lk.Config{URL: pretends(t, c.signals), APIKey: "k", APISecret: strings.Repeat("s", 32), Room: "r", Identity: "i"}
			_, err := lk.Join(t.Context(), cfg)
			var join *lk.JoinError
			if !errors.Is(err, c.want) || !errors.As(err, &join) || join.Hint == "" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %v that says %q", err, c.want, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "eyJ") {
				t.Errorf("the token is printed: %v", err)
			}
		})
	}
}

// TestNonsenseInTheMiddleIsNotTaken: each is left out, and what comes behind it is taken.
func TestNonsenseInTheMiddleIsNotTaken(t *testing.T) {
	t.Parallel()
	m, agent, ada := meet(t, nil)
	speaks(t, agent)
	published := func(cid, sid string) []byte {
		return marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_TrackPublished{TrackPublished: &livekit.TrackPublishedResponse{
			Cid: cid, Track: &livekit.TrackInfo{Sid: sid},
		}}})
	}
	for name, frame := range map[string][]byte{
		"garbage":                   {0xff, 0xff, 0xff},
		"half a message":            marshal(t, response(joined()))[:9],
		"nothing":                   nil,
		"an unknown kind":           {0xfa, 0x3f, 0},
		"a second join response":    marshal(t, response(joined())),
		"a reconnect response":      marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Reconnect{Reconnect: &livekit.ReconnectResponse{}}}),
		"an update of no room":      marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_RoomUpdate{RoomUpdate: &livekit.RoomUpdate{}}}),
		"a move to nowhere":         marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_RoomMoved{RoomMoved: &livekit.RoomMovedResponse{}}}),
		"an update of nobody":       marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Update{Update: &livekit.ParticipantUpdate{Participants: []*livekit.ParticipantInfo{{}}}}}),
		"a track without an id":     published("", ""),
		"a track that nobody has":   published("x", "TR_x"),
		"a billion media sections":  marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_MediaSectionsRequirement{MediaSectionsRequirement: &livekit.MediaSectionsRequirement{NumAudios: 1 << 30}}}),
		"a token that is none":      marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_RefreshToken{RefreshToken: "none"}}),
		"an answer to no offer":     marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Answer{Answer: &livekit.SessionDescription{Type: "answer", Sdp: "v=0"}}}),
		"an offer that is none":     marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Offer{Offer: &livekit.SessionDescription{Type: "offer", Sdp: "v=0"}}}),
		"a candidate that is none":  marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Trickle{Trickle: &livekit.TrickleRequest{CandidateInit: "{"}}}),
		"a track that is muted":     marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Mute{Mute: &livekit.MuteTrackRequest{Sid: "TR_x"}}}),
		"a track that was taken":    marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_TrackUnpublished{TrackUnpublished: &livekit.TrackUnpublishedResponse{TrackSid: "TR_x"}}}),
		"layers of no track":        marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_SubscribedQualityUpdate{SubscribedQualityUpdate: &livekit.SubscribedQualityUpdate{}}}),
		"a farewell that is a word": marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Leave{Leave: &livekit.LeaveRequest{Action: 99}}}),
	} {
		for range 3 {
			m.send(t, websocket.BinaryMessage, frame)
		}
		m.send(t, websocket.TextMessage, []byte(name))
		// A good message on the same way comes behind them, so that they have been looked at.
		ada.SetAttributes(map[string]string{"step": name})
		for seen := false; !seen; {
			switch e := next[lk.Event](t, agent).(type) {
			case lk.AttributesChanged:
				seen = e.Changed["step"] == name
			case lk.Disconnected:
				t.Fatalf("after %s: %+v", name, e)
			}
		}
	}
	if err := ada.SendText(lk.TopicChat, "", "hello", nil); err != nil {
		t.Fatal(err)
	}
	if got := next[lk.TextReceived](t, agent); got.Text != "hello" {
		t.Errorf("got %+v", got)
	}
	if got := listen(t, ada, 5); got.Stats.Packets < 5 {
		t.Errorf("heard %+v", got.Stats)
	}
}

// TestNobodyWaitsForMediaInVain: a server lets a client in, which is called back while no media can
// flow yet. The error is that of its context, and not that media did not come.
func TestNobodyWaitsForMediaInVain(t *testing.T) {
	t.Parallel()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	j := joined()
	j.SubscriberPrimary = false // then the client begins, as soon as it is let in
	hello := marshal(t, response(j))
	calledBack := errors.New("called back")
	ctx, cancel := context.WithCancelCause(t.Context())
	url := pretends(t, func(ws *websocket.Conn) {
		_ = ws.WriteMessage(websocket.BinaryMessage, hello)
		if _, _, err := ws.ReadMessage(); err != nil {
			t.Errorf("nothing came of the client: %v", err)
		}
		cancel(calledBack)
	})
	_, err := lk.Join(ctx, lk.Config{URL: url, APIKey: "k", APISecret: strings.Repeat("s", 32), Room: "r", Identity: "i"})
	if err == nil || !errors.Is(err, calledBack) || strings.Contains(err.Error(), lksdk.ErrConnectionTimeout.Error()) {
		t.Errorf("joining ended with %v", err)
	}
}

// TestMuchNonsenseEndsTheRoom by type: eight in a row, or one of any size. A farewell ends it, too.
func TestMuchNonsenseEndsTheRoom(t *testing.T) {
	s := startServer(t)
	for name, send := range map[string]func(*testing.T, *middle){
		"eight in a row": func(t *testing.T, m *middle) {
			for range 8 {
				m.send(t, websocket.BinaryMessage, []byte{0xff})
			}
		},
		"a terabyte": func(t *testing.T, m *middle) { m.raw(t, huge()) },
		"a farewell": func(t *testing.T, m *middle) {
			m.send(t, websocket.BinaryMessage, marshal(t, &livekit.SignalResponse{Message: &livekit.SignalResponse_Leave{
				Leave: &livekit.LeaveRequest{Action: livekit.LeaveRequest_DISCONNECT, Reason: livekit.DisconnectReason_PARTICIPANT_REMOVED},
			}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := amid(t, s)
			cfg := config(s, name, true)
			cfg.URL = m.url
			agent := join(t, cfg)
			send(t, m)
			end := next[lk.Disconnected](t, agent)
			if farewell := name == "a farewell"; errors.Is(end.Err, lk.ErrProtocol) == farewell || end.Removed != farewell || end.Requested {
				t.Errorf("ended with %+v", end)
			}
		})
	}
}

// FuzzSignal: whatever a server sends, it is refused as nonsense or has in it what the SDK looks
// for.
func FuzzSignal(f *testing.F) {
	for _, m := range []*livekit.SignalResponse{
		response(joined()),
		{},
		{Message: &livekit.SignalResponse_RoomUpdate{RoomUpdate: &livekit.RoomUpdate{Room: &livekit.Room{}}}},
		{Message: &livekit.SignalResponse_RoomMoved{RoomMoved: &livekit.RoomMovedResponse{Room: &livekit.Room{}, Participant: &livekit.ParticipantInfo{Identity: "i"}}}},
		{Message: &livekit.SignalResponse_TrackPublished{TrackPublished: &livekit.TrackPublishedResponse{Cid: "c", Track: &livekit.TrackInfo{Sid: "TR_1"}}}},
		{Message: &livekit.SignalResponse_RefreshToken{RefreshToken: token(`{"exp":1}`)}},
		{Message: &livekit.SignalResponse_MediaSectionsRequirement{MediaSectionsRequirement: &livekit.MediaSectionsRequirement{NumVideos: 3}}},
	} {
		f.Add(websocket.BinaryMessage, marshal(f, m))
	}
	f.Add(websocket.TextMessage, []byte("{}"))
	f.Fuzz(func(t *testing.T, kind int, frame []byte) {
		m, first, later := lk.Signal(kind, frame)
		if first != nil && m.GetLeave() == nil && !errors.Is(first, lk.ErrProtocol) || later != nil && !errors.Is(later, lk.ErrProtocol) {
			t.Fatal(first, later)
		}
		if first == nil && (m.GetJoin().GetRoom().GetName() == "" || m.GetJoin().GetParticipant().GetIdentity() == "") {
			t.Fatalf("joins with %v", m)
		}
		if later != nil {
			return
		}
		switch x := m.GetMessage().(type) {
		case *livekit.SignalResponse_Join, *livekit.SignalResponse_Reconnect:
			t.Fatalf("takes %v", m)
		case *livekit.SignalResponse_RoomUpdate:
			if x.RoomUpdate.GetRoom() == nil {
				t.Fatalf("takes %v", m)
			}
		case *livekit.SignalResponse_TrackPublished:
			if x.TrackPublished.GetTrack().GetSid() == "" {
				t.Fatalf("takes %v", m)
			}
		}
	})
}
