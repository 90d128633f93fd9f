package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
)

func newJoinCommand(root *rootFlags) *cobra.Command {
	var (
		connect connectFlags
		engine  engineFlags
		keep    storeFlags
		asJSON  bool
		listen  string
	)
	cmd := &cobra.Command{
		Use:   "join",
		Short: "Put one persona into a room and keep it there until interrupted",
		Example: "  sensory-agent join --url ws://127.0.0.1:7880 --api-key devkey --api-secret … --room lobby --profile embedded\n" +
			"  sensory-agent join --url wss://… --token … --voice kokoro:af_bella --json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := connect.complete(); err != nil {
				return err
			}
			var err error
			if engine.file, err = root.configure(cmd); err != nil {
				return err
			}
			return joinRoom(cmd, root, connect, engine, keep, listen, asJSON)
		},
	}
	connect.register(cmd, "persona")
	engine.register(cmd)
	keep.register(cmd)
	cmd.Flags().StringVar(&listen, "listen", "", "serve /healthz, /readyz, "+leasesPath+" and "+sessionsPath+" here, for example "+opsAddress)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

func (f *engineFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.profile, "profile", "standard", "what the persona must be able to do; embedded runs on a processor alone, text does not see, remote asks a server")
	cmd.Flags().StringVar(&f.voice, "voice", "", "voice: piper:NAME, kokoro:NAME or espeak (default that of the profile)")
	cmd.Flags().StringVar(&f.models, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
}

func joinRoom(cmd *cobra.Command, root *rootFlags, connect connectFlags, flags engineFlags, keep storeFlags, listen string, asJSON bool) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	out := newTimeline(cmd.OutOrStdout(), asJSON)
	pages, err := startOps(listen)
	if err != nil {
		return err
	}
	defer closing(&err, pages.close)
	engine, res, err := flags.open(cmd.Context(), log, nil)
	if err != nil {
		return err
	}
	defer closing(&err, engine.Close)
	pages.engine.Store(engine)
	kept, err := keep.open(cmd.Context(), engine, agent.TranscriptConfig{Logger: log, Report: func(err error) {
		out.print(line{Event: "problem", Who: connect.identity, Error: err.Error()})
	}})
	if err != nil {
		return err
	}
	if kept != nil {
		defer closing(&err, kept.Close)
		pages.kept.Store(kept)
	}
	out.print(line{Event: "ready", Detail: res.Reason})
	cfg := agent.Config{
		Transcripts: kept,
		URL:         connect.url, APIKey: connect.key, APISecret: connect.secret, Token: connect.token,
		Room: connect.room, Identity: connect.identity, Name: connect.name, Logger: log,
		Observe: func(e agent.Event) {
			if l, ok := agentLine(connect.identity, e); ok {
				out.print(l)
			}
		},
	}
	return errors.Join(stayJoined(cmd.Context(), engine, cfg, pages), out.err())
}

// stayJoined keeps a persona in its room until ctx ends. The server closes a room some time after the last human has left; the persona
// then opens it again and waits for the next one. Every other end is an error.
func stayJoined(ctx context.Context, engine *agent.Engine, cfg agent.Config, pages *ops) error {
	for {
		session, err := agent.Join(ctx, engine, cfg)
		if err != nil {
			return err
		}
		pages.ready.Store(true)
		select {
		case <-ctx.Done():
		case <-session.Done():
		}
		pages.ready.Store(false)
		err = errors.Join(session.Err(), session.Close())
		if ctx.Err() != nil || !errors.Is(err, agent.ErrRoomClosed) {
			return err
		}
	}
}
