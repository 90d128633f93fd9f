package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/internal/access"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

func newSmokeCommand() *cobra.Command {
	return group("smoke", "Acceptance smokes: one attempt, one named bucket for every failure", newSmokeSensoryCommand(), newSmokeTimingCommand())
}

func newSmokeSensoryCommand() *cobra.Command {
	cfg := smoke.Config{Budgets: smoke.DefaultBudgets()}
	var server connectFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sensory",
		Short: "A persona must hear a question, see a random scene, and answer aloud with facts of it",
		Long: "Resolves the profile, spawns a persona with the join command, lets a headless human ask about a randomly drawn scene in a live video\n" +
			"track, and judges the persona's audio and transcript by content. One attempt. The last line of standard output is one JSON record.\n" +
			"Exit 0 passed, 1 failed (bucket in the record), 2 wrong call, 3 the smoke itself could not be carried out.",
		Example: "  sensory-agent smoke sensory --profile embedded\n  sensory-agent smoke sensory --profile embedded --withhold video   # must fail: vision_blind",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := completeSmoke(cmd, &cfg, &server); err != nil {
				return err
			}
			return runSmokeSensory(cmd, cfg, asJSON)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&cfg.Profile, "profile", defaultProfile, profileUsage)
	fs.StringVar(&cfg.Voice, "voice", "", "voice of the persona (default: that of join)")
	fs.StringVar(&cfg.ModelsDir, "models-dir", "", "models folder (default $SENSORY_AGENT_MODELS or the user's data folder)")
	fs.StringVar(&cfg.URL, "url", "", "use this server (default: start one on loopback)")
	server.registerPair(cmd)
	fs.Uint64Var(&cfg.Seed, "seed", 0, "seed of the scene and the question (default: random, printed)")
	fs.StringVar(&cfg.Kind, "kind", "", "what is shown: drawn, change (two pictures) or real (default: by the seed, of what the model is known to answer)")
	fs.StringVar(&cfg.Codec, "codec", "vp8", "video codec: vp8, h264, vp9 or av1")
	fs.StringVar(&cfg.Withhold, "withhold", "", "negative control: withhold video, speech or data; the smoke must fail")
	fs.DurationVar(&cfg.Budgets.FirstAudio, "first-audio", cfg.Budgets.FirstAudio, "budget from the end of the question to the first audio")
	fs.DurationVar(&cfg.Budgets.Complete, "complete", cfg.Budgets.Complete, "budget from the end of the question to audio and transcript")
	fs.StringVar(&cfg.Artifacts, "artifacts", "", "keep recordings in this folder")
	fs.BoolVar(&asJSON, "json", false, "print nothing but the JSON record")
	return cmd
}

// completeSmoke checks the call and takes what is missing from the environment.
func completeSmoke(cmd *cobra.Command, cfg *smoke.Config, server *connectFlags) error {
	if _, err := codec.ParseVideoCodec(cfg.Codec); err != nil {
		return usageError{fmt.Errorf("--codec: %w", err)}
	}
	if err := cfg.Check(); err != nil {
		return usageError{err}
	}
	if !cmd.Flags().Changed("seed") {
		cfg.Seed = smoke.RandomSeed()
	}
	return smokePair(cmd, server, cfg.URL, &cfg.APIKey, &cfg.APISecret)
}

// smokePair completes the key pair of a server that is named; the smoke's own has its own.
func smokePair(cmd *cobra.Command, server *connectFlags, url string, key, secret *string) error {
	if url == "" {
		return nil
	}
	if err := server.secrets(cmd); err != nil {
		return err
	}
	pair := access.Access{URL: url, Key: server.Key, Secret: server.Secret, Room: "smoke", Identity: "smoke"}
	if err := pair.Complete(time.Now()); err != nil {
		return usageError{err}
	}
	*key, *secret = server.Key, server.Secret
	return nil
}

func runSmokeSensory(cmd *cobra.Command, cfg smoke.Config, asJSON bool) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	cfg.Binary = binary
	cfg.Speech = func(ctx context.Context, pcm []float32) (time.Duration, error) {
		return speechIn(ctx, cfg.ModelsDir, pcm)
	}
	out := cmd.OutOrStdout()
	cfg.Progress = func(text string) {
		if !asJSON {
			_, _ = fmt.Fprintf(out, "... %s\n", text) // the record below reports a broken output
		}
	}
	record := smoke.Sensory(cmd.Context(), cfg)
	if !asJSON {
		verdict := "passed"
		if !record.Passed {
			verdict = string(record.Bucket)
		}
		if _, err := fmt.Fprintf(out, "%s: %s (replay with --seed %d)\n", verdict, record.Reason, record.Seed); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(out).Encode(record); err != nil {
		return err
	}
	if code := record.Bucket.ExitCode(); code != 0 {
		return quietError{code}
	}
	return nil
}

// speechIn measures how much of a recording the voice detector takes for speech. pcm is mono at 48
// kHz.
func speechIn(ctx context.Context, modelsDir string, pcm []float32) (total time.Duration, err error) {
	store, err := (&modelsFlags{dir: modelsDir}).open(models.Options{})
	if err != nil {
		return 0, err
	}
	defer store.Close()
	library, err := store.Path("runtime-cpu", "libonnxruntime.so.1.31.1")
	if err != nil {
		return 0, err
	}
	path, err := store.Path("silero-vad", "silero_vad.onnx")
	if err != nil {
		return 0, err
	}
	rt, err := ort.Open(ort.Config{LibraryPath: library})
	if err != nil {
		return 0, err
	}
	defer closing(&err, rt.Close)
	session, err := rt.Load(ctx, ort.Source{Path: path}, ort.Options{})
	if err != nil {
		return 0, err
	}
	defer closing(&err, session.Close)
	detector, err := silero.New(session)
	if err != nil {
		return 0, err
	}
	stream, err := detector.NewDetector()
	if err != nil {
		return 0, err
	}
	defer closing(&err, stream.Close)
	return speechOf(stream, pcm)
}

// speechOf adds up the windows that a detector takes for speech. pcm is mono at 48 kHz.
func speechOf(stream hearing.VoiceDetector, pcm []float32) (total time.Duration, err error) {
	convert, err := media.NewResampler(speech.SampleRate, hearing.SampleRate)
	if err != nil {
		return 0, err
	}
	pcm = convert.Flush(convert.Process(nil, pcm))
	for ; len(pcm) >= hearing.WindowSamples; pcm = pcm[hearing.WindowSamples:] {
		p, err := stream.Probability(pcm[:hearing.WindowSamples])
		if err != nil {
			return 0, err
		}
		if p >= 0.5 {
			total += hearing.WindowLength
		}
	}
	return total, nil
}
