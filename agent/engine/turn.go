package engine

import (
	"context"
	"fmt"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// EndOfTurn is what hears the end of a turn, under leases of a holder; nil where nobody does.
func (m *Models) EndOfTurn(h Holder) hearing.TurnDetector {
	if m.endOfTurn == nil {
		return nil
	}
	return &leasedTurn{m.endOfTurn, m, h}
}

// leasedTurn takes a lease for each question.
type leasedTurn struct {
	*stationed[turnDetector]
	models *Models
	holder Holder
}

// EndOfTurn implements hearing.TurnDetector.
func (e *leasedTurn) EndOfTurn(ctx context.Context, pcm []float32) (p float32, err error) {
	err = e.models.machine.broker.Do(ctx, compute.Demand{
		Artifact: fmt.Sprintf("hearing.end_of_turn/%s/%d", e.holder.Room, e.models.machine.counts.endOfTurn.Add(1)),
		Class:    compute.CPU, Silicon: e.silicon, Holder: e.holder.String(), Priority: priorityTurn, At: e.at,
		Cost: compute.Cost{Units: e.price(unitsTurn)}, TTL: modelTTL,
	}, func(ctx context.Context, _ *compute.Lease) error {
		return fence.Do(func() error { p, err = e.model.EndOfTurn(ctx, pcm); return err })
	})
	return p, err
}
