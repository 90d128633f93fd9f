package api

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/store"
)

// Bounds of a page of an export: messages, and bytes of their texts.
const (
	exportMessages = 500
	exportBytes    = 1 << 20
)

// chat answers ChatService.
type chat struct{ *Server }

// SendChat implements the call.
func (s *chat) SendChat(ctx context.Context, req *sensoryv1.SendChatRequest) (*sensoryv1.SendChatResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	c.name("from", req.GetFrom(), true)
	c.text("text", req.GetText(), store.MaxMessage, true)
	c.names("to", req.GetTo())
	c.name("reply_to", req.GetReplyTo(), false)
	c.name("key", req.GetKey(), false)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	in, to, err := addressed(ctx, h, req.GetRoom(), "to", req.GetTo())
	if err != nil {
		return nil, err
	}
	m, err := h.SendChat(ctx, agent.ChatSend{
		Room: in.name, From: req.GetFrom(), Text: req.GetText(), To: to, ReplyTo: req.GetReplyTo(), Key: req.GetKey(),
	})
	if err != nil {
		return nil, err
	}
	return &sensoryv1.SendChatResponse{Message: messageOf(&m)}, nil
}

// ListChat implements the call.
func (s *chat) ListChat(ctx context.Context, req *sensoryv1.ListChatRequest) (*sensoryv1.ListChatResponse, error) {
	h, err := s.kept(req.GetRoom(), req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	list, err := h.ListChat(ctx, store.ChatQuery{Room: req.GetRoom(), After: req.GetPageToken(), Limit: int(req.GetPageSize())})
	if err != nil {
		return nil, err
	}
	out := &sensoryv1.ListChatResponse{NextPageToken: req.GetPageToken()}
	for i := range list {
		out.Messages = append(out.Messages, messageOf(&list[i]))
		out.NextPageToken = list[i].ID
	}
	return out, nil
}

// kept checks what asks for messages.
func (s *chat) kept(which, token string, size int32) (Host, error) {
	c := checked{}
	c.name("room", which, true)
	c.name("page_token", token, false)
	c.number("page_size", size, store.MaxListed)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	if h.Store() == nil {
		return nil, room.ErrNoStore
	}
	return h, nil
}

// errPage ends a page.
var errPage = errors.New("the page is full")

// ExportChat implements the call.
func (s *chat) ExportChat(ctx context.Context, req *sensoryv1.ExportChatRequest) (*sensoryv1.ExportChatResponse, error) {
	h, err := s.kept(req.GetRoom(), req.GetPageToken(), 0)
	if err != nil {
		return nil, err
	}
	in, err := h.Store().Room(ctx, req.GetRoom())
	if err != nil {
		return nil, err
	}
	out := &sensoryv1.ExportChatResponse{Room: &sensoryv1.Room{Name: in.Name, Handle: in.Handle}}
	if seats, err := seatsIn(h, place{in.Name, in.Handle}); err == nil {
		out.Room = roomsOf(seats, map[string]string{in.Name: in.Handle})[0]
	}
	bytes := 0
	err = h.Store().ExportChat(ctx, store.ChatQuery{Room: in.Handle, After: req.GetPageToken()}, func(m store.Message) error {
		if n := len(out.Messages); n == exportMessages || n > 0 && bytes+len(m.Text) > exportBytes {
			out.NextPageToken = out.Messages[n-1].GetId()
			return errPage
		}
		bytes += len(m.Text)
		out.Messages = append(out.Messages, messageOf(&m))
		return nil
	})
	if err != nil && !errors.Is(err, errPage) {
		return nil, err
	}
	return out, nil
}

func messageOf(m *store.Message) *sensoryv1.ChatMessage {
	return &sensoryv1.ChatMessage{
		Id: m.ID, Room: m.Room, From: m.Participant, Role: string(m.Role), Text: m.Text, To: m.To, ReplyTo: m.ReplyTo, Key: m.Key,
		SentAt: timestamppb.New(m.At), Spoken: m.Spoken, Heard: m.Heard,
	}
}
