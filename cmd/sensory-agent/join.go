package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/internal/ending"
)

// loadGrace is how long models that are being loaded may go on after a signal: nothing is held then
// but memory.
const loadGrace = 2 * time.Second

// defaultProfile is what every command asks for that is not told otherwise: what any machine can
// do.
const (
	defaultProfile = sensory.DefaultProfile
	profileUsage   = "what the persona must be able to do: embedded runs on any machine, standard needs a GPU, text does not see, assisted is told what adapters see, remote asks a server"
)

// joinFlags put one persona into one room.
type joinFlags struct {
	residentFlags
	// voiceOnly joins with a token that gives no right to send data.
	voiceOnly bool
}

func newJoinCommand(root *rootFlags) *cobra.Command {
	f := &joinFlags{}
	cmd := &cobra.Command{
		Use:   "join",
		Short: "Put one persona into a room and keep it there until interrupted",
		Example: "  LIVEKIT_API_SECRET=… sensory-agent join --url ws://127.0.0.1:7880 --api-key devkey --room lobby --profile embedded\n" +
			"  sensory-agent join --url wss://… --token-file /run/token --voice kokoro:af_bella --json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p := &joined{}
			p.seated = p.states
			return f.run(cmd, root, program{
				check: f.connect.complete, ready: p.ready, mount: f.mounts(&p.served), known: &p.resident, console: f.console,
				work: func(ctx context.Context, log *slog.Logger, out *timeline) error { return f.work(ctx, log, out, p) },
			})
		},
	}
	f.connect.register(cmd, "persona")
	f.engine.register(cmd)
	f.register(cmd)
	cmd.Flags().BoolVar(&f.voiceOnly, "voice-only", false, "join although the token gives no right to send data: no transcripts and no chat")
	return cmd
}

func (f *engineFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.profile, "profile", defaultProfile, profileUsage)
	cmd.Flags().StringVar(&f.voice, "voice", "", "voice: piper:NAME, kokoro:NAME or espeak (default that of the profile)")
	cmd.Flags().IntVar(&f.answerTokens, "answer-tokens", 0, "tokens of an answer at most, thoughts included (default 0: 96 for a model on this machine, 512 for one behind a server)")
	f.registerFolder(cmd)
}

// registerFolder adds the flags of the models folder.
func (f *engineFlags) registerFolder(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.verify, "verify", false, "compute the SHA-256 of every model file before it is loaded, not only a checksum")
	cmd.Flags().StringVar(&f.models, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
}

// work tries the token, loads, joins and stays.
func (f *joinFlags) work(ctx context.Context, log *slog.Logger, out *timeline, p *joined) (err error) {
	if err := lk.Try(ctx, f.connect.config()); err != nil {
		return orderly(ctx, log, err)
	}
	f.engine.checks = checking(out)
	on, err := f.engine.openUntil(ctx, log, nil)
	if err != nil {
		return orderly(ctx, log, err)
	}
	defer closing(&err, on.Machine.Close)
	p.cast.Store(on.Machine)
	p.machine.Store(on.Engine())
	if err := p.open(ctx, on.Machine, &f.keep, log, out, f.connect.Identity); err != nil {
		return orderly(ctx, log, errors.Join(err, on.models.Close()))
	}
	out.print(line{Event: "ready", Detail: on.res.Reason})
	return f.stay(ctx, log, out, on, p)
}

// orderly is nil where somebody asked the program to end while it was starting: what broke off then
// is no failure.
func orderly(ctx context.Context, log *slog.Logger, err error) error {
	if err != nil && endedBySignal(ctx) {
		log.Debug("ended while starting", "error", err)
		return nil
	}
	return err
}

// openUntil opens the models. Where ctx ends first, what is being loaded is left behind after a
// while.
func (f *engineFlags) openUntil(ctx context.Context, log *slog.Logger, say func(string, time.Duration)) (*loaded, error) {
	return ending.Await(ctx, loadGrace, func() (*loaded, error) { return f.open(ctx, log, say) }, func(l *loaded) { _ = l.Close() })
}
