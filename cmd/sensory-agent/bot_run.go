package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// errNoAnswer means that the agent did not answer in time.
var errNoAnswer = errors.New("no answer")

func runBot(cmd *cobra.Command, root *rootFlags, f *botFlags) (err error) {
	log, err := root.logger()
	if err != nil {
		return err
	}
	picture, err := f.picture()
	if err != nil {
		return err
	}
	spoken, err := f.utterances(cmd.Context())
	if err != nil {
		return err
	}
	var link *impair.Loss
	if f.loss > 0 {
		link = impair.NewLoss(f.loss/100, 1)
	}
	out := newTimeline(cmd.OutOrStdout(), f.asJSON)
	defer closing(&err, func() error { return out.close(log) })
	ctx, stop := out.whileRead(cmd.Context())
	defer stop()
	c := f.connect
	human, err := participant.Join(ctx, participant.Config{
		Link: link,
		URL:  c.URL, APIKey: c.Key, APISecret: c.Secret, Token: c.Token, Room: c.Room, Identity: c.Identity, Name: c.Name, Logger: log,
	})
	if err != nil {
		return err
	}
	b := &bot{flags: f, human: human, out: out, answered: make(chan struct{}, 1), ended: make(chan struct{})}
	go b.watch()
	defer func() {
		closing(&err, human.Close)
		<-b.ended
	}()
	err = b.perform(ctx, picture, spoken)
	if f.record != "" {
		err = errors.Join(err, b.save()) // what was heard is worth most when the answer did not come
	}
	if err != nil {
		return err
	}
	if f.stay {
		<-ctx.Done()
	}
	return nil
}

// bot is a headless human at work. One goroutine watches its events.
type bot struct {
	flags    *botFlags
	human    *participant.Participant
	out      *timeline
	answered chan struct{} // signalled by the final transcript of the agent that is waited for
	ended    chan struct{}
}

// watch prints what happens until the participant has left.
func (b *bot) watch() {
	defer close(b.ended)
	for e := range b.human.Events() {
		if l, ok := lines.OfHuman(b.flags.connect.Identity, e); ok && (b.flags.asJSON || l.Event != "audible") {
			b.out.print(l)
		}
		switch e := e.(type) {
		case participant.Transcript:
			if e.Final && e.From != b.human.Identity() && (b.flags.agent == "" || e.From == b.flags.agent) {
				select {
				case b.answered <- struct{}{}:
				default:
				}
			}
		case participant.Left:
			return
		}
	}
}

func (b *bot) perform(ctx context.Context, picture image.Image, spoken [][]float32) error {
	if len(spoken) > 0 || len(b.flags.chat) > 0 {
		wait, cancel := context.WithTimeout(ctx, b.flags.wait)
		defer cancel()
		if err := b.human.WaitAgent(wait); err != nil {
			return err
		}
	}
	if picture != nil {
		name, err := codec.ParseVideoCodec(b.flags.codec)
		if err != nil {
			return usageError{err}
		}
		cfg := participant.CameraConfig{Codec: name, FPS: b.flags.fps, Screen: b.flags.screen}
		if _, err := b.human.OpenCamera(ctx, cfg, picture); err != nil {
			return err
		}
		b.out.print(line{Event: "shows", Who: b.flags.connect.Identity, Width: picture.Bounds().Dx(), Height: picture.Bounds().Dy(), Detail: string(name)})
	}
	if b.flags.microphone {
		if err := b.human.OpenMicrophone(ctx); err != nil {
			return err
		}
	}
	if err := sleep(ctx, b.flags.settle); err != nil {
		return err
	}
	for _, pcm := range spoken {
		start, end, err := b.human.Say(ctx, pcm)
		if err != nil {
			return err
		}
		b.out.print(line{At: start, Event: "speaks", Who: b.flags.connect.Identity, Detail: "starts"})
		b.out.print(line{At: end, Event: "spoke", Who: b.flags.connect.Identity, Detail: "is done", Took: end.Sub(start)})
		if err := b.answer(ctx); err != nil {
			return err
		}
	}
	for _, text := range b.flags.chat {
		if err := b.human.Chat(text); err != nil {
			return err
		}
		b.out.print(line{Event: "wrote", Who: b.flags.connect.Identity, Text: text})
		if err := b.answer(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *bot) answer(ctx context.Context) error {
	limit := time.NewTimer(b.flags.wait)
	defer limit.Stop()
	select {
	case <-b.answered:
		return nil
	case <-b.ended:
		return participant.ErrLeft
	case <-limit.C:
		return fmt.Errorf("%w within %s", errNoAnswer, b.flags.wait)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// save writes the longest recording: rooms may hold several agents.
func (b *bot) save() error {
	var best participant.Recording
	for _, r := range b.human.Recordings() {
		if (b.flags.agent == "" || r.Identity == b.flags.agent) && len(r.PCM) >= len(best.PCM) {
			best = r
		}
	}
	if err := writeWAV(b.flags.record, best.PCM); err != nil {
		return err
	}
	b.out.print(line{Event: "recorded", Who: best.Identity, Detail: b.flags.record, LengthMS: float64(len(best.PCM)) / 48, DBFS: level(best.PCM)})
	return nil
}

// level is the loudness of samples in dBFS, -120 for none.
func level(pcm []float32) float64 { return max(media.DBFS(pcm), -120) }

func writeWAV(path string, pcm []float32) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	defer closing(&err, f.Close)
	return media.WriteWAV(f, 48000, pcm)
}

// closing closes something and joins its error to the one that is returned.
func closing(err *error, shut func() error) { *err = errors.Join(*err, shut()) }

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
