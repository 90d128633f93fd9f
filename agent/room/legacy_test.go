package room_test

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// reader is a client on LiveKit's SDK that reads transcripts in both forms.
type reader struct {
	room    *lksdk.Room
	mu      sync.Mutex
	packets []string // texts of segments that are final
	texts   []string // of streams, whole
}

// read has one enter a room. protocol is the client_protocol that it says it has.
func read(t *testing.T, at *table, who string, kind livekit.ParticipantInfo_Kind, protocol string) *reader {
	t.Helper()
	_, server := open(t)
	token, err := auth.NewAccessToken(server.APIKey, server.APISecret).SetIdentity(who).SetKind(kind).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: at.room, Agent: kind == livekit.ParticipantInfo_AGENT}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{}
	r.room = lksdk.NewRoom(&lksdk.RoomCallback{ParticipantCallback: lksdk.ParticipantCallback{
		OnTranscriptionReceived: func(segments []*lksdk.TranscriptionSegment, _ lksdk.Participant, _ lksdk.TrackPublication) {
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, s := range segments {
				if s.Final {
					r.packets = append(r.packets, s.Text)
				}
			}
		},
	}})
	err = r.room.RegisterTextStreamHandler("lk.transcription", func(s *lksdk.TextStreamReader, _ string) {
		text := s.ReadAll()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.texts = append(r.texts, text)
	})
	if err == nil {
		err = r.room.JoinWithContextAndToken(t.Context(), says(t, server.URL, protocol), token, lksdk.WithAutoSubscribe(false))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.room.Disconnect)
	until(t, who+" is seen", func() bool {
		return slices.ContainsFunc(presence(t, at.session).Participants, func(p room.Present) bool { return p.Identity == who })
	})
	return r
}

// says is the address of a server over which clients say that they have a client_protocol; the SDK
// says nothing of it.
func says(t *testing.T, server, protocol string) string {
	t.Helper()
	to, err := url.Parse(strings.Replace(server, "ws", "http", 1))
	if err != nil {
		t.Fatal(err)
	}
	between := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		query := r.Out.URL.Query()
		query.Set("client_protocol", protocol)
		r.Out.URL.RawQuery = query.Encode()
	}})
	t.Cleanup(between.Close)
	return strings.Replace(between.URL, "http", "ws", 1)
}

// got waits for a transcript as text, and returns how often it came as packets.
func (r *reader) got(t *testing.T, text string) (packets int) {
	t.Helper()
	until(t, "the transcript "+text, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return slices.Contains(r.texts, text)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.packets {
		if p == text {
			packets++
		}
	}
	return packets
}

// TestPacketsForOldClientsOnly: transcripts are sent as packets beside text streams only while a
// person is there whose client may need them: not while only agents are there, nor clients that
// know streams; from when such a one comes, until it leaves.
func TestPacketsForOldClientsOnly(t *testing.T) {
	_, models := scripted(t, func(_, question string) string {
		_, which, _ := strings.Cut(question, "Say the ")
		which, _, _ = strings.Cut(which, ",")
		return "This is the " + which + "."
	})
	at := openTable(t, models, room.Config{}, turn.ModeAuto)
	at.sit(t, "iris")
	agent := read(t, at, "hal", livekit.ParticipantInfo_AGENT, "0")
	ask := func(which string) {
		t.Helper()
		if err := at.session.Ask(t.Context(), "operator", "Say the "+which+", please.", "iris"); err != nil {
			t.Fatal(err)
		}
		answer := "This is the " + which + "."
		at.wait(t, answer, func(e room.Event) bool { d, ok := e.(room.TurnDone); return ok && d.Trace.Answer == answer })
	}
	ask("first")
	if n := agent.got(t, "This is the first."); n != 0 {
		t.Errorf("%d packets where only agents are", n)
	}
	fresh := read(t, at, "nora", livekit.ParticipantInfo_STANDARD, "3")
	ask("second")
	if n := fresh.got(t, "This is the second."); n != 0 {
		t.Errorf("%d packets for a client that needs none", n)
	}
	old := read(t, at, "olga", livekit.ParticipantInfo_STANDARD, "2")
	ask("third")
	until(t, "a packet for an old client", func() bool { return old.got(t, "This is the third.") == 1 })
	old.room.Disconnect()
	until(t, "olga has left", func() bool {
		return !slices.ContainsFunc(presence(t, at.session).Participants, func(p room.Present) bool { return p.Identity == "olga" })
	})
	ask("fourth")
	for name, r := range map[string]*reader{"hal": agent, "nora": fresh} {
		if n := r.got(t, "This is the fourth."); n != 0 {
			t.Errorf("%d packets for %s after the old client has left", n, name)
		}
	}
}
