package main

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

const (
	demoPersona = "iris"
	demoHuman   = "ada"
	demoRoom    = "demo"
	demoLimit   = time.Minute // for one answer
)

// demoFlags are the choices of a demo run.
type demoFlags struct {
	engine  engineFlags
	seed    uint64
	codec   string
	speaker string
	out     string
	ops     opsFlags
	stay    bool
	// roundtable seats three personas and two humans instead; record is a folder for the conversation.
	roundtable bool
	record     string
	asJSON     bool
}

// errWrongAnswer means that the persona's answer is not true of the picture.
var errWrongAnswer = errors.New("the answer is wrong")

func newDemoCommand(root *rootFlags) *cobra.Command {
	f := &demoFlags{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a server, a persona and a human on this machine: one spoken question about a live picture",
		Long: "Starts a LiveKit server on loopback, lets a persona join, lets a headless human join, speak a question and show a randomly\n" +
			"drawn scene as live video, and prints what happens. The persona's answer is written as a WAV file and the frame it saw as a\n" +
			"PNG file. Fails when the answer is not true of the scene.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("seed") {
				f.seed = smoke.RandomSeed()
			}
			var err error
			if f.engine.file, err = root.configure(cmd); err != nil {
				return err
			}
			return runDemo(cmd, root, f)
		},
	}
	f.engine.register(cmd)
	fs := cmd.Flags()
	fs.Uint64Var(&f.seed, "seed", 0, "seed of the scene and the question (default: random)")
	fs.StringVar(&f.codec, "codec", "vp8", "video codec: vp8, h264, vp9 or av1")
	fs.StringVar(&f.speaker, "speaker", speech.Default, "who asks: flite:VOICE or espeak:LANGUAGE")
	fs.StringVar(&f.out, "out", "out", "folder for the answer's WAV and the frame's PNG")
	f.ops.register(cmd)
	fs.BoolVar(&f.stay, "stay", false, "keep server and persona running and print how to join")
	fs.BoolVar(&f.roundtable, "roundtable", false, "three personas with voices of their own and two humans, who talk for a minute")
	fs.StringVar(&f.record, "record", "", "with --roundtable: write the conversation into a file of this folder, for replay")
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object a line instead of text")
	return cmd
}

// demo is one run.
type demo struct {
	flags  *demoFlags
	out    *timeline
	scene  *scene.Scene
	ask    scene.QA
	server *livekit.Server

	mu    sync.Mutex
	frame *room.Saw
	turns chan reply.Trace
}

func runDemo(cmd *cobra.Command, root *rootFlags, f *demoFlags) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	serve, err := f.ops.config()
	if err != nil {
		return err
	}
	if _, err := codec.ParseVideoCodec(f.codec); err != nil {
		return usageError{fmt.Errorf("--codec: %w", err)}
	}
	d := &demo{flags: f, turns: make(chan reply.Trace, 4)}
	if d.scene, d.ask, err = smoke.Stimulus(f.seed, false); err != nil {
		return err
	}
	d.out = newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return d.out.close(log) })
	ctx, stop := d.out.whileRead(cmd.Context())
	defer stop()
	if f.roundtable {
		return d.table(ctx, log, serve)
	}
	p := &joined{}
	pages, err := ops.Start(serve, log, p.ready, p.pages()...)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	d.out.print(line{Event: "seed", Detail: fmt.Sprintf("%d: a picture of kind %q; replay with --seed %d", f.seed, d.scene.Kind, f.seed)})
	return d.run(ctx, log, p)
}

// run starts everything, lets the human ask, and stays if it is to.
func (d *demo) run(ctx context.Context, log *slog.Logger, p *joined) (err error) {
	if d.server, err = livekit.Start(ctx, livekit.Config{}); err != nil {
		return err
	}
	defer closing(&err, d.server.Stop)
	d.out.print(line{Event: "server", Detail: "livekit-server at " + d.server.URL})
	d.flags.engine.checks = checking(d.out)
	on, err := d.flags.engine.openUntil(ctx, log, func(part string, took time.Duration) {
		d.out.print(line{Event: "loaded", Detail: part, Took: took})
	})
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	d.out.print(line{Event: "ready", Detail: on.res.Reason})
	p.machine.Store(on.machine)
	cfg := room.Config{
		URL: d.server.URL, APIKey: d.server.APIKey, APISecret: d.server.APISecret, Room: demoRoom,
		KeepFrames: true, Logger: log,
		Observe: func(_ room.Origin, e room.Event) { d.observe(p, e) },
	}
	if cfg.Limits, err = d.flags.engine.file.Limits(); err != nil {
		return usageError{err}
	}
	p.at("joining")
	iris := room.Persona{Identity: demoPersona, Name: "Iris"}
	session, err := room.Join(ctx, on.models, cfg, iris)
	if err != nil {
		return err
	}
	p.session.Store(session)
	err = d.converse(ctx, session)
	p.session.Store(nil)
	if err = errors.Join(err, session.Close()); err != nil || !d.flags.stay {
		return err
	}
	return d.stay(ctx, on.models, cfg, iris, p)
}

