package api

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/store"
)

// Bounds of a page: messages of an export, and bytes of texts and of what was heard of them.
const (
	exportMessages = 500
	chatBytes      = 1 << 20
)

// messagePrefix begins the ids of messages, and no other token.
const messagePrefix = "m_"

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
	c := checked{}
	c.name("page_token", req.GetPageToken(), false)
	h, err := s.kept(c, req.GetRoom(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	list, err := h.ListChat(ctx, store.ChatQuery{Room: req.GetRoom(), After: req.GetPageToken(), Limit: int(req.GetPageSize()), Bytes: chatBytes})
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

// kept checks what asks for messages, beside what was found in it before.
func (s *chat) kept(c checked, which string, size int32) (Host, error) {
	c.name("room", which, true)
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

// ExportChat implements the call. A page's token is where it ends, whether that message is still
// kept or not; those of earlier versions are ids.
func (s *chat) ExportChat(ctx context.Context, req *sensoryv1.ExportChatRequest) (*sensoryv1.ExportChatResponse, error) {
	c := checked{}
	q := store.ChatQuery{Oldest: true, Limit: exportMessages, Bytes: chatBytes}
	if token := req.GetPageToken(); strings.HasPrefix(token, messagePrefix) {
		c.name("page_token", token, false)
		q.After = token
	} else {
		q.Behind = c.position("page_token", token)
	}
	h, err := s.kept(c, req.GetRoom(), 0)
	if err != nil {
		return nil, err
	}
	in, err := h.Store().Room(ctx, req.GetRoom())
	if err != nil {
		return nil, err
	}
	q.Room = in.Handle
	list, next, err := h.Store().ChatPage(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &sensoryv1.ExportChatResponse{Room: &sensoryv1.Room{Name: in.Name, Handle: in.Handle}, NextPageToken: token(next)}
	if seats := sitting(h, in.Name); len(seats) > 0 {
		out.Room = roomsOf(seats, map[string]string{in.Name: in.Handle})[0]
	}
	for i := range list {
		out.Messages = append(out.Messages, messageOf(&list[i]))
	}
	return out, nil
}

func messageOf(m *store.Message) *sensoryv1.ChatMessage {
	return &sensoryv1.ChatMessage{
		Id: m.ID, Room: m.Room, From: m.Participant, Role: string(m.Role), Text: m.Text, To: m.To, ReplyTo: m.ReplyTo, Key: m.Key,
		SentAt: timestamppb.New(m.At), Spoken: m.Spoken, Heard: m.Heard,
	}
}
