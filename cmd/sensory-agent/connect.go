package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/internal/access"
)

// tokenEnv holds a token where no flag does.
const tokenEnv = "LIVEKIT_TOKEN" // a variable's name

// connectFlags say which server and room a command joins.
type connectFlags struct {
	access.Access
	secretFile, tokenFile string
}

func (f *connectFlags) register(cmd *cobra.Command, identity string) {
	fs := cmd.Flags()
	f.registerServer(cmd)
	fs.StringVar(&f.Token, "token", "", "join with this token instead of minting one; others on this machine can see it: rather [LIVEKIT_TOKEN]")
	fs.StringVar(&f.tokenFile, "token-file", "", "join with the token in this file")
	fs.StringVar(&f.Room, "room", "", "room to join (default: that of the token)")
	fs.StringVar(&f.Identity, "identity", identity, "identity in the room")
	fs.StringVar(&f.Name, "name", "", "name shown in the room (default: the identity)")
}

// registerServer adds the flags of the server and its key pair.
func (f *connectFlags) registerServer(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.URL, "url", os.Getenv("LIVEKIT_URL"), "server address, for example ws://127.0.0.1:7880 [LIVEKIT_URL]")
	f.registerPair(cmd)
}

// registerPair adds the flags of the key pair. Secrets are no flag defaults, so that --help does
// not print them.
func (f *connectFlags) registerPair(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.Key, "api-key", os.Getenv("LIVEKIT_API_KEY"), "API key of the server [LIVEKIT_API_KEY]")
	fs.StringVar(&f.Secret, "api-secret", "", "API secret of the server; others on this machine can see it: rather [LIVEKIT_API_SECRET]")
	fs.StringVar(&f.secretFile, "api-secret-file", "", "API secret of the server, in this file")
}

// complete takes secrets from files and the environment and checks everything that can be checked
// without the server.
func (f *connectFlags) complete(cmd *cobra.Command) error {
	if err := f.secrets(cmd); err != nil {
		return err
	}
	f.IdentityGiven, f.NameGiven = cmd.Flags().Changed("identity"), cmd.Flags().Changed("name")
	if err := f.Complete(time.Now()); err != nil {
		return usageError{err}
	}
	return nil
}

// completeServer takes secrets from files and the environment and checks the server and the key
// pair.
func (f *connectFlags) completeServer(cmd *cobra.Command) error {
	if err := f.secrets(cmd); err != nil {
		return err
	}
	f.Token = "" // one of the environment is for a room, and this is for many
	if err := f.CompletePair(); err != nil {
		return usageError{err}
	}
	return nil
}

// config is the connection of a persona with these flags.
func (f *connectFlags) config() lk.Config {
	return lk.Config{
		URL: f.URL, Token: f.Token, APIKey: f.Key, APISecret: f.Secret,
		Room: f.Room, Identity: f.Identity, Name: f.Name, Agent: true,
	}
}

// secrets looks for the secrets in the order flag, file, environment. A key pair on the command
// line wins over a token of the environment.
func (f *connectFlags) secrets(cmd *cobra.Command) error {
	if err := fromFile(&f.Secret, "api-secret", f.secretFile); err != nil {
		return err
	}
	if err := fromFile(&f.Token, "token", f.tokenFile); err != nil {
		return err
	}
	given := cmd.Flags().Changed("api-key") || f.Secret != ""
	if f.Token == "" && !given {
		f.Token = os.Getenv(tokenEnv)
	}
	if f.Secret == "" {
		f.Secret = os.Getenv("LIVEKIT_API_SECRET")
	}
	return nil
}

// fromFile reads the secret of a flag from the file that --FLAG-file names. Both at once
// contradict.
func fromFile(secret *string, flag, path string) error {
	if path == "" {
		return nil
	}
	if *secret != "" {
		return usageError{&access.Error{Flag: flag + "-file", Problem: "--" + flag + " is given too: leave one of them out"}}
	}
	var err error
	if *secret, err = access.SecretFile(flag+"-file", path); err != nil {
		return usageError{err}
	}
	return nil
}
