package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
)

func newChatSendCommand(root *rootFlags) *cobra.Command {
	var m agent.ChatSend
	var ask askFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "send TEXT",
		Short: "Send a message to a room's chat; when it answers with an id, the message is kept",
		Long: `Keeps a message and puts it to the room, as if it had been typed in the room's chat: whoever is meant
by it answers, and people in the room see it. It asks a program that runs with serve --listen
--store, and prints the id that the store gave the message. Replies are messages that name it.
With --key, sending it again is no second message.`,
		Example: "  sensory-agent chat send --room lobby 'Iris, what do you see?'\n" +
			"  sensory-agent chat send --room lobby --from ada --to iris --to max --key $(uuidgen) --json 'what is this?'",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := root.configure(cmd); err != nil {
				return err
			}
			m.Text = args[0]
			return sendChat(cmd, &ask, m, asJSON)
		},
	}
	ask.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&m.Room, "room", "", "to this room, by its name or handle")
	fs.StringVar(&m.From, "from", "operator", "identity of who writes it")
	fs.StringArrayVar(&m.To, "to", nil, "for this persona, whatever the text says; may be given several times")
	fs.StringVar(&m.ReplyTo, "reply-to", "", "id of the message that it answers")
	fs.StringVar(&m.Key, "key", "", "your name for it: the same one again is the same message")
	fs.BoolVar(&asJSON, "json", false, "print the message as a JSON object instead of its id")
	return cmd
}

// sendChat sends a message and prints it, or its id.
func sendChat(cmd *cobra.Command, ask *askFlags, m agent.ChatSend, asJSON bool) error {
	if m.Text == "" || m.Room == "" || m.From == "" {
		return usageError{errors.New("a message has a text, a --room and somebody who writes it (--from)")}
	}
	to, err := ask.chat()
	if err != nil {
		return err
	}
	defer to.program.Close()
	kept, err := to.send(cmd.Context(), m)
	if err != nil {
		return err
	}
	if asJSON {
		return printChat(cmd, &kept, true)
	}
	return printText(cmd.OutOrStdout(), "%s\n", kept.ID)
}

// errNoProgram says what to do where nobody answers.
func errNoProgram(address string, err error) error {
	return fmt.Errorf("%w: start one with serve --listen %s --store FILE, or read what is kept without one, with --offline (the configured store) or --store FILE", err, address)
}
