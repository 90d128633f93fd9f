package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/store"
)

// chatClient is the chat of a running program.
type chatClient struct {
	address string
	program *client.Client
}

// chat finds the program that is asked.
func (f *askFlags) chat() (chatClient, error) {
	c, err := dial(f.address, f.tokenFile)
	if err != nil {
		return chatClient{}, err
	}
	return chatClient{f.address, c}, nil
}

func (c chatClient) close() error {
	c.program.Close()
	return nil
}

func (c chatClient) send(ctx context.Context, m agent.ChatSend) (store.Message, error) {
	got, err := c.program.Chat.SendChat(ctx, &sensoryv1.SendChatRequest{Room: m.Room, From: m.From, Text: m.Text, To: m.To, ReplyTo: m.ReplyTo, Key: m.Key})
	if err != nil {
		return store.Message{}, answered(c.address, err)
	}
	return messageOf(got.GetMessage(), ""), nil
}

func (c chatClient) list(ctx context.Context, q store.ChatQuery) ([]store.Message, error) {
	if q.Room == "" {
		return nil, errNeedsRoom
	}
	most := cmp.Or(q.Limit, store.ListedByDefault)
	var out []store.Message
	for after := q.After; ; {
		got, err := c.program.Chat.ListChat(ctx, &sensoryv1.ListChatRequest{Room: q.Room, PageSize: int32(most - len(out)), PageToken: after}) // at most MaxListed
		if err != nil {
			return nil, answered(c.address, err)
		}
		for _, m := range got.GetMessages() {
			out = append(out, messageOf(m, ""))
		}
		if after = got.GetNextPageToken(); q.After == "" || len(got.GetMessages()) == 0 || len(out) == most { // the newest are one page
			return out, nil
		}
	}
}

func (c chatClient) export(ctx context.Context, room string, each func(store.Message) error) error {
	if room == "" {
		return errNeedsRoom
	}
	for after := ""; ; {
		got, err := c.program.Chat.ExportChat(ctx, &sensoryv1.ExportChatRequest{Room: room, PageToken: after})
		if err != nil {
			return answered(c.address, err)
		}
		for _, m := range got.GetMessages() {
			if err := each(messageOf(m, got.GetRoom().GetName())); err != nil {
				return err
			}
		}
		if after = got.GetNextPageToken(); after == "" {
			return nil
		}
	}
}

// mostTurns is how many turns a running program lists on a page, and as the newest.
const mostTurns = 50

func (c chatClient) turns(ctx context.Context, q store.TurnQuery, each func(store.Turn) error) error {
	if q.Limit > mostTurns {
		return usageError{fmt.Errorf("--limit: a running program lists the newest %d turns at most; leave it out for all, or read the store", mostTurns)}
	}
	req := &sensoryv1.ListTurnsRequest{Room: q.Room, Message: q.Message, PageSize: mostTurns, Newest: int32(q.Limit)} // checked
	for {
		got, err := c.program.Turns.ListTurns(ctx, req)
		if err != nil {
			return answered(c.address, err)
		}
		for _, t := range got.GetTurns() {
			if err := each(api.TurnFrom(t)); err != nil {
				return err
			}
		}
		if req.PageToken = got.GetNextPageToken(); req.PageToken == "" {
			return nil
		}
	}
}

// errNeedsRoom says that a program is asked for one room at a time.
var errNeedsRoom = usageError{errors.New("say which room with --room; only a file (--store) is read for all rooms")}

// messageOf is a message of the API as the store has it, without its place.
func messageOf(m *sensoryv1.ChatMessage, roomName string) store.Message {
	return store.Message{
		ID: m.GetId(), Room: m.GetRoom(), RoomName: roomName, Participant: m.GetFrom(), Role: store.Role(m.GetRole()), Text: m.GetText(),
		To: m.GetTo(), ReplyTo: m.GetReplyTo(), Key: m.GetKey(), At: m.GetSentAt().AsTime(),
		Spoken: m.GetSpoken(), Heard: m.GetHeard(),
	}
}
