package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/internal/access"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

const (
	opsAddress = "127.0.0.1:8081"
	// opsTokenEnv holds the token of --listen, for those who serve and those who ask.
	opsTokenEnv = "SENSORY_AGENT_LISTEN_TOKEN" // a variable's name
)

// opsFlags say where a running persona answers.
type opsFlags struct{ address, tokenFile string }

func (f *opsFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.address, "listen", "", "serve the console, the API, "+ops.HealthPath+", "+ops.ReadyPath+" and "+telemetry.Path+" here, for example "+opsAddress)
	fs.StringVar(&f.tokenFile, "listen-token-file", "", "ask for the token in this file, as it is at each call ["+opsTokenEnv+"]; needed beyond loopback")
}

// config is what to serve. A token without an address is none: the environment may hold one for
// other commands.
func (f *opsFlags) config() (ops.Config, error) {
	c := ops.Config{Address: f.address}
	if c.Address == "" {
		return c, nil
	}
	token, err := opsToken(f.tokenFile, "listen-token")
	if err != nil {
		return c, err
	}
	c.Token = token
	f.rotates(&c)
	if err := c.Validate(); err != nil {
		return c, usageError{fmt.Errorf("--listen: %w (see --listen-token-file)", err)}
	}
	return c, nil
}

// rotates has the file of the token read again when it is changed.
func (f *opsFlags) rotates(c *ops.Config) {
	if f.tokenFile != "" {
		c.Current, c.Changed = access.NewRotating("listen-token-file", f.tokenFile).Now, api.ErrTokenChanged
	}
}

// opsToken takes the token from a file, else from the environment.
func opsToken(file, flag string) (string, error) {
	var token string
	if err := fromFile(&token, flag, file); err != nil {
		return "", err
	}
	if token == "" {
		token = os.Getenv(opsTokenEnv)
	}
	return token, nil
}

// askFlags say which running persona is asked.
type askFlags struct{ address, tokenFile string }

const (
	askFlag      = "address"
	askTokenFlag = "token-file"
)

func (f *askFlags) register(cmd *cobra.Command) { f.registerIn(cmd.Flags()) }

func (f *askFlags) registerIn(fs *pflag.FlagSet) {
	fs.StringVar(&f.address, askFlag, opsAddress, "where serve or join --listen serves")
	fs.StringVar(&f.tokenFile, askTokenFlag, "", "the token of serve or join --listen-token-file ["+opsTokenEnv+"]")
}

// given tells whether a flag says who is asked.
func (f *askFlags) given(cmd *cobra.Command) bool {
	return cmd.Flags().Changed(askFlag) || cmd.Flags().Changed(askTokenFlag)
}

func (f *askFlags) fetch(cmd *cobra.Command, path string) ([]byte, error) {
	token, err := opsToken(f.tokenFile, "token")
	if err != nil {
		return nil, err
	}
	body, err := ops.Fetch(cmd.Context(), f.address, token, path)
	if errors.Is(err, ops.ErrConfig) {
		return nil, usageError{err}
	}
	return body, err
}

// newHealthCommand asks a running persona; container health checks use it, since their images have
// no HTTP client.
func newHealthCommand() *cobra.Command {
	var ask askFlags
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running persona on this machine whether it is in its room",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			body, err := ask.fetch(cmd, ops.ReadyPath)
			if err != nil {
				return err
			}
			return printText(cmd.OutOrStdout(), "%s", body)
		},
	}
	ask.register(cmd)
	return cmd
}
