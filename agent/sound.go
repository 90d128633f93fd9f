package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
)

// sound is what a model in this process hears with by itself: its audio encoder. The ears go on beside it, since turns, interruptions and the
// room's transcripts are made from what they understand. Empty where the model is given no sound.
type sound struct {
	session *ort.Session
	encoder *usm.Encoder
}

// sound loads the audio encoder of a model in this process.
func (l *loader) sound() (sound, error) {
	cfg, err := usm.ReadConfig(l.cfg.Base)
	if err != nil {
		return sound{}, err
	}
	graph, err := generate.GraphSource(l.cfg.Base, "audio_encoder", "")
	if err != nil {
		return sound{}, err
	}
	session, err := l.rt.Load(l.ctx, graph, l.options(1))
	if err != nil {
		return sound{}, err
	}
	encoder, err := usm.NewEncoder(session, usm.NewExtractor(cfg))
	if err != nil {
		return sound{}, errors.Join(err, session.Close())
	}
	return sound{session: session, encoder: encoder}, nil
}

// clips is a question's sound as the model takes it; none without one.
func clips(heard *usm.Clip) []prompt.Part {
	if heard == nil {
		return nil
	}
	return []prompt.Part{generate.Audio{Features: heard.Data, Tokens: heard.Tokens, Hidden: heard.Hidden}}
}

// listen has the model hear the question. One that is longer than the model hears, and one that it could not be made to hear, is answered
// from its transcript alone; the trace says so, and the second is reported.
func (r *turnRun) listen(ctx context.Context) {
	engine := r.session.engine
	longest := int(usm.MaxClip.Seconds()) * hearing.SampleRate
	if engine.sound.encoder == nil || len(r.question.pcm) == 0 || len(r.question.pcm) > longest {
		return
	}
	var err error
	if r.heard, err = engine.hear(ctx, r.trace.Turn, r.session.holder, r.question.pcm); err != nil && ctx.Err() == nil {
		r.session.post(trouble{&StageError{Stage: StageHearing, Who: r.question.who, Err: err}})
	}
}

// hear encodes a clip under a lease. What was made under one that ended meanwhile is refused.
func (e *Engine) hear(ctx context.Context, turn uint64, h holder, pcm []float32) (clip *usm.Clip, err error) {
	err = e.broker.Do(ctx, compute.Demand{
		Artifact: fmt.Sprintf("hearing.clip/%s/%d/%s", h.room, turn, h.persona), Class: compute.Embedding, Silicon: e.silicon,
		Holder: h.String(), Priority: priorityReply, Cost: compute.Cost{Units: e.units(unitsClip)}, TTL: modelTTL,
	}, func(ctx context.Context, _ *compute.Lease) (err error) {
		clip, err = e.sound.encoder.Encode(ctx, pcm)
		return err
	})
	if err != nil {
		return nil, err
	}
	return clip, nil
}

// probeSound has a second of silence encoded, and makes sure that the model takes it, where it is given sound.
func (e *Engine) probeSound(ctx context.Context) error {
	if e.sound.encoder == nil {
		return nil
	}
	heard, err := e.hear(ctx, 0, holder{persona: "probe"}, make([]float32, hearing.SampleRate))
	if err != nil {
		return err
	}
	return e.mind.fits(asked(probeWords, nil, heard))
}
