package compute_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestBrokerLedgerAddsUp does random things to a broker without waiting and compares its snapshot
// with what the holders know.
func TestBrokerLedgerAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		t.Repeat(map[string]func(*rapid.T){
			"acquire": m.acquire, "release": m.release, "publish": m.publish, "revoke": m.revoke,
			"renew": m.renew, "advance": m.advance, "relieve": m.relieve, "": m.check,
		})
	})
}

type machine struct {
	clock  time.Duration
	broker *compute.Broker
	leases []*compute.Lease
	ended  map[*compute.Lease]int // calls of OnEnd
	token  uint64
	serial int
}

func newMachine(t *rapid.T) *machine {
	m := &machine{ended: map[*compute.Lease]int{}}
	broker, err := compute.NewBroker(compute.Config{
		Clock: func() time.Duration { return m.clock }, TTL: 10 * time.Second,
		Budgets: []compute.Budget{
			{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 5, Units: 20, Bytes: 100},
			{Pool: compute.Pool{Silicon: compute.SiliconGPU}, Slots: 3, Units: 10},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.broker = broker
	return m
}

func (m *machine) acquire(t *rapid.T) {
	m.serial++
	var lease *compute.Lease
	d := compute.Demand{
		Artifact: fmt.Sprintf("a%d", m.serial), Class: compute.Render, Holder: "h", TTL: time.Duration(rapid.IntRange(1, 20).Draw(t, "ttl")) * time.Second,
		Silicon:    rapid.SampledFrom([]compute.Silicon{compute.SiliconCPU, compute.SiliconGPU}).Draw(t, "silicon"),
		Cost:       compute.Cost{Units: rapid.Int64Range(0, 8).Draw(t, "units"), Bytes: rapid.Int64Range(0, 40).Draw(t, "bytes")},
		Revocation: rapid.SampledFrom([]compute.Revocation{compute.Graceful, compute.Hard, compute.Pinned}).Draw(t, "revocation"),
		OnEnd:      func() { m.ended[lease]++ },
	}
	var err error
	lease, err = m.broker.TryAcquire(d)
	if err != nil {
		var refusal *compute.Refusal
		if !errors.As(err, &refusal) || !errors.Is(err, compute.ErrPressure) || refusal.Decision.Shortage == nil {
			t.Fatalf("refused with %v", err)
		}
		return
	}
	m.token++
	if lease.Token() != m.token {
		t.Fatalf("token %d after %d", lease.Token(), m.token-1)
	}
	m.leases = append(m.leases, lease)
}

func (m *machine) pick(t *rapid.T) *compute.Lease {
	if len(m.leases) == 0 {
		t.Skip("no lease yet")
	}
	return rapid.SampledFrom(m.leases).Draw(t, "lease")
}

func (m *machine) release(t *rapid.T) { m.pick(t).Release() }
func (m *machine) publish(t *rapid.T) { _ = m.pick(t).Publish() }
func (m *machine) renew(t *rapid.T)   { _ = m.pick(t).Renew(5 * time.Second) }

func (m *machine) revoke(t *rapid.T) { m.broker.Revoke(m.pick(t), "because") }

func (m *machine) advance(t *rapid.T) {
	m.clock += time.Duration(rapid.IntRange(0, 4000).Draw(t, "ms")) * time.Millisecond
	if rapid.Bool().Draw(t, "sweep") {
		m.broker.Sweep()
	}
}

func (m *machine) relieve(t *rapid.T) {
	if _, err := m.broker.Relieve(compute.Pool{Silicon: compute.SiliconCPU}, rapid.Float64Range(0, 1).Draw(t, "level")); err != nil {
		t.Fatal(err)
	}
}

// check compares the snapshot with the leases.
func (m *machine) check(t *rapid.T) {
	s := m.broker.Snapshot()
	if s.Token != m.token {
		t.Fatalf("the snapshot has token %d, the last grant had %d", s.Token, m.token)
	}
	live := map[uint64]bool{}
	sums := map[compute.Pool]compute.PoolUse{}
	for _, info := range s.Leases {
		live[info.Token] = true
		use := sums[info.Pool]
		if !info.Published {
			use.UsedSlots++
			use.UsedUnits += info.Cost.Units
		}
		use.UsedBytes += info.Cost.Bytes
		sums[info.Pool] = use
	}
	for _, lease := range m.leases {
		ended := lease.Err() != nil && !live[lease.Token()]
		if want := map[bool]int{true: 1, false: 0}[ended]; m.ended[lease] != want {
			t.Fatalf("token %d: OnEnd ran %d times, live %t", lease.Token(), m.ended[lease], live[lease.Token()])
		}
	}
	for _, p := range s.Pools {
		use := sums[p.Pool]
		if p.UsedSlots != use.UsedSlots || p.UsedUnits != use.UsedUnits || p.UsedBytes != use.UsedBytes {
			t.Fatalf("%v counts %+v, its leases add up to %+v", p.Pool, p.PoolUse, use)
		}
		if p.UsedSlots > p.Slots || p.UsedUnits > p.Units || p.Bytes > 0 && p.UsedBytes > p.Bytes {
			t.Fatalf("%v is over its budget: %+v", p.Pool, p.PoolUse)
		}
		if p.Granted != p.Completed+p.Expired+p.Revoked+p.Abandoned+uint64(p.Held) {
			t.Fatalf("%v: %d granted, but %+v and %d held", p.Pool, p.Granted, p.Counts, p.Held)
		}
	}
}
