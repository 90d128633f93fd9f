package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

func newPersonaCommand() *cobra.Command {
	return group("persona", "Seat, show, mute and remove personas of a running program", newPersonaSpawnCommand(), newPersonaShowCommand(), newPersonaRemoveCommand(), newPersonaMuteCommand(), newPersonaNextCommand(), newPersonaStopCommand())
}

func newPersonaSpawnCommand() *cobra.Command {
	f, p, in := &callFlags{}, &sensoryv1.Persona{}, ""
	cmd := &cobra.Command{
		Use:   "spawn --room ROOM NAME",
		Short: "Seat a persona in a room beside those of the configuration file",
		Long: `Returns when the persona is in the room. It stays until persona remove, or until the program ends; reading the configuration file again does
not touch it.`,
		Example: "  sensory-agent persona spawn --room lobby --profile text --voice espeak --prompt \"You are Eve. Be brief.\" eve",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Name = args[0]
			return call(cmd, f, func(c *client.Client) (*sensoryv1.SpawnPersonaResponse, error) {
				return c.Personas.SpawnPersona(cmd.Context(), &sensoryv1.SpawnPersonaRequest{Room: in, Persona: p})
			}, func(*sensoryv1.SpawnPersonaResponse) string { return seatedText(args[0], "is in", in) })
		},
	}
	f.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&in, "room", "", "name of the room; it is opened where it is not open")
	fs.StringVar(&p.Identity, "identity", "", "who it is in the room (default its name)")
	fs.StringVar(&p.Profile, "profile", defaultProfile, profileUsage)
	fs.StringVar(&p.Voice, "voice", "", "the voice it speaks with, for example piper:en_US-joe-medium (default the profile's)")
	fs.StringVar(&p.Prompt, "prompt", "", "what it is told to be")
	fs.StringVar(&p.Greeting, "greeting", "", "what it says once, when the first human is there")
	fs.StringSliceVar(&p.Aliases, "alias", nil, "another name that it answers to; may be repeated")
	fs.StringSliceVar(&p.Specialty, "specialty", nil, "a word for what it knows about; may be repeated")
	fs.Int32Var(&p.AnswerTokens, "answer-tokens", 0, "the most tokens of an answer (default the program's)")
	fs.StringVar(&p.History, "history", "", "what it knows of what was said before: room, off or stored (default room)")
	fs.StringVar(&p.Remember, "remember", "", "what it remembers beyond a conversation: never, on_request or auto")
	return cmd
}

// seatedText says what became of a persona.
func seatedText(name, what, room string) string {
	return fmt.Sprintf("%s %s room %s\n", printable.Cut(name, maxShown), what, printable.Cut(room, maxShown))
}

func newPersonaRemoveCommand() *cobra.Command {
	f, in := &callFlags{}, &sensoryv1.RemovePersonaRequest{}
	cmd := &cobra.Command{
		Use:   "remove --room ROOM NAME",
		Short: "Have a persona that was spawned leave its room, in order",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Persona = args[0]
			return call(cmd, f, func(c *client.Client) (*sensoryv1.RemovePersonaResponse, error) {
				return c.Personas.RemovePersona(cmd.Context(), in)
			}, func(*sensoryv1.RemovePersonaResponse) string { return seatedText(in.Persona, "has left", in.Room) })
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&in.Room, "room", "", "name or handle of the room")
	return cmd
}

func newPersonaMuteCommand() *cobra.Command {
	f, in, off := &callFlags{}, &sensoryv1.MutePersonaRequest{}, false
	cmd := &cobra.Command{
		Use:   "mute --room ROOM NAME",
		Short: "Have a persona say nothing, or speak again (--off); it goes on listening",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Persona, in.Muted = args[0], !off
			return call(cmd, f, func(c *client.Client) (*sensoryv1.MutePersonaResponse, error) {
				return c.Personas.MutePersona(cmd.Context(), in)
			}, func(*sensoryv1.MutePersonaResponse) string {
				if off {
					return seatedText(in.Persona, "may speak again in", in.Room)
				}
				return seatedText(in.Persona, "is muted in", in.Room)
			})
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&in.Room, "room", "", "name or handle of the room")
	cmd.Flags().BoolVar(&off, "off", false, "have it speak again")
	return cmd
}

func newPersonaNextCommand() *cobra.Command {
	f, in := &callFlags{}, &sensoryv1.SpeakNextRequest{}
	cmd := &cobra.Command{
		Use:   "next --room ROOM NAME",
		Short: "Have a persona's reply that waits be heard before the others that wait",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Persona = args[0]
			return call(cmd, f, func(c *client.Client) (*sensoryv1.SpeakNextResponse, error) {
				return c.Personas.SpeakNext(cmd.Context(), in)
			}, func(*sensoryv1.SpeakNextResponse) string { return seatedText(in.Persona, "speaks next in", in.Room) })
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&in.Room, "room", "", "name or handle of the room")
	return cmd
}

func newPersonaStopCommand() *cobra.Command {
	f, in := &callFlags{}, &sensoryv1.StopSpeakingRequest{}
	cmd := &cobra.Command{
		Use:   "stop --room ROOM [NAME]",
		Short: "End what a persona, or everybody, is saying or about to say; they go on listening",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Persona = strings.Join(args, "")
			return call(cmd, f, func(c *client.Client) (*sensoryv1.StopSpeakingResponse, error) {
				return c.Personas.StopSpeaking(cmd.Context(), in)
			}, func(out *sensoryv1.StopSpeakingResponse) string {
				return fmt.Sprintf("%d replies were ended in room %s\n", out.GetStopped(), printable.Cut(in.Room, maxShown))
			})
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&in.Room, "room", "", "name or handle of the room")
	return cmd
}

func newPersonaShowCommand() *cobra.Command {
	f, in := &callFlags{}, &sensoryv1.GetPersonaRequest{}
	cmd := &cobra.Command{
		Use:   "show --room ROOM NAME",
		Short: "Show what a persona was made from, its prompt too, and who had it take its seat",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Persona = args[0]
			return call(cmd, f, func(c *client.Client) (*sensoryv1.GetPersonaResponse, error) {
				return c.Personas.GetPersona(cmd.Context(), in)
			}, definitionText)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&in.Room, "room", "", "name or handle of the room")
	return cmd
}

// definitionText is what a persona was made from, a field a line, as a configuration file calls
// them.
func definitionText(out *sensoryv1.GetPersonaResponse) string {
	var s strings.Builder
	p, idle := out.GetPersona(), out.GetPersona().GetIdle()
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&s, "%-10s %s\n", key, printable.Lines(value))
		}
	}
	line("name", p.GetName())
	line("seated by", out.GetBy())
	line("identity", p.GetIdentity())
	line("profile", p.GetProfile())
	line("voice", p.GetVoice())
	line("prompt", p.GetPrompt())
	line("greeting", p.GetGreeting())
	if idle != nil {
		line("idle", fmt.Sprintf("after %v: %s", time.Duration(idle.GetAfterMs())*time.Millisecond, idle.GetSay()))
	}
	line("aliases", strings.Join(p.GetAliases(), ", "))
	line("specialty", strings.Join(p.GetSpecialty(), ", "))
	if n := p.GetAnswerTokens(); n > 0 {
		line("answer", fmt.Sprintf("%d tokens", n))
	}
	line("history", p.GetHistory())
	line("remember", p.GetRemember())
	return s.String()
}
