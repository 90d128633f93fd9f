package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

func newRoomCommand() *cobra.Command {
	return group("room", "Show the rooms of a running program, and who is in them", newRoomListCommand(), newRoomStateCommand())
}

func newRoomListCommand() *cobra.Command {
	f := &callFlags{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rooms in which personas have seats",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return call(cmd, f, func(c *client.Client) (*sensoryv1.ListRoomsResponse, error) {
				return c.Rooms.ListRooms(cmd.Context(), &sensoryv1.ListRoomsRequest{})
			}, func(out *sensoryv1.ListRoomsResponse) string {
				var s strings.Builder
				for _, r := range out.GetRooms() {
					s.WriteString(roomText(r))
				}
				return s.String()
			})
		},
	}
	f.register(cmd)
	return cmd
}

// roomText is a room in a line.
func roomText(r *sensoryv1.Room) string {
	state := "not open"
	if r.GetOpen() {
		state = "open"
	}
	names := make([]string, len(r.GetPersonas()))
	for i, p := range r.GetPersonas() {
		names[i] = printable.Cut(p, maxShown)
	}
	return fmt.Sprintf("%-20s %-22s %-8s %d of %d personas ready: %s\n", printable.Cut(r.GetName(), maxShown), printable.Text(r.GetHandle()), state,
		r.GetReady(), len(names), strings.Join(names, ", "))
}

func newRoomStateCommand() *cobra.Command {
	f := &callFlags{}
	cmd := &cobra.Command{
		Use:     "state ROOM",
		Short:   "Show who is in a room: who is heard, what the personas do, and why one says nothing",
		Example: "  sensory-agent room state lobby",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return call(cmd, f, func(c *client.Client) (*sensoryv1.GetRoomStateResponse, error) {
				return c.Rooms.GetRoomState(cmd.Context(), &sensoryv1.GetRoomStateRequest{Room: args[0]})
			}, roomStateText)
		},
	}
	f.register(cmd)
	return cmd
}

func roomStateText(out *sensoryv1.GetRoomStateResponse) string {
	var s strings.Builder
	s.WriteString(roomText(out.GetRoom()))
	for _, p := range out.GetPersonas() {
		fmt.Fprintf(&s, "  persona  %-20s %s\n", printable.Cut(p.GetName(), maxShown), personaText(p))
	}
	for _, p := range out.GetParticipants() {
		kind, media := "person", p.GetVideoPublished()
		if p.GetAgent() {
			kind = "agent"
		}
		if p.GetAudioPublished() {
			media = append([]string{"microphone"}, media...)
		}
		fmt.Fprintf(&s, "  %-8s %-20s %s; publishes %s; %d segments\n", kind, printable.Cut(p.GetIdentity(), maxShown), printable.Cut(p.GetState(), maxShown),
			printable.Cut(orNothing(strings.Join(media, ", ")), maxShown), p.GetTranscriptSegments())
	}
	return s.String()
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// personaText says how a persona is.
func personaText(p *sensoryv1.PersonaState) string {
	parts := []string{printable.Text(p.GetSeat())}
	if p.GetState() != "" {
		parts = append(parts, printable.Text(p.GetState()))
	}
	if p.GetReady() {
		parts = append(parts, "ready")
	}
	if p.GetMuted() {
		parts = append(parts, "muted")
	}
	s := fmt.Sprintf("%s; %d segments", strings.Join(parts, ", "), p.GetTranscriptSegments())
	if q := p.GetSilence(); q != nil {
		s += fmt.Sprintf("; silent in turn %d: %s", q.GetTurn(), printable.Text(q.GetReason()))
	}
	if p.GetError() != "" {
		s += ": " + printable.Cut(p.GetError(), maxShown)
	}
	return s
}

func newQuestionCommand() *cobra.Command {
	f, in := &callFlags{}, &sensoryv1.PublishStimulusRequest{}
	cmd := &cobra.Command{
		Use:   "ask --room ROOM TEXT",
		Short: "Put a question to the personas of a room, as if somebody had typed it there",
		Long: `Returns when the room has taken the question. The answer is heard and read in the room. Nothing of it is kept as a message: chat send does
that.`,
		Example: "  sensory-agent ask --room lobby \"Who is there?\"\n  sensory-agent ask --room lobby --to max \"And you?\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Text = args[0]
			return call(cmd, f, func(c *client.Client) (*sensoryv1.PublishStimulusResponse, error) {
				return c.Rooms.PublishStimulus(cmd.Context(), in)
			}, func(*sensoryv1.PublishStimulusResponse) string { return "asked\n" })
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&in.Room, "room", "", "name or handle of the room")
	cmd.Flags().StringVar(&in.From, "from", "operator", "who asks, as the room is to know them")
	cmd.Flags().StringSliceVar(&in.To, "to", nil, "the persona that is meant; may be repeated (default: the room's policy decides)")
	return cmd
}
