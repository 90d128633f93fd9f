package main

import (
	"bytes"
	"encoding/json"
	"errors"

	"connectrpc.com/connect"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/api/client"
)

// callFlags say which running program is called, and how its answer is printed.
type callFlags struct {
	askFlags
	asJSON bool
}

func (f *callFlags) register(cmd *cobra.Command) {
	f.askFlags.register(cmd)
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON instead of text")
}

// dial makes a client of a running program, with the token of a file or of the environment.
func dial(address, tokenFile string) (*client.Client, error) {
	token, err := opsToken(tokenFile, "token")
	if err != nil {
		return nil, err
	}
	c, err := client.New(address, token)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// call makes a call and prints its answer: text makes it readable.
func call[T proto.Message](cmd *cobra.Command, f *callFlags, ask func(*client.Client) (T, error), text func(T) string) error {
	c, err := dial(f.address, f.tokenFile)
	if err != nil {
		return err
	}
	defer c.Close()
	out, err := ask(c)
	var told *client.Error
	if errors.As(err, &told) && told.Code == connect.CodeInvalidArgument {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if f.asJSON {
		return printMessage(cmd, out)
	}
	return printText(cmd.OutOrStdout(), "%s", text(out))
}

// printMessage prints a message of the API as curl gets it, with every field, and indented.
func printMessage(cmd *cobra.Command, m proto.Message) error {
	text, err := compactJSON(m, true)
	if err != nil {
		return err
	}
	return printJSON(cmd.OutOrStdout(), json.RawMessage(text))
}

// printLine prints a message of the API as one line of JSON, as curl gets it.
func printLine(cmd *cobra.Command, m proto.Message) error {
	text, err := compactJSON(m, false)
	if err != nil {
		return err
	}
	return printText(cmd.OutOrStdout(), "%s\n", text)
}

// compactJSON is a message as JSON; protojson varies its spaces.
func compactJSON(m proto.Message, whole bool) ([]byte, error) {
	text, err := protojson.MarshalOptions{EmitUnpopulated: whole}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var same bytes.Buffer
	err = json.Compact(&same, text)
	return same.Bytes(), err
}
