package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/api/sensory/v1/sensoryv1connect"
	"github.com/sensory-agent/sensory-agent/store"
)

func (s *served) chat() sensoryv1connect.ChatServiceClient {
	return sensoryv1connect.NewChatServiceClient(http.DefaultClient, s.url)
}

// TestChatIsSentListedAndExported: ids and handles are the store's, pages follow each other without
// a gap, and rooms are found by their handles too.
func TestChatIsSentListedAndExported(t *testing.T) {
	s := serve(t, keeping(t))
	ctx, chat := t.Context(), s.chat()
	var ids []string
	var handle, last string
	for i := range 5 {
		in := &sensoryv1.SendChatRequest{Room: "lobby", From: "ada", Text: fmt.Sprintf("line %d", i), To: []string{"max"}, ReplyTo: last, Key: fmt.Sprint("k", i)}
		if i > 0 {
			in.Room = handle
		}
		out, err := chat.SendChat(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		m := out.GetMessage()
		if m.GetText() != in.GetText() || m.GetFrom() != "ada" || m.GetRole() != "human" || m.GetReplyTo() != last || m.GetKey() != in.GetKey() ||
			!slices.Equal(m.GetTo(), []string{"max-1"}) || !strings.HasPrefix(m.GetId(), "m_") || time.Since(m.GetSentAt().AsTime()) > time.Hour {
			t.Errorf("%v", m)
		}
		handle, last, ids = m.GetRoom(), m.GetId(), append(ids, m.GetId())
	}
	if !strings.HasPrefix(handle, "r_") {
		t.Errorf("the room's handle is %q", handle)
	}
	again, err := chat.SendChat(ctx, &sensoryv1.SendChatRequest{Room: "lobby", From: "ada", Text: "line 0", To: []string{"max"}, Key: "k0"})
	if err != nil || again.GetMessage().GetId() != ids[0] {
		t.Errorf("the same key: %v, %v", again, err)
	}
	for name, c := range map[string]struct {
		size  int32
		token string
		want  []string
	}{
		"the newest": {2, "", ids[3:]}, "all": {0, "", ids}, "behind one": {2, ids[0], ids[1:3]}, "behind the last": {0, ids[4], nil},
	} {
		out, err := chat.ListChat(ctx, &sensoryv1.ListChatRequest{Room: handle, PageSize: c.size, PageToken: c.token})
		if got := idsOf(out.GetMessages()); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if want := append([]string{c.token}, c.want...); out.GetNextPageToken() != want[len(want)-1] {
			t.Errorf("%s: next is %q", name, out.GetNextPageToken())
		}
	}
	got, err := sensoryv1connect.NewRoomServiceClient(http.DefaultClient, s.url).ListRooms(ctx, &sensoryv1.ListRoomsRequest{})
	if err != nil || got.GetRooms()[1].GetHandle() != handle || got.GetRooms()[0].GetHandle() != "" {
		t.Errorf("rooms: %v, %v", got, err)
	}
}

func idsOf(list []*sensoryv1.ChatMessage) (out []string) {
	for _, m := range list {
		out = append(out, m.GetId())
	}
	return out
}

// TestAnExportIsWhole: page by page, by number and by bytes, with everything once.
func TestAnExportIsWhole(t *testing.T) {
	d := keeping(t)
	s := serve(t, d)
	var want []string
	for i := range 521 {
		text := "short"
		if i >= 500 {
			text = strings.Repeat("x", 64<<10)
		}
		m, _, err := d.db.AddMessage(t.Context(), store.Message{RoomName: "cellar", Participant: "ada", Role: store.Human, Text: text, At: time.Now()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, m.ID)
	}
	var got []string
	var pages []int
	for token := ""; ; {
		out, err := s.chat().ExportChat(t.Context(), &sensoryv1.ExportChatRequest{Room: "cellar", PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		if out.GetRoom().GetName() != "cellar" || !strings.HasPrefix(out.GetRoom().GetHandle(), "r_") {
			t.Errorf("of %v", out.GetRoom())
		}
		got, pages = append(got, idsOf(out.GetMessages())...), append(pages, len(out.GetMessages()))
		if token = out.GetNextPageToken(); token == "" {
			break
		}
	}
	if !slices.Equal(got, want) || !slices.Equal(pages, []int{500, 16, 5}) {
		t.Errorf("%d of %d messages in pages of %v", len(got), len(want), pages)
	}
}

// TestPagesOfChatAreBounded in bytes, too: behind a token the first that fit, else the newest; what
// was heard of a reply counts.
func TestPagesOfChatAreBounded(t *testing.T) {
	d := keeping(t)
	c := serve(t, d).caller(t)
	long := strings.Repeat("x", store.MaxMessage)
	var want []string
	for range 40 {
		m, _, err := d.db.AddMessage(t.Context(), store.Message{
			RoomName: "lobby", Participant: "iris", Role: store.Persona, Text: long, At: time.Now(), Spoken: "interrupted", Heard: long,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, m.ID)
	}
	out, err := c.Chat.ListChat(t.Context(), &sensoryv1.ListChatRequest{Room: "lobby", PageSize: 1000})
	if got := idsOf(out.GetMessages()); err != nil || !slices.Equal(got, want[32:]) || out.GetNextPageToken() != want[39] {
		t.Errorf("the newest: %d, %v", len(got), err)
	}
	var got []string
	for after := want[0]; ; {
		out, err := c.Chat.ListChat(t.Context(), &sensoryv1.ListChatRequest{Room: "lobby", PageSize: 1000, PageToken: after})
		if err != nil || len(out.GetMessages()) > 8 {
			t.Fatalf("%d messages, %v", len(out.GetMessages()), err)
		}
		if len(out.GetMessages()) == 0 {
			break
		}
		got, after = append(got, idsOf(out.GetMessages())...), out.GetNextPageToken()
	}
	if !slices.Equal(got, want[1:]) {
		t.Errorf("behind one: %d of %d", len(got), len(want)-1)
	}
}

// TestAnExportGoesOn where what its page ended with is not kept any more; and with the tokens of
// earlier versions.
func TestAnExportGoesOn(t *testing.T) {
	d := keeping(t)
	s := serve(t, d)
	var want []string
	for range 600 {
		m, _, err := d.db.AddMessage(t.Context(), store.Message{RoomName: "lobby", Participant: "ada", Role: store.Human, Text: "x", At: time.Now()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, m.ID)
	}
	first, err := s.chat().ExportChat(t.Context(), &sensoryv1.ExportChatRequest{Room: "lobby"})
	if err != nil || len(first.GetMessages()) != 500 || first.GetNextPageToken() == "" {
		t.Fatalf("%d, %v", len(first.GetMessages()), err)
	}
	if n, err := d.db.DeleteOld(t.Context(), store.Old{Rows: 60}, 1000, nil); n != 540 || err != nil {
		t.Fatalf("%d are deleted, %v", n, err)
	}
	for token, begin := range map[string]int{first.GetNextPageToken(): 540, want[559]: 560} {
		out, err := s.chat().ExportChat(t.Context(), &sensoryv1.ExportChatRequest{Room: "lobby", PageToken: token})
		if got := idsOf(out.GetMessages()); err != nil || !slices.Equal(got, want[begin:]) || out.GetNextPageToken() != "" {
			t.Errorf("behind %s: %d messages, then %q: %v", token, len(got), out.GetNextPageToken(), err)
		}
	}
	s.refused(t, "ChatService/ExportChat", `{"room":"lobby","pageToken":"x"}`, connect.CodeInvalidArgument, api.ReasonBadValue, "page_token")
	s.refused(t, "ChatService/ExportChat", `{"room":"lobby","pageToken":"`+want[0]+`"}`, connect.CodeNotFound, api.ReasonUnknownMessage, "")
}

// TestChatThatIsRefused is not kept.
func TestChatThatIsRefused(t *testing.T) {
	d := keeping(t)
	s := serve(t, d)
	for body, want := range map[string]struct {
		code  connect.Code
		why   api.Reason
		field string
	}{
		`{"room":"lobby","from":"ada","text":"` + strings.Repeat("x", 64<<10+1) + `"}`: {connect.CodeInvalidArgument, api.ReasonTooLong, "text"},
		`{"room":"lobby","from":"ada","text":"` + strings.Repeat("x", 1<<20) + `"}`:    {connect.CodeResourceExhausted, api.ReasonBodyTooBig, ""},
		`{"room":"lobby","from":"ada","text":"\u0000"}`:                                {connect.CodeInvalidArgument, api.ReasonBadText, "text"},
		`{"room":"lobby","from":"ada"}`:                                                {connect.CodeInvalidArgument, api.ReasonMissing, "text"},
		`{"room":"lobby","from":"ada","text":"x","to":["eve"]}`:                        {connect.CodeNotFound, api.ReasonUnknownPersona, "to"},
		`{"room":"lobby","from":"ada","text":"x","replyTo":"m_none"}`:                  {connect.CodeNotFound, api.ReasonUnknownMessage, ""},
		`{"room":"cellar","from":"ada","text":"x"}`:                                    {connect.CodeNotFound, api.ReasonUnknownRoom, ""},
	} {
		s.refused(t, "ChatService/SendChat", body, want.code, want.why, want.field)
	}
	if list, err := d.db.ListChat(t.Context(), store.ChatQuery{}); err != nil || len(list) > 0 {
		t.Errorf("kept: %v, %v", list, err)
	}
	s.refused(t, "ChatService/ListChat", `{"room":"cellar"}`, connect.CodeNotFound, api.ReasonUnknownRoom, "")
	s.refused(t, "ChatService/ListChat", `{"room":"lobby","pageSize":1001}`, connect.CodeInvalidArgument, api.ReasonBadValue, "page_size")
	s.refused(t, "ChatService/ListChat", `{"pageSize":1}`, connect.CodeInvalidArgument, api.ReasonMissing, "room")
	s.refused(t, "ChatService/ExportChat", `{"room":"cellar"}`, connect.CodeNotFound, api.ReasonUnknownRoom, "")
	for name, c := range map[string]struct {
		err   error
		code  connect.Code
		why   api.Reason
		field string
	}{
		"too often":   {&room.LetterError{Kind: limits.ChatRate}, connect.CodeResourceExhausted, api.ReasonRate, ""},
		"all":         {&room.LetterError{Kind: limits.RoomChatRate}, connect.CodeResourceExhausted, api.ReasonRate, ""},
		"long":        {&room.LetterError{Kind: limits.ChatBytes}, connect.CodeInvalidArgument, api.ReasonTooLong, "text"},
		"signs":       {&room.LetterError{Kind: limits.ChatText}, connect.CodeInvalidArgument, api.ReasonBadText, "text"},
		"otherwise":   {&room.LetterError{Problem: "x"}, connect.CodeInvalidArgument, api.ReasonBadValue, ""},
		"undelivered": {fmt.Errorf("%w: m_1: %w", room.ErrUndelivered, room.ErrClosed), connect.CodeFailedPrecondition, api.ReasonUndelivered, ""},
		"key":         {store.ErrKeyTaken, connect.CodeAlreadyExists, api.ReasonKeyTaken, ""},
		"full":        {store.ErrQueueFull, connect.CodeResourceExhausted, api.ReasonBusy, ""},
		"disk":        {&store.Error{Kind: store.ErrIO, Err: errors.New("torn")}, connect.CodeUnavailable, api.ReasonStore, ""},
		"ended":       {store.ErrClosed, connect.CodeUnavailable, api.ReasonClosing, ""},
	} {
		d.fails = c.err
		t.Log(name)
		s.refused(t, "ChatService/SendChat", `{"room":"lobby","from":"ada","text":"x"}`, c.code, c.why, c.field)
	}
}

// TestChatWithoutAStore is no empty chat.
func TestChatWithoutAStore(t *testing.T) {
	s := serve(t, seated())
	s.refused(t, "ChatService/SendChat", `{"room":"lobby","from":"ada","text":"x"}`, connect.CodeFailedPrecondition, api.ReasonNotKept, "")
	s.refused(t, "ChatService/ListChat", `{"room":"lobby"}`, connect.CodeFailedPrecondition, api.ReasonNotKept, "")
	s.refused(t, "ChatService/ExportChat", `{"room":"lobby"}`, connect.CodeFailedPrecondition, api.ReasonNotKept, "")
}
