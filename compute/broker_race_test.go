package compute_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestSixtyFourGoroutines lets 64 goroutines take and give leases a million times, waiting, not
// waiting and giving up while they wait. At no moment may more be held than the budget allows, no
// token may be granted twice or be missing, and nothing may be left.
func TestSixtyFourGoroutines(t *testing.T) {
	t.Parallel()
	const workers, slots, units = 64, 60, 100
	operations := 1_000_000
	if testing.Short() || raceEnabled {
		operations = 100_000
	}
	broker, err := compute.NewBroker(compute.Config{
		Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: slots, Units: units}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var heldSlots, heldUnits, over, abandoned, refused atomic.Int64
	tokens := make([][]uint64, workers)
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 5))
			for i := range operations / workers {
				cost := compute.Cost{Units: random.Int64N(4)}
				d := compute.Demand{
					Artifact: fmt.Sprintf("a/%d/%d", worker, i), Class: compute.CPU, Silicon: compute.SiliconCPU, Holder: "h",
					Priority: random.IntN(3), Cost: cost,
				}
				lease, err := ask(t.Context(), broker, d, random.IntN(4))
				switch {
				case errors.Is(err, context.Canceled):
					abandoned.Add(1)
					continue
				case errors.Is(err, compute.ErrPressure):
					refused.Add(1)
					continue
				case err != nil:
					t.Error(err)
					return
				}
				if heldSlots.Add(1) > slots || heldUnits.Add(cost.Units) > units {
					over.Add(1)
				}
				tokens[worker] = append(tokens[worker], lease.Token())
				heldUnits.Add(-cost.Units)
				heldSlots.Add(-1)
				lease.Release()
			}
		})
	}
	group.Wait()
	if n := over.Load(); n > 0 {
		t.Errorf("more was held than the budget allows, %d times", n)
	}
	checkTokens(t, broker, tokens)
	t.Logf("%d leases, %d refused, %d gave up", broker.Snapshot().Token, refused.Load(), abandoned.Load())
}

// ask acquires in one of three ways.
func ask(ctx context.Context, broker *compute.Broker, d compute.Demand, way int) (*compute.Lease, error) {
	switch way {
	case 0:
		return broker.TryAcquire(d)
	case 1: // gives up as soon as it runs again
		ctx, cancel := context.WithCancel(ctx)
		go cancel()
		return broker.Acquire(ctx, d)
	default:
		return broker.Acquire(ctx, d)
	}
}

// checkTokens finds tokens that were handed out twice, and those that nobody got although they were
// not counted as abandoned.
func checkTokens(t *testing.T, broker *compute.Broker, tokens [][]uint64) {
	t.Helper()
	s := broker.Snapshot()
	seen := make([]bool, s.Token+1)
	got := uint64(0)
	for _, list := range tokens {
		last := uint64(0)
		for _, token := range list {
			if seen[token] {
				t.Fatalf("token %d was granted twice", token)
			}
			if token <= last {
				t.Fatalf("a later grant has token %d, an earlier one %d", token, last)
			}
			seen[token], last = true, token
			got++
		}
	}
	pool := s.Pools[0]
	if pool.Completed != got || pool.Granted != s.Token || pool.Granted < got || pool.Granted-got > pool.Abandoned {
		t.Errorf("%d leases were used; counted are %+v", got, pool.Counts)
	}
	if pool.UsedSlots != 0 || pool.UsedUnits != 0 || pool.Held != 0 || pool.Waiting != 0 || len(s.Leases) != 0 || len(s.Waiting) != 0 {
		t.Errorf("left behind: %+v", pool)
	}
}

