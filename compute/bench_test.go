package compute_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// chains makes n jobs in chains of three, as many as fit and more: decode, texture and features of
// many tracks. Every fourth chain's frame is ready.
func chains(n int) compute.Request {
	r := compute.Request{
		Now: time.Minute,
		Budgets: []compute.Budget{
			{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 512, Units: 100_000},
			{Pool: compute.Pool{Silicon: compute.SiliconGPU}, Slots: 64, Units: 10_000, Bytes: 1 << 40},
		},
	}
	cpu, gpu := r.Budgets[0].Pool, r.Budgets[1].Pool
	for i := 0; len(r.Jobs) < n; i++ {
		frame, texture := fmt.Sprintf("webrtc.frame_decoded/cam%d/7", i), fmt.Sprintf("vision.texture/cam%d/7", i)
		holder := fmt.Sprintf("cam%d", i)
		job := compute.Job{
			ID: fmt.Sprintf("decode-%d", i), Artifact: frame, Class: compute.Media, Pool: cpu, Holder: holder, Priority: i % 7,
			Cost: compute.Cost{Units: 10}, Created: time.Minute - time.Duration(i%900)*time.Millisecond, StaleAfter: time.Second, Perishable: true,
		}
		if i%4 == 0 {
			r.Ready = append(r.Ready, frame)
		}
		r.Jobs = append(r.Jobs, job)
		job.ID, job.Artifact, job.Class, job.Needs = fmt.Sprintf("texture-%d", i), texture, compute.Render, []string{frame}
		r.Jobs = append(r.Jobs, job)
		job.ID, job.Artifact, job.Class, job.Pool = fmt.Sprintf("features-%d", i), fmt.Sprintf("vision.features/cam%d/7", i), compute.Embedding, gpu
		job.Needs = []string{texture}
		r.Jobs = append(r.Jobs, job)
	}
	r.Jobs = r.Jobs[:n]
	return r
}

// BenchmarkPlan measures one plan, validation included.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{16, 1_000, 10_000, 30_000, 100_000} {
		b.Run(fmt.Sprintf("jobs=%d", n), func(b *testing.B) {
			r := chains(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := compute.Plan(r); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/job")
		})
	}
}

// BenchmarkParseRequest measures the strict JSON reader.
func BenchmarkParseRequest(b *testing.B) {
	text, err := json.Marshal(chains(1000))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := compute.ParseRequest(text); err != nil {
			b.Fatal(err)
		}
	}
}

func leaseOverAndOver(b *testing.B, broker *compute.Broker) {
	b.Helper()
	d := cpuDemand("vision.texture/cam/7")
	b.ReportAllocs()
	for b.Loop() {
		lease, err := broker.Acquire(b.Context(), d)
		if err != nil {
			b.Fatal(err)
		}
		lease.Release()
	}
}

// BenchmarkAcquireRelease measures an uncontended lease: alone, with a revocation channel and a
// context, and from many goroutines.
func BenchmarkAcquireRelease(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		leaseOverAndOver(b, cpuBroker(b, 4))
	})
	b.Run("published-and-watched", func(b *testing.B) {
		broker := cpuBroker(b, 4)
		d := cpuDemand("vision.texture/cam/7")
		b.ReportAllocs()
		for b.Loop() {
			lease, err := broker.Acquire(b.Context(), d)
			if err != nil {
				b.Fatal(err)
			}
			_ = lease.Revoked()
			if err := lease.Publish(); err != nil {
				b.Fatal(err)
			}
			lease.Release()
		}
	})
	b.Run("beside-1000-held", func(b *testing.B) {
		broker := cpuBroker(b, 2000)
		d := cpuDemand("x")
		d.Cost.Units = 0
		for range 1000 {
			if _, err := broker.TryAcquire(d); err != nil {
				b.Fatal(err)
			}
		}
		leaseOverAndOver(b, broker)
	})
	b.Run("parallel", func(b *testing.B) {
		broker := cpuBroker(b, 1000)
		d := cpuDemand("x")
		d.Cost.Units = 0
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				lease, err := broker.Acquire(b.Context(), d)
				if err != nil {
					b.Error(err)
					return
				}
				lease.Release()
			}
		})
	})
}

// BenchmarkContended measures a lease that 16 goroutines fight for: each grant but the first goes
// through the queue and the planner.
func BenchmarkContended(b *testing.B) {
	broker := cpuBroker(b, 1)
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		d := cpuDemand("x")
		for i := 0; pb.Next(); i++ {
			d.Artifact = fmt.Sprintf("a/%p/%d", pb, i)
			lease, err := broker.Acquire(b.Context(), d)
			if err != nil {
				b.Error(err)
				return
			}
			lease.Release()
		}
	})
}

// BenchmarkSnapshot measures what a status page costs the ones that work.
func BenchmarkSnapshot(b *testing.B) {
	broker := cpuBroker(b, 100)
	for i := range 50 {
		d := cpuDemand(fmt.Sprintf("a%d", i))
		if _, err := broker.TryAcquire(d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if s := broker.Snapshot(); len(s.Leases) != 50 {
			b.Fatal(len(s.Leases))
		}
	}
}
