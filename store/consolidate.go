package store

import (
	"context"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/compute"
)

// take does what one event asks for.
func (r *Remember) take(ctx context.Context, e event) Remembered {
	switch k := r.cfg.Keeper; {
	case e.joined != nil:
		k.Joined(*e.joined)
	case e.heard != nil && !k.Asks(*e.heard):
		_, _, err := k.Heard(*e.heard, nil)
		return r.look(ctx, e.heard.At, Remembered{Err: err})
	case e.heard != nil:
		return r.decide(ctx, e.heard.At, func(known []memory.Memory) ([]memory.Decision, memory.Change, error) { return k.Heard(*e.heard, known) })
	case e.answered != nil && len(e.answered.Notes) == 0:
		_, _, err := k.Answered(*e.answered, nil)
		return r.look(ctx, e.answered.Said.At, Remembered{Err: err})
	case e.answered != nil:
		return r.decide(ctx, e.answered.Said.At, func(known []memory.Memory) ([]memory.Decision, memory.Change, error) {
			return k.Answered(*e.answered, known)
		})
	case e.idle != nil && e.idle.recall != "":
		return r.recall(ctx, *e.idle)
	case e.idle != nil:
		return r.tidy(ctx, *e.idle)
	}
	return Remembered{}
}

// decide has the keeper decide on the memories of this moment, and writes what it says.
func (r *Remember) decide(ctx context.Context, at time.Time, ask func([]memory.Memory) ([]memory.Decision, memory.Change, error)) Remembered {
	var came Remembered
	after, err := r.write(ctx, at, nil, func(known []memory.Memory) (memory.Change, error) {
		decisions, change, err := ask(known)
		came.Decisions, came.Forgotten = decisions, change.Forget
		return change, err
	})
	if err != nil {
		came.Forgotten, came.Err = nil, err
		return came
	}
	r.sure()
	there := 0
	for i := range after {
		if r.inside[after[i].ID] {
			there++
		}
	}
	if there < len(r.inside) { // what was to be forgotten, here or elsewhere, is not said again
		came.Block = r.block(after, r.present, at, noteForgotten)
	}
	return came
}

// recall writes the block without changing a memory.
func (r *Remember) recall(ctx context.Context, i idle) Remembered {
	known, err := r.cfg.DB.Memories(ctx, MemoryQuery{Persona: r.cfg.Keeper.Persona()})
	if err != nil {
		return Remembered{Err: err}
	}
	return Remembered{Block: r.block(known, i.present, i.at, i.recall)}
}

// tidy consolidates under a lease that gives way to everything, and writes the block.
func (r *Remember) tidy(ctx context.Context, i idle) Remembered {
	r.serial++
	lease, err := r.cfg.Broker.Acquire(ctx, r.demand(compute.Background, compute.SiliconBackground, unitsConsolidation, priorityConsolidation))
	if err != nil {
		return Remembered{Err: err}
	}
	defer lease.Release()
	run, cancel := lease.Context(ctx)
	defer cancel()
	var forget []memory.Forgotten
	after, err := r.write(run, i.at, lease.Err, func(known []memory.Memory) (memory.Change, error) {
		change := r.cfg.Keeper.Consolidate(known, i.at)
		forget = change.Forget
		return change, nil
	})
	if cause := context.Cause(run); err != nil && cause != nil && ctx.Err() == nil {
		err = fmt.Errorf("tidy memories: %w", cause)
	}
	if err != nil {
		return Remembered{Err: err}
	}
	r.mu.Lock()
	r.stats.Consolidated++
	r.mu.Unlock()
	return Remembered{Forgotten: forget, Block: r.block(after, i.present, i.at, "consolidated")}
}

// block renders what the prompts say from now on, of memories that were just read.
func (r *Remember) block(known []memory.Memory, present []memory.Person, at time.Time, note string) *memory.Block {
	r.sure()
	b := r.cfg.Keeper.Recall(known, present, at, note)
	r.present = present
	clear(r.inside)
	for _, id := range b.IDs {
		r.inside[id] = true
	}
	return &b
}

// write changes memories under a lease of the disk, which must be live when they are committed.
// also is set for work that gives way: it has a word then, too.
func (r *Remember) write(
	ctx context.Context, now time.Time, also func() error, decide func([]memory.Memory) (memory.Change, error),
) ([]memory.Memory, error) {
	r.serial++
	priority := priorityBatch
	if also != nil {
		priority = priorityConsolidation
	}
	disk, err := r.cfg.Broker.Acquire(ctx, r.demand(compute.Data, compute.SiliconDisk, unitsBatch, priority))
	if err != nil {
		return nil, err
	}
	defer disk.Release()
	run, cancel := disk.Context(ctx)
	defer cancel()
	after, err := r.cfg.DB.ChangeMemories(run, r.cfg.Keeper.Persona(), now, func() error {
		r.before()
		if also != nil {
			if err := also(); err != nil {
				return err
			}
		}
		return r.fence.Accept(disk)
	}, decide)
	if cause := context.Cause(run); err != nil && cause != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("write memories: %w", cause)
	}
	return after, err
}

func (r *Remember) demand(class compute.Class, silicon compute.Silicon, units int64, priority int) compute.Demand {
	d := compute.Demand{
		Artifact: fmt.Sprintf("store.memory/%s/%s/%d", r.cfg.Keeper.Room(), r.cfg.Keeper.Persona(), r.serial), Class: class, Silicon: silicon,
		Holder: r.cfg.Keeper.Room() + "/" + r.cfg.Keeper.Persona(), Priority: priority, Cost: compute.Cost{Units: units}, TTL: leaseTTL,
	}
	if priority == priorityConsolidation {
		d.Revocation = compute.Hard
	}
	return d
}
