package main

import (
	"errors"

	"connectrpc.com/connect"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sensory-agent/sensory-agent/api/client"
)

// sourceFlags say what is asked of what is kept: a running program, or its store, without it.
// Nothing but a flag chooses the store.
type sourceFlags struct {
	root    *rootFlags
	ask     askFlags
	at      placeFlags
	offline bool
}

func (f *sourceFlags) register(fs *pflag.FlagSet, use string) {
	f.ask.registerIn(fs)
	f.at.register(fs, use)
	fs.BoolVar(&f.offline, "offline", false, "ask nobody: use the store that the configuration file or the environment names")
}

// stored tells whether the store is used, and nobody is asked.
func (f *sourceFlags) stored(cmd *cobra.Command) (bool, error) {
	stored := f.offline || f.at.given(cmd)
	if stored && f.ask.given(cmd) {
		return false, usageError{errors.New("--address and --token-file ask a running program; --store, --store-address-file and --offline use the store without it: leave one of them out")}
	}
	return stored, nil
}

// place finds the store.
func (f *sourceFlags) place(cmd *cobra.Command) (string, error) {
	file, err := f.root.configure(cmd)
	if err != nil {
		return "", err
	}
	return f.at.need(cmd, file)
}

// program finds the running program.
func (f *sourceFlags) program(cmd *cobra.Command) (program chatClient, err error) {
	if _, err := f.root.configure(cmd); err != nil {
		return chatClient{}, err
	}
	return f.ask.chat()
}

// unanswered is answered for what needs no store.
func unanswered(address string, err error) error {
	if errors.Is(err, client.ErrNoAnswer) {
		return err // it says where nobody is
	}
	return answered(address, err)
}

// answered is what a running program said, as this one ends with it.
func answered(address string, err error) error {
	var told *client.Error
	switch {
	case errors.Is(err, client.ErrNoAnswer):
		return errNoProgram(address, err)
	case errors.As(err, &told) && told.Code == connect.CodeInvalidArgument:
		return usageError{err}
	}
	return err
}
