package compute_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sensory-agent/sensory-agent/compute"
)

// guardJob is one piece of the four workloads.
type guardJob struct {
	artifact string
	class    compute.Class
	pool     compute.Pool
	needs    []string
}

// The four workloads: a database snapshot; a model's inference, local and remote; a WebRTC frame on
// its way to a texture, features and a reply; background memory work.
func guardJobs() []guardJob {
	cpu, gpu := compute.Pool{Silicon: compute.SiliconCPU}, compute.Pool{Silicon: compute.SiliconGPU}
	return []guardJob{
		{"store.room_snapshot/room", compute.Data, compute.Pool{Silicon: compute.SiliconDisk}, nil},
		{"hearing.transcript/mic/1", compute.LocalGeneration, cpu, nil},
		{"cognition.reply/turn/remote", compute.CloudProvider, compute.Pool{Silicon: compute.SiliconCloud, Provider: "hosted"}, nil},
		{"vision.texture/cam/1", compute.Render, cpu, []string{"webrtc.frame_decoded/cam/1"}},
		{"vision.features/cam/1", compute.Embedding, gpu, []string{"vision.texture/cam/1"}},
		{"cognition.reply/turn/local", compute.LocalGeneration, gpu, []string{"vision.features/cam/1", "hearing.transcript/mic/1"}},
		{"memory.summary/room", compute.Background, compute.Pool{Silicon: compute.SiliconBackground}, nil},
	}
}

func guardBudgets() []compute.Budget {
	var budgets []compute.Budget
	for _, pool := range []compute.Pool{
		{Silicon: compute.SiliconCPU},
		{Silicon: compute.SiliconGPU},
		{Silicon: compute.SiliconDisk},
		{Silicon: compute.SiliconCloud, Provider: "hosted"},
		{Silicon: compute.SiliconBackground},
	} {
		budgets = append(budgets, compute.Budget{Pool: pool, Slots: 2, Units: 10})
	}
	return budgets
}

// TestOneMissingFrameHoldsUpOnlyItsChain plans the four workloads without the decoded frame: its
// three dependants wait and name what is missing, everything else is admitted.
func TestOneMissingFrameHoldsUpOnlyItsChain(t *testing.T) {
	t.Parallel()
	r := compute.Request{Budgets: guardBudgets()}
	for _, job := range guardJobs() {
		r.Jobs = append(r.Jobs, compute.Job{
			ID: job.artifact, Artifact: job.artifact, Class: job.class, Pool: job.pool, Holder: "room", Cost: compute.Cost{Units: 1}, Needs: job.needs,
		})
	}
	outcome, err := compute.Plan(r)
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string][]string{
		"vision.texture/cam/1":       {"webrtc.frame_decoded/cam/1"},
		"vision.features/cam/1":      {"vision.texture/cam/1"},
		"cognition.reply/turn/local": {"hearing.transcript/mic/1", "vision.features/cam/1"},
	}
	for _, d := range outcome.Decisions {
		names, waits := missing[d.ID]
		switch {
		case !waits && d.Bucket != compute.Admitted:
			t.Errorf("%s does not need the frame, but is %v", d.ID, d.Bucket)
		case waits && (d.Bucket != compute.MissingDependency || !slices.Equal(d.Missing, names)):
			t.Errorf("%s is %v, missing %v", d.ID, d.Bucket, d.Missing)
		case d.ID == "vision.features/cam/1" && d.BlockedBy != "webrtc.frame_decoded/cam/1":
			t.Errorf("the chain waits for %s", d.BlockedBy)
		}
	}
}

// workloads runs guard jobs through one broker and notes which have published.
type workloads struct {
	t       *testing.T
	broker  *compute.Broker
	group   sync.WaitGroup
	running context.Context // the test's own scope
	mu      sync.Mutex
	done    []string
}

// start lets each job ask for its lease, publish and hold on until the scope ends.
func (w *workloads) start() {
	for _, job := range guardJobs() {
		w.group.Go(func() {
			lease, err := w.broker.Acquire(w.t.Context(), compute.Demand{
				Artifact: job.artifact, Class: job.class, Silicon: job.pool.Silicon, Provider: job.pool.Provider, Holder: "room",
				Cost: compute.Cost{Units: 1}, Needs: job.needs,
			})
			if err != nil {
				w.t.Error(err)
				return
			}
			defer lease.Release()
			if err := lease.Publish(); err != nil {
				w.t.Error(err)
			}
			w.mu.Lock()
			w.done = append(w.done, job.artifact)
			w.mu.Unlock()
			<-w.running.Done()
		})
	}
}

// finished returns what has published once nothing moves any more.
func (w *workloads) finished() []string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(slices.Values(w.done))
}

// TestFourWorkloadsThroughOneBroker runs them. Only when the frame is published does its chain go
// on, stage by stage.
func TestFourWorkloadsThroughOneBroker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker, err := compute.NewBroker(compute.Config{Budgets: guardBudgets()})
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(t.Context())
		w := &workloads{t: t, broker: broker, running: running}
		w.group.Go(func() { broker.Run(running) })
		w.start()
		want := []string{"cognition.reply/turn/remote", "hearing.transcript/mic/1", "memory.summary/room", "store.room_snapshot/room"}
		if got := w.finished(); !slices.Equal(got, want) {
			t.Errorf("without the frame %v ran", got)
		}
		missing := map[string][]string{}
		for _, waiting := range broker.Snapshot().Waiting {
			missing[waiting.Artifact] = waiting.Decision.Missing
		}
		if len(missing) != 3 || !slices.Equal(missing["vision.texture/cam/1"], []string{"webrtc.frame_decoded/cam/1"}) {
			t.Errorf("the status does not name the missing frame: %v", missing)
		}
		frame, err := broker.Acquire(t.Context(), compute.Demand{
			Artifact: "webrtc.frame_decoded/cam/1", Class: compute.Media, Silicon: compute.SiliconCPU, Holder: "cam", Cost: compute.Cost{Units: 1},
			Revocation: compute.Hard,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.finished(); len(got) != 4 {
			t.Errorf("the frame is only being made, but %v ran", got)
		}
		if err := frame.Publish(); err != nil {
			t.Fatal(err)
		}
		if got := w.finished(); len(got) != len(guardJobs()) {
			t.Errorf("with the frame only %v ran", got)
		}
		frame.Release()
		stop()
		w.group.Wait()
		if s := broker.Snapshot(); len(s.Leases) != 0 || len(s.Waiting) != 0 {
			t.Errorf("left behind: %+v", s)
		}
	})
}

// TestACameraThatNeverSends ends with its caller's context and leaves nothing behind.
func TestACameraThatNeverSends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 1)
		ctx, giveUp := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			texture := cpuDemand("vision.texture/other/1")
			texture.Needs = []string{"webrtc.frame_decoded/other/1"}
			if _, err := broker.Acquire(ctx, texture); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		if lease, err := broker.TryAcquire(cpuDemand("beside")); err != nil {
			t.Errorf("the one that waits for a frame holds up others: %v", err)
		} else {
			lease.Release()
		}
		giveUp()
		group.Wait()
		if s := broker.Snapshot(); len(s.Waiting) != 0 {
			t.Errorf("still waiting: %+v", s.Waiting)
		}
	})
}
