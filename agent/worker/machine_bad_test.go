package worker

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
)

func TestOffersThatAreDeclined(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(*rig)
		offer  *livekit.Job
		want   []string
		count  Reason
	}{
		{
			"a name that was not registered on this connection", nil, job("AJ_1", "max"),
			[]string{"tell refused iris AJ_1 unknown_agent", "send 0 declined AJ_1"},
			ReasonAgent,
		},
		{
			"all places taken",
			func(r *rig) { r.run(0, "AJ_a"); r.run(1, "AJ_b") },
			job("AJ_1", "iris"),
			[]string{"send 0 declined AJ_1", "tell declined iris AJ_1 full"},
			ReasonFull,
		},
		{
			"running already",
			func(r *rig) { r.run(0, "AJ_1") },
			job("AJ_1", "iris"),
			[]string{"tell refused iris AJ_1 duplicate_offer", "send 0 declined AJ_1"},
			ReasonDuplicate,
		},
		{
			"drained",
			func(r *rig) { r.run(0, "AJ_a"); r.step(drain{time.Hour}) },
			job("AJ_1", "iris"),
			[]string{"send 0 declined AJ_1", "tell declined iris AJ_1 draining"},
			ReasonDraining,
		},
	} {
		r := newRig(t, nil).up()
		if c.before != nil {
			c.before(r)
		}
		t.Run(c.name, func(t *testing.T) {
			want(t, r.offer(0, c.offer), c.want...)
			if r.m.counts[c.count] != 1 {
				t.Errorf("counts %v", r.m.counts)
			}
		})
	}
}

func TestAnOfferThatIsRepeatedWhileItIsThoughtOverIsAnsweredOnce(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	want(t, r.offer(0, job("AJ_1", "iris")), "tell refused iris AJ_1 duplicate_offer")
	want(t, r.reserve("AJ_1", nil), "send 0 available AJ_1 as agent-AJ_1", "tell accepted iris AJ_1")
}

func TestReserveSaysNo(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	want(t, r.reserve("AJ_1", errors.New("no memory")),
		"send 0 declined AJ_1", "tell declined iris AJ_1 not_reserved: no memory", "send 0 status AVAILABLE 0.00 0", "send 1 status AVAILABLE 0.00 0")
	r.offer(0, job("AJ_2", "iris"))
	want(t, r.reserve("AJ_2", ErrNotNeeded),
		"send 0 not needed AJ_2", "tell declined iris AJ_2 not_needed", "send 0 status AVAILABLE 0.00 0", "send 1 status AVAILABLE 0.00 0")
}

func TestAReservationThatComesTooLateIsGivenBack(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	serial := r.m.slots["AJ_1"].serial
	if got := r.wait(1999 * time.Millisecond); slices.Contains(got, "send 0 declined AJ_1") {
		t.Error("declined too early")
	}
	got := r.wait(time.Millisecond)
	want(t, got, "send 0 declined AJ_1", "tell declined iris AJ_1 reserve_too_slow", "send 0 status AVAILABLE 0.00 0", "send 1 status AVAILABLE 0.00 0")
	want(t, r.step(reserved{job: "AJ_1", serial: serial}), "release")
	want(t, r.step(reserved{job: "AJ_1", serial: serial, err: errors.New("no")}))
}

// A second offer of the same job must not be taken for the first one.
func TestALateReservationIsNotThatOfTheNextOffer(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	old := r.m.slots["AJ_1"].serial
	r.wait(2 * time.Second)
	r.offer(0, job("AJ_1", "iris"))
	want(t, r.step(reserved{job: "AJ_1", serial: old}), "release")
	want(t, r.reserve("AJ_1", nil), "send 0 available AJ_1 as agent-AJ_1", "tell accepted iris AJ_1")
}

func TestOffersAtOnceAreBounded(t *testing.T) {
	r := newRig(t, func(c *machineConfig) { c.maxJobs, c.maxOffers = 100, 2 }).up()
	r.offer(0, job("AJ_1", "iris"))
	r.offer(0, job("AJ_2", "iris"))
	r.wait(2 * time.Second) // both are declined, but Reserve is still at them
	want(t, r.offer(0, job("AJ_3", "iris")), "send 0 declined AJ_3", "tell declined iris AJ_3 too_many_offers")
	r.step(reserved{job: "AJ_1", serial: 3, err: errors.New("no")})
	if got := r.offer(0, job("AJ_4", "iris")); got[0] != "ask iris AJ_4" {
		t.Errorf("%v", got)
	}
	r.reserve("AJ_4", nil) // awaits its assignment: that counts, too
	want(t, r.offer(0, job("AJ_5", "iris")), "send 0 declined AJ_5", "tell declined iris AJ_5 too_many_offers")
}

