package worker

import (
	"slices"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
)

// TestASocketThatClosesInAnyState: what was on its way is nobody's, what runs goes on, the other
// name has nothing to do with it, and the name is registered again.
func TestASocketThatClosesInAnyState(t *testing.T) {
	running := func(r *rig) { r.run(0, "AJ_1") }
	for _, c := range []struct {
		name   string
		before func(*rig) // brings the first of two connections into a state
		lives  bool       // the job outlives the connection
		says   []string   // beside that the connection is gone
	}{
		{"connecting", func(r *rig) { r.step(tick{}); r.register(1) }, false, nil},
		{"registering", func(r *rig) {
			r.step(tick{})
			r.register(1)
			r.step(opened{link: 0, conn: r.m.links[0].conn})
		}, false, nil},
		{"registered", func(r *rig) { r.up() }, false, nil},
		{"a job is thought over", func(r *rig) { r.up().offer(0, job("AJ_1", "iris")) }, false, []string{"tell lapsed iris AJ_1"}},
		{"a job is accepted", func(r *rig) {
			r.up().offer(0, job("AJ_1", "iris"))
			r.reserve("AJ_1", nil)
		}, false, []string{"release", "tell lapsed iris AJ_1"}},
		{"a job runs", func(r *rig) { running(r.up()) }, true, nil},
		{"a job is being ended", func(r *rig) { running(r.up()); r.terminate(0, "AJ_1") }, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			c.before(r)
			was := r.m.slots["AJ_1"]
			got := r.lose(0)
			for _, text := range append(c.says, "tell disconnected iris: gone") {
				if !slices.Contains(got, text) {
					t.Errorf("%q does not say %q", got, text)
				}
			}
			if r.m.links[0].state != linkDown || r.m.links[1].state != linkRegistered {
				t.Errorf("the connections are %s and %s", r.m.links[0].state, r.m.links[1].state)
			}
			want(t, r.lose(0)) // it is gone already
			now, there := r.m.slots["AJ_1"]
			if there != c.lives || there && now != was {
				t.Fatalf("the job is there: %t", there)
			}
			if got := r.wait(firstDelay); !slices.Contains(got, "dial 0") {
				t.Errorf("not tried again: %q", got)
			}
			got = r.register(0)
			if !slices.Contains(got, "tell registered iris") || slices.Contains(got, "send 0 migrate AJ_1") != c.lives {
				t.Errorf("registered again: %q", got)
			}
			if c.lives { // and it ends on the new connection
				if got := r.step(returned{job: "AJ_1", serial: was.serial}); !slices.Contains(got, "send 0 job AJ_1 SUCCESS") {
					t.Errorf("ended: %q", got)
				}
			}
			if r.run(0, "AJ_2"); r.m.share() != 0.5 {
				t.Errorf("a place is lost: %v in use", r.m.share())
			}
		})
	}
}

// TestASocketThatClosesWhileDraining: nothing is registered again, and the end comes with the last
// job.
func TestASocketThatClosesWhileDraining(t *testing.T) {
	r := newRig(t, nil).up()
	serial := r.run(0, "AJ_1")
	r.step(drain{time.Minute})
	want(t, r.lose(0), "tell disconnected iris: gone")
	if got := r.wait(30 * time.Second); slices.Contains(got, "dial 0") {
		t.Errorf("dialled again: %q", got)
	}
	if got := r.step(returned{job: "AJ_1", serial: serial}); !slices.Contains(got, "finish <nil>") {
		t.Errorf("%q", got)
	}
}

// TestWhatComesForAJobThatHasEnded: it is refused and counted; the job may be offered anew.
func TestWhatComesForAJobThatHasEnded(t *testing.T) {
	r := newRig(t, nil).up()
	serial := r.run(0, "AJ_1")
	r.step(returned{job: "AJ_1", serial: serial})
	want(t, r.terminate(0, "AJ_1"), "tell refused iris AJ_1 unknown_termination")
	want(t, r.assign(0, job("AJ_1", "iris")),
		"tell refused iris AJ_1 unoffered_assignment", "send 0 job AJ_1 FAILED the worker did not accept this job")
	want(t, r.step(returned{job: "AJ_1", serial: serial}))
	if r.m.counts[ReasonTermination] != 1 || r.m.counts[ReasonUnoffered] != 1 {
		t.Errorf("%v", r.m.counts)
	}
	if again := r.run(0, "AJ_1"); again == serial {
		t.Error("it is taken for the one before")
	}
}

// TestAnAssignmentForAnotherRoomIsRefused: a place was reserved in the room that was offered. The
// right one is still taken.
func TestAnAssignmentForAnotherRoomIsRefused(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	r.reserve("AJ_1", nil)
	other := job("AJ_1", "iris")
	other.Room = &livekit.Room{Name: "attic"}
	want(t, r.assign(0, other), "tell refused iris AJ_1 unoffered_assignment", "send 0 job AJ_1 FAILED the worker did not accept this job")
	want(t, r.assign(0, job("AJ_1", "iris")), "send 0 job AJ_1 RUNNING", "tell assigned iris AJ_1", "begin AJ_1 as agent-AJ_1")
}
