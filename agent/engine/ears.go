package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/tts"
)

// detector is the graph that finds speech, for all microphones.
type detector struct {
	session *ort.Session
	model   *silero.Model
}

// Close frees the graph.
func (d *detector) Close() error { return d.session.Close() }

// Interim is the fast ear under leases of a holder.
func (m *Models) Interim(h Holder) hearing.Transcriber {
	return &leasedEar{m.interim.place, m.interim.model, m.interim.at, m, h, "interim", priorityInterim, unitsInterim, &m.machine.counts.interim}
}

// Final is the accurate ear under leases of a holder.
func (m *Models) Final(h Holder) hearing.Transcriber {
	return &leasedEar{m.final.place, m.final.model, m.final.at, m, h, "final", priorityFinal, unitsFinal, &m.machine.counts.final}
}

// Voice is the voice under leases of a holder. It is not closed by who uses it.
func (m *Models) Voice(h Holder) tts.Voice { return &leasedVoice{m.voice.model, m, h} }

// leasedEar takes a lease for each transcript.
type leasedEar struct {
	place
	next     hearing.Transcriber
	at       []*compute.Station
	models   *Models
	holder   Holder
	name     string
	priority int
	cost     int64
	count    *atomic.Uint64
}

// Transcribe implements hearing.Transcriber. A transcript whose lease was taken back meanwhile is
// refused.
func (e *leasedEar) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	return e.TranscribeHinted(ctx, pcm, nil)
}

// TranscribeHinted implements hearing.Hinted; an ear that is not Hinted hears the same without
// names.
func (e *leasedEar) TranscribeHinted(ctx context.Context, pcm []float32, names []string) (out hearing.Transcript, err error) {
	err = e.models.machine.broker.Do(ctx, compute.Demand{
		Artifact: fmt.Sprintf("hearing.transcript/%s/%s/%d", e.holder.Room, e.name, e.count.Add(1)),
		Class:    compute.CPU, Silicon: e.silicon, Holder: e.holder.String(), Priority: e.priority, At: e.at,
		Cost: compute.Cost{Units: e.price(e.cost)}, TTL: modelTTL,
	}, func(ctx context.Context, _ *compute.Lease) error {
		return fence.Do(func() error { out, err = hearing.Transcribe(ctx, e.next, pcm, names); return err })
	})
	return out, err
}

// leasedVoice takes a lease for each clause.
type leasedVoice struct {
	tts.Voice
	models *Models
	holder Holder
}

// Close leaves the voice to the models.
func (v *leasedVoice) Close() error { return nil }

// Synthesize implements tts.Voice.
func (v *leasedVoice) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	return v.models.machine.broker.Do(ctx, compute.Demand{
		Artifact: fmt.Sprintf("tts.speech/%s/%d", v.holder.Room, v.models.machine.counts.speech.Add(1)),
		Class:    compute.CPU, Silicon: v.models.voice.silicon, Holder: v.holder.String(), Priority: priorityVoice, At: v.models.voice.at,
		Cost: compute.Cost{Units: v.models.voice.price(unitsVoice)}, TTL: modelTTL,
	}, func(ctx context.Context, _ *compute.Lease) error { return v.Voice.Synthesize(ctx, clause, emit) })
}

// openDetector makes the detector of a loaded graph.
func openDetector(session *ort.Session) (*detector, error) {
	model, err := silero.New(session)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return &detector{session: session, model: model}, nil
}
