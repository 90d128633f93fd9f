package bot

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"time"

	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// recordRate is the rate of recordings, in Hz: what Opus decodes to.
const recordRate = 48_000

// Config says what the human does, in this order: it waits for an agent where it has something to
// ask, shows its picture, says what it says and writes what it writes, each until it is answered.
type Config struct {
	// Join is the room, and who the human is there.
	Join participant.Config
	// Picture is shown, as a camera or as a screen; nil shows nothing. Its size is that of the
	// track.
	Picture image.Image
	// Before, if set, is shown in its place first, for as long as Between says.
	Before  image.Image
	Between time.Duration
	Codec   codec.VideoCodec
	FPS     int
	Screen  bool
	// Microphone is published even where nothing is said.
	Microphone bool
	// Settle is how long it waits between picture and speech, Wait how long for the agent and for
	// each answer.
	Settle, Wait time.Duration
	// Spoken is what is said: mono at 48 kHz. Chat is what is written.
	Spoken [][]float32
	Chat   []string
	// Agent is who is asked; empty for whoever answers.
	Agent string
	// Record is the WAV file for what the agent said; empty for none.
	Record string
	// Stay keeps the human in the room until ctx ends.
	Stay bool
	// Tell is told what happens, from several goroutines. It must not block.
	Tell func(lines.Line)
}

// human is one at work. One goroutine watches its events.
type human struct {
	cfg      Config
	in       *participant.Participant
	answered chan struct{} // signalled by the final transcript of the agent that is waited for
	ended    chan struct{}
}

// Run does it. What was heard is recorded also where an answer did not come. Errors: ErrNoAnswer,
// participant.ErrNoAgent, participant.ErrLeft, and those of joining and of files.
func Run(ctx context.Context, cfg Config) (err error) {
	in, err := participant.Join(ctx, cfg.Join)
	if err != nil {
		return err
	}
	h := &human{cfg: cfg, in: in, answered: make(chan struct{}, 1), ended: make(chan struct{})}
	go h.watch()
	defer func() {
		err = errors.Join(err, in.Close())
		<-h.ended
	}()
	err = h.perform(ctx)
	if cfg.Record != "" {
		err = errors.Join(err, h.save()) // what was heard is worth most when the answer did not come
	}
	if err == nil && cfg.Stay {
		<-ctx.Done()
	}
	return err
}

// watch tells what happens until the human has left.
func (h *human) watch() {
	defer close(h.ended)
	for e := range h.in.Events() {
		if l, ok := lines.OfHuman(h.cfg.Join.Identity, e); ok {
			h.cfg.Tell(l)
		}
		switch e := e.(type) {
		case participant.Transcript:
			if e.Final && e.From != h.in.Identity() && h.asked(e.From) {
				select {
				case h.answered <- struct{}{}:
				default:
				}
			}
		case participant.Left:
			return
		}
	}
}

// asked tells whether somebody is who is asked.
func (h *human) asked(who string) bool { return h.cfg.Agent == "" || who == h.cfg.Agent }

// tell tells what the human does itself.
func (h *human) tell(l lines.Line) {
	l.Who = h.cfg.Join.Identity
	h.cfg.Tell(l)
}

func (h *human) perform(ctx context.Context) error {
	if len(h.cfg.Spoken) > 0 || len(h.cfg.Chat) > 0 {
		wait, cancel := context.WithTimeout(ctx, h.cfg.Wait)
		defer cancel()
		if err := h.in.WaitAgent(wait); err != nil {
			return err
		}
	}
	if err := h.show(ctx); err != nil {
		return err
	}
	if err := media.Sleep(ctx, h.cfg.Settle); err != nil {
		return err
	}
	for _, pcm := range h.cfg.Spoken {
		start, end, err := h.in.Say(ctx, pcm)
		if err != nil {
			return err
		}
		h.tell(lines.Line{At: start, Event: "speaks", Detail: "starts"})
		h.tell(lines.Line{At: end, Event: "spoke", Detail: "is done", Took: end.Sub(start)})
		if err := h.answer(ctx); err != nil {
			return err
		}
	}
	for _, text := range h.cfg.Chat {
		if err := h.in.Chat(text); err != nil {
			return err
		}
		h.tell(lines.Line{Event: "wrote", Text: text})
		if err := h.answer(ctx); err != nil {
			return err
		}
	}
	return nil
}

// show publishes the picture and the microphone.
func (h *human) show(ctx context.Context) error {
	if h.cfg.Picture != nil {
		first := h.cfg.Picture
		if h.cfg.Before != nil {
			first = h.cfg.Before
		}
		cfg := participant.CameraConfig{Codec: h.cfg.Codec, FPS: h.cfg.FPS, Screen: h.cfg.Screen}
		cam, err := h.in.OpenCamera(ctx, cfg, first)
		if err != nil {
			return err
		}
		h.shows(first)
		if h.cfg.Before != nil {
			if err := media.Sleep(ctx, h.cfg.Between); err != nil {
				return err
			}
			cam.Show(h.cfg.Picture)
			h.shows(h.cfg.Picture)
		}
	}
	if h.cfg.Microphone {
		return h.in.OpenMicrophone(ctx)
	}
	return nil
}

func (h *human) shows(p image.Image) {
	h.tell(lines.Line{Event: "shows", Width: p.Bounds().Dx(), Height: p.Bounds().Dy(), Detail: string(h.cfg.Codec)})
}

// answer waits for one.
func (h *human) answer(ctx context.Context) error {
	limit := time.NewTimer(h.cfg.Wait)
	defer limit.Stop()
	select {
	case <-h.answered:
		return nil
	case <-h.ended:
		return participant.ErrLeft
	case <-limit.C:
		return fmt.Errorf("%w within %s", ErrNoAnswer, h.cfg.Wait)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// save writes the longest recording: rooms may hold several agents.
func (h *human) save() error {
	var best participant.Recording
	for _, r := range h.in.Recordings() {
		if h.asked(r.Identity) && len(r.PCM) >= len(best.PCM) {
			best = r
		}
	}
	if err := WriteWAV(h.cfg.Record, best.PCM); err != nil {
		return err
	}
	h.cfg.Tell(lines.Line{
		Event: "recorded", Who: best.Identity, Detail: h.cfg.Record,
		LengthMS: float64(len(best.PCM)) * 1000 / recordRate, DBFS: level(best.PCM),
	})
	return nil
}

// level is the loudness of samples in dBFS, -120 for none.
func level(pcm []float32) float64 { return max(media.DBFS(pcm), -120) }

// WriteWAV writes a recording, mono at 48 kHz, into a file.
func WriteWAV(path string, pcm []float32) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return media.WriteWAV(f, recordRate, pcm)
}