func TestAnAssignmentThatDoesNotCome(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	r.reserve("AJ_1", nil)
	if got := r.wait(assignLimit - time.Millisecond); slices.Contains(got, "release") {
		t.Error("given up too early")
	}
	want(t, r.wait(time.Millisecond), "release", "tell lapsed iris AJ_1", "send 0 status AVAILABLE 0.00 0", "send 1 status AVAILABLE 0.00 0")
	want(t, r.assign(0, job("AJ_1", "iris")),
		"tell refused iris AJ_1 unoffered_assignment", "send 0 job AJ_1 FAILED the worker did not accept this job")
}

func TestAssignmentsThatAreRefused(t *testing.T) {
	r := newRig(t, nil).up()
	want(t, r.assign(0, job("AJ_9", "iris")),
		"tell refused iris AJ_9 unoffered_assignment", "send 0 job AJ_9 FAILED the worker did not accept this job")
	r.offer(0, job("AJ_1", "iris"))
	want(t, r.assign(0, job("AJ_1", "iris")),
		"tell refused iris AJ_1 unoffered_assignment", "send 0 job AJ_1 FAILED the worker did not accept this job")
	r.reserve("AJ_1", nil)
	want(t, r.assign(1, job("AJ_1", "iris")),
		"tell refused max AJ_1 unoffered_assignment", "send 1 job AJ_1 FAILED the worker did not accept this job")
	r.assign(0, job("AJ_1", "iris"))
	want(t, r.assign(0, job("AJ_1", "iris")), "tell refused iris AJ_1 duplicate_assignment")
	r.terminate(0, "AJ_1")
	want(t, r.assign(0, job("AJ_1", "iris")), "tell refused iris AJ_1 duplicate_assignment")
	if got := r.m.counts[ReasonUnoffered]; got != 3 {
		t.Errorf("%d unoffered", got)
	}
}

func TestTermination(t *testing.T) {
	r := newRig(t, nil).up()
	serial := r.run(0, "AJ_1")
	want(t, r.terminate(1, "AJ_1"), "tell refused max AJ_1 unknown_termination")
	want(t, r.terminate(0, "AJ_2"), "tell refused iris AJ_2 unknown_termination")
	want(t, r.terminate(0, "AJ_1"), "cancel: "+ErrTerminated.Error(), "tell terminated iris AJ_1")
	want(t, r.terminate(0, "AJ_1")) // once is enough
	want(t, r.step(returned{job: "AJ_1", serial: serial, err: ErrTerminated}),
		"send 0 job AJ_1 SUCCESS", "tell ended iris AJ_1: "+ErrTerminated.Error(), "send 0 status AVAILABLE 0.00 0", "send 1 status AVAILABLE 0.00 0")
	want(t, r.step(returned{job: "AJ_1", serial: serial})) // a job that is not here
}

func TestMessagesOutOfPlace(t *testing.T) {
	r := newRig(t, nil)
	r.step(tick{})
	r.step(opened{link: 0, conn: r.m.links[0].conn})
	want(t, r.offer(0, job("AJ_1", "iris")), "tell refused iris AJ_1 not_registered")
	r.register(1)
	want(t, r.register(1), "tell refused max repeated_registration")
	want(t, r.get(1, &livekit.ServerMessage{}), "tell refused max unknown_message")
	want(t, r.get(1, &livekit.ServerMessage{Message: &livekit.ServerMessage_Pong{Pong: &livekit.WorkerPong{}}}))
	want(t, r.step(received{link: 1, conn: 999, msg: &livekit.ServerMessage{}})) // of a connection that is gone
	want(t, r.step(bad{link: 1, conn: 999}))
	want(t, r.step(lost{link: 1, conn: 999}))
}

func TestMalformedFramesInARowEndTheConnection(t *testing.T) {
	r := newRig(t, nil).up()
	frame := bad{link: 0, conn: r.m.links[0].conn, err: ErrMalformed}
	for range malformedMax - 1 {
		want(t, r.step(frame), "tell refused iris malformed: "+ErrMalformed.Error())
	}
	r.get(0, &livekit.ServerMessage{Message: &livekit.ServerMessage_Pong{}}) // a good one in between
	for range malformedMax - 1 {
		want(t, r.step(frame), "tell refused iris malformed: "+ErrMalformed.Error())
	}
	want(t, r.step(frame), "tell refused iris malformed: "+ErrMalformed.Error(), "hang up 0", "tell disconnected iris: "+ErrMalformed.Error())
	if r.m.links[0].state != linkDown || r.m.links[1].state != linkRegistered {
		t.Error("the other connection has nothing to do with it")
	}
}
