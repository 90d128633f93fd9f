package main

import (
	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
)

func newJoinCommand(root *rootFlags) *cobra.Command {
	var (
		connect connectFlags
		engine  engineFlags
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
			return joinRoom(cmd, root, connect, engine, listen, asJSON)
		},
	}
	connect.register(cmd, "persona")
	engine.register(cmd)
	cmd.Flags().StringVar(&listen, "listen", "", "serve /healthz, /readyz and "+leasesPath+" here, for example "+opsAddress)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

func (f *engineFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.profile, "profile", "standard", "what the persona must be able to do; embedded runs on a processor alone")
	cmd.Flags().StringVar(&f.voice, "voice", "piper:en_US-joe-medium", "voice: piper:NAME, kokoro:NAME or espeak")
	cmd.Flags().StringVar(&f.models, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
}

func joinRoom(cmd *cobra.Command, root *rootFlags, connect connectFlags, flags engineFlags, listen string, asJSON bool) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	out := newTimeline(cmd.OutOrStdout(), asJSON)
	engine, res, err := flags.open(cmd.Context(), log, nil)
	if err != nil {
		return err
	}
	defer closing(&err, engine.Close)
	pages, err := startOps(listen, map[string]func() any{leasesPath: func() any { return engine.Compute() }})
	if err != nil {
		return err
	}
	defer closing(&err, pages.close)
	out.print(line{Event: "ready", Detail: res.Reason})
	session, err := agent.Join(cmd.Context(), engine, agent.Config{
		URL: connect.url, APIKey: connect.key, APISecret: connect.secret, Token: connect.token,
		Room: connect.room, Identity: connect.identity, Name: connect.name, Logger: log,
		Observe: func(e agent.Event) {
			if l, ok := agentLine(connect.identity, e); ok {
				out.print(l)
			}
		},
	})
	if err != nil {
		return err
	}
	defer closing(&err, session.Close)
	pages.ready.Store(true)
	defer pages.ready.Store(false)
	select {
	case <-cmd.Context().Done():
		return out.err()
	case <-session.Done():
		return session.Err()
	}
}
