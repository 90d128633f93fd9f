package spoken

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/testmedia/wire"
)

const (
	before = 500 * time.Millisecond // of silence: the detector has to have heard some
	behind = 3 * time.Second        // longer than any end of turn takes
	step   = 20 * time.Millisecond  // of sound that is written at once
	look   = 500 * time.Microsecond // how often it is looked whether it has been judged
	// patience is how long a transcript may take: the machine may be busy.
	patience = 10 * time.Minute
)

// hear has a voice say a line, and the ears hear it.
func hear(ctx context.Context, cfg *Config, voice string, line addressing.Line) (Heard, error) {
	text := line.Text
	pcm, err := cfg.Say(ctx, voice, text)
	if err != nil {
		return Heard{}, err
	}
	if pcm, err = wire.Over(pcm, before, behind); err != nil {
		return Heard{}, err
	}
	out := Heard{Voice: voice, Said: text, Texts: []string{}}
	c := &clip{pace: newPace(), names: names(line), events: make(chan hearing.Event, 64)}
	err = c.play(ctx, cfg.Ears, pcm, func(e hearing.Event) {
		switch e := e.(type) {
		case hearing.Final:
			out.Evidence = append(out.Evidence, e.Evidence)
		case hearing.Dismissed:
			out.Evidence = append(out.Evidence, e.Evidence)
		case hearing.Failed:
			c.failed = errors.Join(c.failed, e.Err)
		}
	})
	out.judge(names(line))
	return out, errors.Join(err, c.failed)
}

// clip is a sound that is heard.
type clip struct {
	pace   *pace
	names  []string // that the ears are told
	events chan hearing.Event
	failed error
}

// play has ears hear a sound at 16 kHz, and returns when nothing of it is under way. each is called
// for every event, by the goroutine that called play.
func (c *clip) play(ctx context.Context, ears Ears, pcm []float32, each func(hearing.Event)) (err error) {
	detector, err := ears.Detector()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, detector.Close()) }()
	l, err := c.listener(ears, detector)
	if err != nil {
		return err
	}
	wrote := make(chan error, 1)
	go func() { wrote <- c.write(ctx, l, pcm) }()
	for open := true; open; {
		select {
		case e := <-c.events:
			each(e)
		case <-l.Done():
			open = false
		case <-ctx.Done():
			open = false
		}
	}
	err = errors.Join(l.Close(), <-wrote)
	for len(c.events) > 0 {
		each(<-c.events)
	}
	return err
}

// listener is that of a room in which the personas of the line sit.
func (c *clip) listener(ears Ears, detector engine.Detector) (*hearing.Listener, error) {
	holder := engine.Holder{Room: "bench"}
	return hearing.NewListener(hearing.Config{
		VAD: detector, Interim: paced{ears.Interim(holder), c.pace, fastCost}, Final: paced{ears.Final(holder), c.pace, slowCost},
		Names:        func() []string { c.pace.begin(); return c.names },
		FinalTimeout: patience, NoStall: true,
		Sink: func(ctx context.Context, e hearing.Event) bool {
			select {
			case c.events <- e:
				return true
			case <-ctx.Done():
				return false
			}
		},
	})
}

// names are those of the personas of a line's room.
func names(line addressing.Line) (out []string) {
	for _, p := range line.Call("").Personas {
		out = append(out, p.Name)
	}
	return out
}

// write gives a listener a sound, step by step, each when the one before has been judged.
func (c *clip) write(ctx context.Context, l *hearing.Listener, pcm []float32) error {
	defer l.EndTrack()
	defer c.pace.finish()
	const size = int(step * hearing.SampleRate / time.Second)
	tick := time.NewTicker(look)
	defer tick.Stop()
	for at := 0; at < len(pcm); at += size {
		end := min(at+size, len(pcm))
		if err := c.pace.advance(ctx, length(end)); err != nil {
			return err
		}
		l.Write(pcm[at:end], length(at), time.Now())
		for l.Stats().Windows < uint64(end/hearing.WindowSamples) {
			select {
			case <-tick.C:
			case <-l.Done():
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

// length is how long so many samples are.
func length(samples int) time.Duration {
	return time.Duration(samples) * time.Second / hearing.SampleRate
}
