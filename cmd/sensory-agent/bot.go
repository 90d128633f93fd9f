package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sensory-agent/sensory-agent/bot"
	"github.com/sensory-agent/sensory-agent/internal/picture"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// botFlags script a headless human.
type botFlags struct {
	connect       connectFlags
	say, wav      []string
	chat          []string
	speaker       string
	show          string
	scene         string
	kind, size    string
	codec         string
	fps           int
	screen        bool
	record        string
	agent         string
	wait, settle  time.Duration
	between       time.Duration
	stay, asJSON  bool
	loss          float64
	microphone    bool
	width, height int
}

func newBotCommand(root *rootFlags) *cobra.Command {
	f := &botFlags{}
	cmd := &cobra.Command{
		Use:   "bot",
		Short: "Join a room as a scripted human: speak, show a picture, record the answer",
		Example: "  sensory-agent bot --room lobby --say 'what do you see?' --scene 7 --codec vp9 --record answer.wav\n" +
			"  sensory-agent bot --room lobby --wav question.wav --show picture.png --json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := root.configure(cmd); err != nil {
				return err
			}
			if err := f.connect.complete(cmd); err != nil {
				return err
			}
			if err := f.validate(); err != nil {
				return usageError{err}
			}
			return f.run(cmd, root)
		},
	}
	f.connect.register(cmd, "human")
	f.register(cmd.Flags())
	return cmd
}

// register adds the flags of what the human does.
func (f *botFlags) register(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.say, "say", nil, "say this text and wait for the answer; may be given several times")
	fs.StringArrayVar(&f.wav, "wav", nil, "play this WAV file and wait for the answer")
	fs.StringArrayVar(&f.chat, "chat", nil, "write this text on the chat and wait for the answer")
	fs.StringVar(&f.speaker, "speaker", speech.Default, "who says the texts: flite:VOICE or espeak:LANGUAGE")
	fs.StringVar(&f.show, "show", "", "show this PNG or JPEG as a camera")
	fs.StringVar(&f.scene, "scene", "", "show the drawn scene of this seed")
	fs.StringVar(&f.kind, "kind", "", "kind of scene: shapes, emoji, mixed, number, quadrants, plain, count, dense, real, change (default: drawn from the seed)")
	fs.DurationVar(&f.between, "between", 4*time.Second, "how long the earlier of the two pictures of a change is shown before the other")
	fs.StringVar(&f.size, "size", "640x480", "size of the scene in pixels")
	fs.StringVar(&f.codec, "codec", "vp8", "video codec: vp8, h264, vp9 or av1")
	fs.IntVar(&f.fps, "fps", 15, "frames a second")
	fs.BoolVar(&f.microphone, "microphone", false, "publish a microphone even when nothing is said")
	fs.BoolVar(&f.screen, "screen", false, "publish the picture as a screen share")
	fs.StringVar(&f.record, "record", "", "write what the agent said into this WAV file")
	fs.StringVar(&f.agent, "agent", "", "wait for this agent (default: the first one)")
	fs.DurationVar(&f.wait, "wait", time.Minute, "how long to wait for the agent, and for each answer")
	fs.DurationVar(&f.settle, "settle", 0, "wait this long after the picture is shown and before speaking")
	fs.Float64Var(&f.loss, "loss", 0, "drop this share of the sent packets, in percent")
	fs.BoolVar(&f.stay, "stay", false, "stay in the room until interrupted")
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
}

// run is the bot at work.
func (f *botFlags) run(cmd *cobra.Command, root *rootFlags) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	cfg, err := f.config(cmd.Context(), log)
	if err != nil {
		return err
	}
	out := newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return out.close(log) })
	ctx, stop := out.whileRead(cmd.Context())
	defer stop()
	cfg.Tell = func(l line) {
		if f.asJSON || l.Event != "audible" {
			out.print(l)
		}
	}
	return bot.Run(ctx, cfg)
}

// config is what the human does, with everything drawn, read and spoken.
func (f *botFlags) config(ctx context.Context, log *slog.Logger) (cfg bot.Config, err error) {
	c := f.connect
	cfg = bot.Config{
		Join: participant.Config{
			URL: c.URL, APIKey: c.Key, APISecret: c.Secret, Token: c.Token, Room: c.Room, Identity: c.Identity, Name: c.Name, Logger: log,
		},
		FPS: f.fps, Screen: f.screen, Microphone: f.microphone, Settle: f.settle, Wait: f.wait, Chat: f.chat,
		Agent: f.agent, Record: f.record, Stay: f.stay,
	}
	if f.loss > 0 {
		cfg.Join.Link = impair.New(impair.Conditions{Loss: f.loss / 100}, impair.Conditions{}, 1)
	}
	if cfg.Codec, err = codec.ParseVideoCodec(f.codec); err != nil {
		return cfg, usageError{fmt.Errorf("--codec: %w", err)}
	}
	if cfg.Before, cfg.Picture, err = f.pictures(); err != nil {
		return cfg, err
	}
	cfg.Between = f.between
	cfg.Spoken, err = f.utterances(ctx)
	return cfg, err
}

func (f *botFlags) validate() error {
	if f.show != "" && f.scene != "" {
		return errors.New("--show and --scene exclude each other")
	}
	if f.between < 0 {
		return fmt.Errorf("--between %v: use 0 or more", f.between)
	}
	if f.loss < 0 || f.loss > 100 {
		return fmt.Errorf("--loss %v: use 0 to 100", f.loss)
	}
	if _, err := codec.ParseVideoCodec(f.codec); err != nil {
		return fmt.Errorf("--codec: %w", err)
	}
	w, h, ok := strings.Cut(f.size, "x")
	var err1, err2 error
	f.width, err1 = strconv.Atoi(w)
	f.height, err2 = strconv.Atoi(h)
	if !ok || err1 != nil || err2 != nil || f.width < 1 || f.height < 1 {
		return fmt.Errorf("--size %q: use WIDTHxHEIGHT", f.size)
	}
	return nil
}

// pictures draws or reads what is shown, and what is shown before it; nil shows nothing.
func (f *botFlags) pictures() (before, shown image.Image, err error) {
	switch {
	case f.scene != "":
		seed, err := strconv.ParseUint(f.scene, 10, 64)
		if err != nil {
			return nil, nil, usageError{fmt.Errorf("--scene: %w", err)}
		}
		s, err := scene.Draw(seed, scene.Options{Width: f.width, Height: f.height, Kind: scene.Kind(f.kind)})
		if err != nil {
			return nil, nil, usageError{err}
		}
		if s.Before != nil {
			before = s.Before.Image
		}
		return before, s.Image, nil
	case f.show != "":
		data, err := os.ReadFile(f.show)
		if err != nil {
			return nil, nil, usageError{err}
		}
		img, err := picture.Decode(data)
		if err != nil {
			return nil, nil, usageError{fmt.Errorf("%s: %w", f.show, err)}
		}
		return nil, img, nil
	}
	return nil, nil, nil
}

// utterances returns what is said, in order: texts first, then files.
func (f *botFlags) utterances(ctx context.Context) ([][]float32, error) {
	var out [][]float32
	for _, text := range f.say {
		pcm, err := speech.Say(ctx, f.speaker, text)
		if err != nil {
			return nil, err
		}
		out = append(out, pcm)
	}
	for _, path := range f.wav {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, usageError{err}
		}
		wav, err := media.ReadWAV(bytes.NewReader(data))
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", path, err)}
		}
		pcm, err := speech.Convert(wav)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", path, err)}
		}
		out = append(out, pcm)
	}
	return out, nil
}
