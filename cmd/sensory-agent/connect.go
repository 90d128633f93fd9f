package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// connectFlags say which server and room a command joins.
type connectFlags struct {
	url, key, secret, token string
	room, identity, name    string
}

func (f *connectFlags) register(cmd *cobra.Command, identity string) {
	fs := cmd.Flags()
	fs.StringVar(&f.url, "url", os.Getenv("LIVEKIT_URL"), "server address, for example ws://127.0.0.1:7880 [LIVEKIT_URL]")
	fs.StringVar(&f.key, "api-key", os.Getenv("LIVEKIT_API_KEY"), "API key of the server [LIVEKIT_API_KEY]")
	fs.StringVar(&f.secret, "api-secret", "", "API secret of the server [LIVEKIT_API_SECRET]")
	fs.StringVar(&f.token, "token", "", "join with this token instead of minting one")
	fs.StringVar(&f.room, "room", "", "room to join")
	fs.StringVar(&f.identity, "identity", identity, "identity in the room")
	fs.StringVar(&f.name, "name", "", "name shown in the room (default: the identity)")
}

// complete takes the secret from the environment and checks what is needed. The secret is no flag default, so that --help does
// not print it.
func (f *connectFlags) complete() error {
	if f.secret == "" {
		f.secret = os.Getenv("LIVEKIT_API_SECRET")
	}
	if f.url == "" {
		return usageError{fmt.Errorf("no server: give --url or set LIVEKIT_URL; to try without one: sensory-agent demo")}
	}
	if f.token != "" {
		return nil
	}
	if f.room == "" {
		return usageError{fmt.Errorf("no room: give --room")}
	}
	if f.key == "" || f.secret == "" {
		return usageError{fmt.Errorf("no credentials: give --token, or --api-key and --api-secret (LIVEKIT_API_KEY, LIVEKIT_API_SECRET)")}
	}
	return nil
}