// observe is called by the session's goroutine.
func (d *demo) observe(p *joined, e room.Event) {
	switch e := e.(type) {
	case room.Saw:
		d.mu.Lock()
		d.frame = &e
		d.mu.Unlock()
	case room.TurnDone:
		select {
		case d.turns <- e.Trace:
		default:
		}
	}
	if l, ok := p.line(demoPersona, e); ok {
		d.out.print(l)
	}
}

// converse lets the human ask once and checks the answer.
func (d *demo) converse(ctx context.Context, session *room.Room) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, demoLimit, errNoAnswer)
	defer cancel()
	question, err := speech.Say(ctx, d.flags.speaker, d.ask.Question)
	if err != nil {
		return err
	}
	name, err := codec.ParseVideoCodec(d.flags.codec)
	if err != nil {
		return usageError{err}
	}
	human, err := participant.Join(ctx, participant.Config{
		URL: d.server.URL, APIKey: d.server.APIKey, APISecret: d.server.APISecret, Room: demoRoom, Identity: demoHuman, Name: "Ada",
	})
	if err != nil {
		return err
	}
	defer closing(&err, human.Close)
	if err := human.WaitAgent(ctx); err != nil {
		return err
	}
	if _, err := human.OpenCamera(ctx, participant.CameraConfig{Codec: name}, d.scene.Image); err != nil {
		return err
	}
	d.out.print(line{Event: "asks", Who: demoHuman, Text: d.ask.Question})
	if _, _, err := human.Say(ctx, question); err != nil {
		return err
	}
	select {
	case trace := <-d.turns:
		return d.judge(trace, human)
	case <-session.Done():
		return errors.Join(errNoAnswer, session.Err())
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (d *demo) judge(trace reply.Trace, human *participant.Participant) error {
	if trace.Err != nil {
		return trace.Err
	}
	if err := d.save(human); err != nil {
		return err
	}
	if !d.scene.Check(d.ask, trace.Answer) {
		return fmt.Errorf("%w: asked %q, expected %q, got %q", errWrongAnswer, d.ask.Question, d.ask.Answer, trace.Answer)
	}
	d.out.print(line{Event: "right", Detail: fmt.Sprintf("the answer is true of the picture; expected %q", d.ask.Answer)})
	return nil
}

// save writes what was heard of the persona and what the persona saw.
func (d *demo) save(human *participant.Participant) (err error) {
	if err := os.MkdirAll(d.flags.out, 0o755); err != nil { // results for everybody on this machine
		return fmt.Errorf("results: %w", err)
	}
	wav, picture := filepath.Join(d.flags.out, "answer.wav"), filepath.Join(d.flags.out, "frame.png")
	recordings := human.Recordings()
	if len(recordings) == 0 {
		return errors.New("the human heard no track")
	}
	if err := writeWAV(wav, recordings[0].PCM); err != nil {
		return err
	}
	d.mu.Lock()
	frame := d.frame
	d.mu.Unlock()
	if frame == nil || frame.Frame == nil {
		return errors.New("the persona saw no frame")
	}
	f, err := os.Create(picture)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	defer closing(&err, f.Close)
	if err := png.Encode(f, frame.Frame); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	d.out.print(line{Event: "files", Detail: strings.Join([]string{wav, picture}, " ")})
	return nil
}

// stay keeps server and persona running until ctx ends.
func (d *demo) stay(ctx context.Context, models *engine.Models, cfg room.Config, who room.Persona, p *joined) error {
	d.out.print(line{Event: "stays", Detail: fmt.Sprintf(
		"%s waits in room %q; join it with: LIVEKIT_URL=%s LIVEKIT_API_KEY=%s LIVEKIT_API_SECRET=%s sensory-agent bot --room %s --scene 1 --say 'what do you see?'  (Ctrl-C ends)",
		demoPersona, demoRoom, d.server.URL, d.server.APIKey, d.server.APISecret, demoRoom)})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-d.server.Exited():
			cancel()
		case <-ctx.Done():
		}
	}()
	return stay(ctx, models, cfg, who, p)
}
