package main

import (
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/crowd/listen"
)

func newBenchListenCommand() *cobra.Command {
	var cfg listen.Config
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Processor time and memory of a persona that hears one microphone and sees one camera while nobody speaks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if cfg.Binary, err = self(); err != nil {
				return err
			}
			cfg.Host, cfg.Stderr = hostLine("this machine"), cmd.ErrOrStderr()
			r, err := listen.Run(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			return printText(cmd.OutOrStdout(), "%s", r.Text(cfg))
		},
	}
	cmd.Flags().DurationVar(&cfg.For, "duration", time.Minute, "how long to measure")
	cmd.Flags().DurationVar(&cfg.Warm, "warm", 10*time.Second, "how long to wait before measuring")
	cmd.Flags().StringVar(&cfg.Size, "size", "1280x720", "size of the camera picture")
	cmd.Flags().StringVar(&cfg.Codec, "codec", "vp8", "video codec")
	cmd.Flags().IntVar(&cfg.FPS, "fps", 30, "frames a second")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}
