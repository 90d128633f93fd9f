package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
)

const (
	opsAddress = "127.0.0.1:8081"
	opsLimit   = 5 * time.Second // of one request, and of ending the server
	opsAnswer  = 4 << 20         // bytes of an answer that status reads
)

// ops serves what an operator asks a running persona: whether it lives, whether it is ready, what it is doing.
type ops struct {
	server *http.Server
	ended  chan error
	ready  atomic.Bool                  // a persona is in its room
	engine atomic.Pointer[agent.Engine] // set when the models are loaded
	kept   atomic.Pointer[agent.Transcripts]
}

// startOps listens on address; an empty one serves nothing.
func startOps(address string) (*ops, error) {
	o := &ops{ended: make(chan error, 1)}
	if address == "" {
		o.ended <- nil
		return o, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if o.ready.Load() {
			answer(w, http.StatusOK, "listening")
			return
		}
		answer(w, http.StatusServiceUnavailable, "not in a room")
	})
	o.serve(mux, leasesPath, func(e *agent.Engine) any { return e.Compute() })
	o.serve(mux, sessionsPath, func(e *agent.Engine) any { return e.Sessions() })
	mux.HandleFunc("GET "+storePath, func(w http.ResponseWriter, _ *http.Request) {
		if kept := o.kept.Load(); kept != nil {
			answer(w, http.StatusOK, kept.Stats())
			return
		}
		answer(w, http.StatusNotFound, "nothing is kept: see join --store")
	})
	o.server = &http.Server{Handler: mux, ReadTimeout: opsLimit, WriteTimeout: opsLimit}
	go func() {
		err := o.server.Serve(l)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		o.ended <- err
	}()
	return o, nil
}

// serve answers a path from the engine, once there is one.
func (o *ops) serve(mux *http.ServeMux, path string, what func(*agent.Engine) any) {
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		if engine := o.engine.Load(); engine != nil {
			answer(w, http.StatusOK, what(engine))
			return
		}
		answer(w, http.StatusServiceUnavailable, "the models are being loaded")
	})
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client went away; there is nobody to tell
}

// close ends the server and waits for it.
func (o *ops) close() error {
	if o.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), opsLimit)
	defer cancel()
	return errors.Join(o.server.Shutdown(ctx), <-o.ended)
}

// newHealthCommand asks a running persona; container health checks use it, since their images have no HTTP client.
func newHealthCommand() *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running persona on this machine whether it is in its room",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			body, err := fetchOps(cmd.Context(), address, "/readyz")
			if err != nil {
				return err
			}
			return printText(cmd.OutOrStdout(), "%s", body)
		},
	}
	cmd.Flags().StringVar(&address, "address", opsAddress, "where join --listen serves")
	return cmd
}

func fetchOps(ctx context.Context, address, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, opsLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, usageError{err}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("nothing answers at %s (is a persona running with --listen?): %w", address, err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, opsAnswer))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s: %s", address, resp.Status, body)
	}
	return body, nil
}