// TestFramesWithRevocations drives 10,000 frames through decode, texture and features while leases
// are revoked at random, expire and are given up. Afterwards no lease and no buffer may be
// outstanding, and no buffer may have been used after it went back.
func TestFramesWithRevocations(t *testing.T) {
	t.Parallel()
	broker, err := compute.NewBroker(compute.Config{
		TTL: time.Minute,
		Budgets: []compute.Budget{
			{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 8, Units: 8, Bytes: 64},
			{Pool: compute.Pool{Silicon: compute.SiliconGPU}, Slots: 2, Units: 2, Bytes: 64},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var buffers buffers
	var finished, lost atomic.Int64
	var group sync.WaitGroup
	for track := range 4 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(track), 9))
			for n := range 2500 {
				err := frameChain(t.Context(), broker, &buffers, random, fmt.Sprintf("cam%d/%d", track, n))
				switch {
				case err == nil:
					finished.Add(1)
				case errors.Is(err, compute.ErrRevoked), errors.Is(err, compute.ErrDependencyLost), errors.Is(err, compute.ErrReleased):
					lost.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	s := broker.Snapshot()
	if len(s.Leases) != 0 || len(s.Waiting) != 0 || buffers.out.Load() != 0 {
		t.Errorf("left behind: %d leases, %d waiting, %d buffers", len(s.Leases), len(s.Waiting), buffers.out.Load())
	}
	if buffers.late.Load() != 0 {
		t.Errorf("%d buffers were used after they had gone back", buffers.late.Load())
	}
	if finished.Load() < 2000 || lost.Load() < 500 || finished.Load()+lost.Load() != 10_000 {
		t.Errorf("%d frames finished, %d were lost", finished.Load(), lost.Load())
	}
	t.Logf("%d frames finished, %d were revoked on the way", finished.Load(), lost.Load())
}

// buffers counts what is out and what was used too late.
type buffers struct{ out, late atomic.Int64 }

// buffer is one picture or tensor; gone once it went back.
type buffer struct {
	all  *buffers
	gone atomic.Bool
}

func (b *buffers) get() *buffer {
	b.out.Add(1)
	return &buffer{all: b}
}

func (b *buffer) back() {
	b.gone.Store(true)
	b.all.out.Add(-1)
}

func (b *buffer) use() error {
	for range 3 {
		if b.gone.Load() {
			b.all.late.Add(1)
		}
	}
	return nil
}

// frameChain is one frame's way. Each stage reads the buffer of the one before inside its lease.
func frameChain(ctx context.Context, broker *compute.Broker, all *buffers, random *rand.Rand, name string) error {
	frame, pixels, err := stageLease(ctx, broker, all, "webrtc.frame_decoded/"+name, compute.Media, compute.SiliconCPU)
	if err != nil {
		return err
	}
	defer frame.Release()
	if err := errors.Join(frame.Do(pixels.use), frame.Publish()); err != nil {
		return err
	}
	maybeRevoke(broker, random, frame)
	texture, tensor, err := stageLease(ctx, broker, all, "vision.texture/"+name, compute.Render, compute.SiliconCPU, frame)
	if err != nil {
		return err
	}
	defer texture.Release()
	maybeRevoke(broker, random, texture)
	if err := frame.Do(func() error {
		maybeRevoke(broker, random, frame)
		return errors.Join(pixels.use(), texture.Do(tensor.use))
	}); err != nil {
		return err
	}
	if err := texture.Publish(); err != nil {
		return err
	}
	features, vectors, err := stageLease(ctx, broker, all, "vision.features/"+name, compute.Embedding, compute.SiliconGPU, texture)
	if err != nil {
		return err
	}
	defer features.Release()
	if err := texture.Do(func() error { return features.Do(vectors.use) }); err != nil {
		return err
	}
	return features.Publish()
}

func stageLease(
	ctx context.Context, broker *compute.Broker, all *buffers, artifact string, class compute.Class, silicon compute.Silicon, from ...*compute.Lease,
) (*compute.Lease, *buffer, error) {
	b := all.get()
	lease, err := broker.Acquire(ctx, compute.Demand{
		Artifact: artifact, Class: class, Silicon: silicon, Holder: artifact, Cost: compute.Cost{Units: 1, Bytes: 2}, From: from,
		Revocation: compute.Hard, StaleAfter: 10 * time.Second, Perishable: true, OnEnd: b.back,
	})
	if err != nil {
		b.back()
		return nil, nil, err
	}
	return lease, b, nil
}

func maybeRevoke(broker *compute.Broker, random *rand.Rand, lease *compute.Lease) {
	if random.IntN(8) == 0 {
		broker.Revoke(lease, "at random")
	}
}
