package agent

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/tts"
)

// What the work of a session takes of a processor, in thousandths of a core. A model that uses two threads for a moment is priced
// below that: the price bounds how much runs at once, the operating system shares the rest.
const (
	unitsFrame    = 20
	unitsTexture  = 100
	unitsPicture  = 200
	unitsFeatures = 400
	unitsClip     = 400
	unitsInterim  = 400
	unitsFinal    = 800
	unitsReply    = 400
	unitsVoice    = 600
)

// Priorities: what somebody waits for comes before what can wait.
const (
	priorityInterim = 10
	priorityReply   = 90
	priorityVoice   = 95
	priorityFinal   = 100
)

const (
	modelTTL = time.Minute // of a lease around one run of a model
	onGPU    = 25          // percent of a GPU that one model run is priced at
)

// newBroker makes the ledger that all work of the engine's sessions goes through.
func (c *EngineConfig) newBroker() (*compute.Broker, error) {
	budgets := c.Budgets
	if budgets == nil {
		var err error
		if budgets, err = c.host().Budgets(); err != nil {
			return nil, err
		}
	}
	return compute.NewBroker(compute.Config{Budgets: budgets})
}

// host is what budgets are derived from, the provider of a remote model included.
func (c *EngineConfig) host() compute.Host {
	out := hostOf(c.Host)
	if c.Remote != nil {
		out.Providers = map[string]int64{c.Remote.Server.Provider: int64(c.Remote.Server.Places())}
	}
	return out
}

// hostOf translates what was probed into what budgets are derived from: the GPU with the most memory counts.
func hostOf(h model.Host) compute.Host {
	out := compute.Host{Cores: h.Cores, MemoryBytes: h.MemoryBytes}
	for _, g := range h.GPUs {
		if g.Unified {
			out.Unified = true
			continue
		}
		out.GPUMemoryBytes = max(out.GPUMemoryBytes, g.MemoryBytes)
	}
	if out.Unified {
		out.GPUMemoryBytes = 0
	}
	return out
}

// silicon is where the models run.
func (c *EngineConfig) silicon() compute.Silicon {
	if c.Provider == ort.CUDA {
		return compute.SiliconGPU
	}
	return compute.SiliconCPU
}

// holder is who leases of a session name as their holder: <room>/<persona>. One persona may be in many rooms.
type holder struct{ room, persona string }

// String implements fmt.Stringer.
func (h holder) String() string { return h.room + "/" + h.persona }

// ledgerCounts number what has no number of its own, so that every artifact of an engine has a name of its own.
type ledgerCounts struct{ interim, final, speech atomic.Uint64 }

// interimEar is the fast ear under leases of a holder.
func (e *Engine) interimEar(h holder) hearing.Transcriber {
	return &governedEar{
		next: e.ears.moonshine, engine: e, holder: h, name: "interim", priority: priorityInterim, cost: unitsInterim, count: &e.counts.interim,
	}
}

// finalEar is the accurate ear under leases of a holder.
func (e *Engine) finalEar(h holder) hearing.Transcriber {
	return &governedEar{
		next: e.ears.whisper, engine: e, holder: h, name: "final", priority: priorityFinal, cost: unitsFinal, count: &e.counts.final,
	}
}

// speaker is the voice under leases of a holder.
func (e *Engine) speaker(h holder) tts.Voice {
	return &governedVoice{Voice: e.voice, engine: e, holder: h}
}

// units prices work where the models run.
func (e *Engine) units(ofCore int64) int64 {
	if e.silicon == compute.SiliconGPU {
		return onGPU
	}
	return ofCore
}

// Compute returns the ledger: budgets, leases held, demands waiting, completions and refusals.
func (e *Engine) Compute() compute.Snapshot { return e.broker.Snapshot() }

// governedEar takes a lease for each transcript.
type governedEar struct {
	next     hearing.Transcriber
	engine   *Engine
	holder   holder
	name     string
	priority int
	cost     int64
	count    *atomic.Uint64
}

// Transcribe implements hearing.Transcriber.
func (g *governedEar) Transcribe(ctx context.Context, pcm []float32) (out hearing.Transcript, err error) {
	err = g.engine.broker.Do(ctx, compute.Demand{
		Artifact: fmt.Sprintf("hearing.transcript/%s/%s/%d", g.holder.room, g.name, g.count.Add(1)), Class: compute.CPU, Silicon: g.engine.silicon,
		Holder: g.holder.String(), Priority: g.priority, Cost: compute.Cost{Units: g.engine.units(g.cost)}, TTL: modelTTL,
	}, func(ctx context.Context, _ *compute.Lease) error {
		return fenced(func() (err error) { out, err = g.next.Transcribe(ctx, pcm); return err })
	})
	return out, err
}

// governedVoice takes a lease for each clause.
type governedVoice struct {
	tts.Voice
	engine *Engine
	holder holder
}

// Synthesize implements tts.Voice.
func (g *governedVoice) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	return g.engine.broker.Do(ctx, compute.Demand{
		Artifact: fmt.Sprintf("tts.speech/%s/%d", g.holder.room, g.engine.counts.speech.Add(1)), Class: compute.CPU, Silicon: g.engine.silicon,
		Holder: g.holder.String(), Priority: priorityVoice, Cost: compute.Cost{Units: g.engine.units(unitsVoice)}, TTL: modelTTL,
	}, func(ctx context.Context, _ *compute.Lease) error {
		return fenced(func() error { return g.Voice.Synthesize(ctx, clause, emit) })
	})
}

// replyLease takes the lease of an answer. look is the sight that it is made of, nil without a picture: one that has ended meanwhile is
// refused, so that nothing is said about a picture that is gone.
func (e *Engine) replyLease(ctx context.Context, turn uint64, h holder, look *sight) (*compute.Lease, error) {
	d := compute.Demand{
		Artifact: fmt.Sprintf("cognition.reply/%s/%d/%s", h.room, turn, h.persona), Holder: h.String(), Priority: priorityReply,
	}
	if look != nil {
		d.From = []*compute.Lease{look.lease}
	}
	return e.mind.acquire(ctx, e.broker, d)
}
