package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

const (
	opsAddress = "127.0.0.1:8081"
	// opsTokenEnv holds the token of --listen, for those who serve and those who ask.
	opsTokenEnv = "SENSORY_AGENT_LISTEN_TOKEN" // a variable's name
)

// Paths that a running persona serves.
const (
	leasesPath  = "/v1/leases"
	modelsPath  = "/v1/models"
	promptsPath = "/v1/prompts"
	storePath   = "/v1/store"
	limitsPath  = "/v1/limits"
)

// opsFlags say where a running persona answers.
type opsFlags struct {
	address, tokenFile string
	open               bool
}

func (f *opsFlags) register(cmd *cobra.Command) {
	paths := strings.Join([]string{ops.HealthPath, ops.ReadyPath, leasesPath, modelsPath, promptsPath, storePath, limitsPath}, ", ")
	fs := cmd.Flags()
	fs.StringVar(&f.address, "listen", "", "serve "+paths+" here, for example "+opsAddress)
	fs.StringVar(&f.tokenFile, "listen-token-file", "", "ask for the token in this file ["+opsTokenEnv+"]; needed beyond loopback")
	fs.BoolVar(&f.open, "listen-open", false, "serve beyond loopback without a token: everybody who reaches the port may ask")
}

// config is what to serve. A token without an address is none: the environment may hold one for other commands.
func (f *opsFlags) config() (ops.Config, error) {
	c := ops.Config{Address: f.address, Open: f.open}
	if c.Address == "" {
		return c, nil
	}
	token, err := opsToken(f.tokenFile, "listen-token")
	if err != nil {
		return c, err
	}
	c.Token = token
	if err := c.Validate(); err != nil {
		return c, usageError{fmt.Errorf("--listen: %w (see --listen-token-file and --listen-open)", err)}
	}
	return c, nil
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

// joined is what a running program knows of its persona, for those who ask from outside. Its fields are set by one goroutine and read by any.
type joined struct {
	stage   atomic.Pointer[string] // before it is in its room
	why     atomic.Pointer[string] // it is in its room and cannot do its work
	session atomic.Pointer[room.Room]
	resident
}

// at says what the persona is waiting for.
func (p *joined) at(stage string) { p.stage.Store(&stage) }

// line describes an event of the persona, and keeps the reason why it cannot do its work. That it can is news only when it could not. It is
// called by the session's goroutine.
func (p *joined) line(who string, e room.Event) (line, bool) {
	if e, ok := e.(room.ReadyChanged); ok {
		if e.Err == nil {
			if p.why.Swap(nil) == nil {
				return line{}, false
			}
		} else {
			why := e.Err.Error()
			p.why.Store(&why)
		}
	}
	return agentLine(who, e)
}

// ready is true only while the persona is connected and has the rights that it needs.
func (p *joined) ready() ops.Readiness {
	if s := p.session.Load(); s != nil {
		if s.Ready() {
			return p.degraded(ops.Readiness{Ready: true, State: "listening"})
		}
		r := ops.Readiness{State: "waiting"}
		if why := p.why.Load(); why != nil {
			r.Reason = *why
		}
		return r
	}
	if stage := p.stage.Load(); stage != nil {
		return ops.Readiness{State: *stage}
	}
	return ops.Readiness{State: "loading"}
}

func (p *joined) pages() []ops.Page {
	return append(p.resident.pages(), page(limitsPath, func() (any, error) {
		if s := p.session.Load(); s != nil {
			return s.Limits(), nil
		}
		return nil, errNoRoom
	}))
}

// errNoRoom says that a page has nothing to show.
var errNoRoom = errors.New("the persona is not in a room")

// askFlags say which running persona is asked.
type askFlags struct{ address, tokenFile string }

func (f *askFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.address, "address", opsAddress, "where join --listen serves")
	cmd.Flags().StringVar(&f.tokenFile, "token-file", "", "the token of join --listen-token-file ["+opsTokenEnv+"]")
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

// newHealthCommand asks a running persona; container health checks use it, since their images have no HTTP client.
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
