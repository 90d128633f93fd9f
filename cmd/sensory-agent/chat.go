package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

// chats is a chat that is kept somewhere: behind a running program, or in its file.
type chats interface {
	list(ctx context.Context, q store.ChatQuery) ([]store.Message, error)
	// export calls each for every message of a room, in order.
	export(ctx context.Context, room string, each func(store.Message) error) error
	// turns calls each for the turns chosen, in the order in which they ended.
	turns(ctx context.Context, q store.TurnQuery, each func(store.Turn) error) error
	close() error
}

// chatFlags say which chat is read.
type chatFlags struct {
	sourceFlags
	asJSON bool
}

func newChatCommand(root *rootFlags) *cobra.Command {
	cmd := group("chat", "What is written in rooms: send, list, export; what came of each turn",
		newChatSendCommand(root), newChatListCommand(chatting(root)), newChatExportCommand(chatting(root)), newChatTurnsCommand(chatting(root)))
	cmd.Long = `Messages of rooms, as serve --store keeps them: what people typed there, what was sent with chat send,
and what personas wrote. A message is durable when it has its id; replies name the message that
they answer. The commands ask a program that runs with serve --listen --store. With --store, or with
--offline, all but send read its store, whether it runs or not.`
	return cmd
}

func chatting(root *rootFlags) *chatFlags { return &chatFlags{sourceFlags: sourceFlags{root: root}} }

func (f *chatFlags) register(cmd *cobra.Command) {
	f.sourceFlags.register(cmd.Flags(), "read this store, which serve --store writes, and ask nobody")
}

func (f *chatFlags) registerJSON(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
}

// open finds what is read.
func (f *chatFlags) open(cmd *cobra.Command) (chats, error) {
	stored, err := f.stored(cmd)
	if err != nil {
		return nil, err
	}
	if !stored {
		return f.program(cmd)
	}
	place, err := f.place(cmd)
	if err != nil {
		return nil, err
	}
	db, err := store.OpenReader(cmd.Context(), place)
	if err != nil {
		return nil, err
	}
	return fileChats{db}, nil
}

// fileChats is a chat in a file.
type fileChats struct{ db *store.DB }

func (c fileChats) list(ctx context.Context, q store.ChatQuery) ([]store.Message, error) {
	return c.db.ListChat(ctx, q)
}

func (c fileChats) export(ctx context.Context, room string, each func(store.Message) error) error {
	return c.db.ExportChat(ctx, store.ChatQuery{Room: room}, each)
}

func (c fileChats) turns(ctx context.Context, q store.TurnQuery, each func(store.Turn) error) error {
	return c.db.Turns(ctx, q, each)
}

func (c fileChats) close() error { return c.db.Close() }

// chatLine is a message as it is printed with --json.
type chatLine struct {
	ID       string     `json:"id"`
	Room     string     `json:"room"`
	RoomName string     `json:"room_name,omitempty"`
	From     string     `json:"from"`
	Role     store.Role `json:"role"`
	Text     string     `json:"text"`
	To       []string   `json:"to,omitempty"`
	ReplyTo  string     `json:"reply_to,omitempty"`
	Key      string     `json:"key,omitempty"`
	At       time.Time  `json:"at"`
	Spoken   string     `json:"spoken,omitempty"`
	Heard    string     `json:"heard,omitempty"`
}

func lineOf(m *store.Message) chatLine {
	return chatLine{
		ID: m.ID, Room: m.Room, RoomName: m.RoomName, From: m.Participant, Role: m.Role, Text: m.Text, To: m.To, ReplyTo: m.ReplyTo, Key: m.Key, At: m.At,
		Spoken: m.Spoken, Heard: m.Heard,
	}
}

// printChat prints a message, as JSON or as a line of text.
func printChat(cmd *cobra.Command, m *store.Message, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(lineOf(m))
	}
	answers := ""
	if m.ReplyTo != "" {
		answers = " (to " + printable.Text(m.ReplyTo) + ")"
	}
	switch m.Spoken {
	case "", store.Whole:
	case store.Speaking:
		answers += " [being spoken]"
	default:
		answers += fmt.Sprintf(" [%s; people heard %q]", m.Spoken, printable.Text(m.Heard))
	}
	room := m.RoomName
	if room == "" {
		room = m.Room
	}
	return printText(cmd.OutOrStdout(), "%s  %s  %-12s %-12s %s%s\n", m.ID, m.At.Local().Format("2006-01-02 15:04:05"),
		printable.Text(room), printable.Text(m.Participant), printable.Text(m.Text), answers)
}

func newChatListCommand(f *chatFlags) *cobra.Command {
	var q store.ChatQuery
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Print the newest messages of a room, the oldest of them first",
		Example: "  sensory-agent chat list --room lobby\n  sensory-agent chat list --store transcripts.db --room lobby --limit 20 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if q.Limit < 0 || q.Limit > store.MaxListed {
				return usageError{fmt.Errorf("--limit %d: use 1 to %d, or chat export for everything", q.Limit, store.MaxListed)}
			}
			from, err := f.open(cmd)
			if err != nil {
				return err
			}
			defer closing(&err, from.close)
			list, err := from.list(cmd.Context(), q)
			if err != nil {
				return unread(err)
			}
			for i := range list {
				if err := printChat(cmd, &list[i], f.asJSON); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.register(cmd)
	f.registerJSON(cmd)
	fs := cmd.Flags()
	fs.StringVar(&q.Room, "room", "", "of this room, by its name or handle (with --store: default all)")
	fs.StringVar(&q.After, "after", "", "only what came after the message of this id")
	fs.IntVar(&q.Limit, "limit", 0, fmt.Sprintf("only so many; 0 prints %d", store.ListedByDefault))
	return cmd
}

func newChatExportCommand(f *chatFlags) *cobra.Command {
	var room string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print everything that is kept of a room's chat as JSON lines, in order",
		Long: `Prints every message that is kept, one JSON object a line, in the order in which they were kept.
This is the authority: what is here was kept, what is not here was not.`,
		Example: "  sensory-agent chat export --room lobby > lobby.jsonl\n  sensory-agent chat export --store transcripts.db --room lobby | jq .text",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			from, err := f.open(cmd)
			if err != nil {
				return err
			}
			defer closing(&err, from.close)
			return unread(from.export(cmd.Context(), room, func(m store.Message) error { return printChat(cmd, &m, true) }))
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&room, "room", "", "of this room, by its name or handle (with --store: default all)")
	return cmd
}

// unread adds what to do about it to an error.
func unread(err error) error {
	if errors.Is(err, store.ErrNoRoom) {
		return fmt.Errorf("%w; a room is known from when somebody sits there or says something: see sensory-agent transcripts and status seats", err)
	}
	return err
}
