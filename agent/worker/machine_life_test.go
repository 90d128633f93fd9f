package worker

import (
	"errors"
	"slices"
	"testing"
	"time"
)

var errGone = errors.New("gone")

func (r *rig) lose(i int) []string {
	return r.step(lost{link: i, conn: r.m.links[i].conn, err: errGone})
}

func TestJobsLiveOnWhileTheServerIsAway(t *testing.T) {
	r := newRig(t, nil).up()
	serial := r.run(0, "AJ_1")
	want(t, r.lose(0), "tell disconnected iris: gone")
	if st := r.m.snapshot(); st.Serving || len(st.Jobs) != 1 || st.Jobs[0].State != "running" || st.Agents[0].Error != "gone" {
		t.Errorf("%+v", st)
	}
	if got := r.wait(firstDelay - time.Millisecond); slices.Contains(got, "dial 0") {
		t.Error("dials too early")
	}
	want(t, r.wait(time.Millisecond), "dial 0")
	r.step(opened{link: 0, conn: r.m.links[0].conn})
	want(t, r.register(0), "tell registered iris", "send 0 migrate AJ_1", "send 0 status AVAILABLE 0.35 1")
	want(t, r.step(returned{job: "AJ_1", serial: serial}), "send 0 job AJ_1 SUCCESS", "tell ended iris AJ_1", "send 0 status AVAILABLE 0.00 0", "send 1 status AVAILABLE 0.00 0")
}

func TestAJobThatEndsWhileTheServerIsAwayIsForgottenQuietly(t *testing.T) {
	r := newRig(t, nil).up()
	serial := r.run(0, "AJ_1")
	r.lose(0)
	want(t, r.step(returned{job: "AJ_1", serial: serial}), "tell ended iris AJ_1", "send 1 status AVAILABLE 0.00 0")
}

func TestOffersOnAConnectionThatBreaksAreNobodys(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	serial := r.m.slots["AJ_1"].serial
	r.offer(0, job("AJ_2", "iris"))
	r.reserve("AJ_2", nil)
	want(t, r.lose(0), "tell lapsed iris AJ_1", "release", "tell lapsed iris AJ_2", "tell disconnected iris: gone", "send 1 status AVAILABLE 0.00 0")
	want(t, r.step(reserved{job: "AJ_1", serial: serial}), "release")
}

func TestAttemptsAreSpreadOverTime(t *testing.T) {
	r := newRig(t, func(c *machineConfig) { c.agents = c.agents[:1] })
	r.step(tick{})
	var got []time.Duration
	for range 8 {
		r.lose(0)
		at, _ := r.m.next()
		got = append(got, at.Sub(r.now))
		r.wait(at.Sub(r.now))
	}
	half := time.Second / 2
	want := []time.Duration{half, 2 * half, 4 * half, 8 * half, 16 * half, lastDelay, lastDelay, lastDelay}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	r.register(0)
	r.lose(0)
	if at, _ := r.m.next(); at.Sub(r.now) != half {
		t.Errorf("after a registration it begins anew, not with %v", at.Sub(r.now))
	}
	r.m.cfg.jitter = func() float64 { return 1 }
	if got := r.m.delay(0); got != half/2 {
		t.Errorf("at most half is left out: %v", got)
	}
}

func TestAServerThatDoesNotAnswer(t *testing.T) {
	r := newRig(t, func(c *machineConfig) { c.agents = c.agents[:1] })
	r.step(tick{})
	want(t, r.wait(dialLimit), "hang up 0", "tell disconnected iris: "+ErrSilent.Error())
	r.wait(firstDelay)
	r.step(opened{link: 0, conn: r.m.links[0].conn})
	want(t, r.wait(registerLimit), "hang up 0", "tell disconnected iris: "+ErrSilent.Error())
}

func TestAWrongKeyEndsTheFirstAttemptAndNoLaterOne(t *testing.T) {
	for _, cause := range []error{ErrUnauthorized, ErrNotLiveKit} {
		r := newRig(t, nil)
		r.step(tick{})
		want(t, r.step(lost{link: 0, conn: r.m.links[0].conn, err: cause}),
			"tell disconnected iris: "+cause.Error(), "hang up 1", "finish "+cause.Error())
		r = newRig(t, nil).up()
		want(t, r.step(lost{link: 0, conn: r.m.links[0].conn, err: cause}), "tell disconnected iris: "+cause.Error())
	}
}

func TestStatusAndPingsGoOutFromTimeToTime(t *testing.T) {
	r := newRig(t, func(c *machineConfig) { c.agents = c.agents[:1] }).up()
	want(t, r.wait(2499*time.Millisecond))
	if at, ok := r.m.next(); !ok || at.Sub(r.now) != time.Millisecond {
		t.Errorf("next in %v", at.Sub(r.now))
	}
	want(t, r.wait(time.Millisecond), "send 0 status AVAILABLE 0.00 0")
	want(t, r.wait(pingEvery-2500*time.Millisecond), "send 0 ping", "send 0 status AVAILABLE 0.00 0")
}

func TestDrainWaitsForWhatRuns(t *testing.T) {
	r := newRig(t, nil).up()
	a, b := r.run(0, "AJ_a"), r.run(1, "AJ_b")
	want(t, r.step(drain{time.Minute}), "tell draining") // both places are taken: the servers know that
	want(t, r.step(drain{time.Second}))                  // the first one counts
	if st := r.m.snapshot(); st.Serving || !st.Draining || st.Why() != "the worker is being drained" {
		t.Errorf("%+v", st)
	}
	want(t, r.step(returned{job: "AJ_a", serial: a}), "send 0 job AJ_a SUCCESS", "tell ended iris AJ_a", "send 0 status FULL 0.70 0")
	want(t, r.step(returned{job: "AJ_b", serial: b}),
		"send 1 job AJ_b SUCCESS", "tell ended max AJ_b", "send 1 status FULL 0.70 0", "hang up 0", "hang up 1", "finish <nil>")
	if _, ok := r.m.next(); ok {
		t.Error("something is due after the end")
	}
}

func TestDrainingEndsWhatTakesTooLong(t *testing.T) {
	r := newRig(t, nil).up()
	a := r.run(0, "AJ_a")
	r.step(drain{time.Minute})
	r.wait(59 * time.Second)
	got := r.wait(time.Second)
	if !slices.Contains(got, "cancel: "+ErrDrainLimit.Error()) || slices.Contains(got, "finish <nil>") {
		t.Errorf("%v", got)
	}
	got = r.step(returned{job: "AJ_a", serial: a, err: ErrDrainLimit})
	if got[0] != "send 0 job AJ_a FAILED "+ErrDrainLimit.Error() || got[len(got)-1] != "finish <nil>" {
		t.Errorf("%v", got)
	}
}

func TestWhatWasAcceptedBeforeDrainingIsDone(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	r.reserve("AJ_1", nil)
	r.offer(1, job("AJ_2", "max"))
	if got := r.step(drain{time.Minute}); slices.Contains(got, "finish <nil>") {
		t.Error("ended with an offer open")
	}
	got := r.reserve("AJ_2", nil)
	want(t, got, "release", "send 1 declined AJ_2", "tell declined max AJ_2 draining", "send 1 status FULL 0.70 0")
	if got := r.assign(0, job("AJ_1", "iris")); got[len(got)-1] != "begin AJ_1 as agent-AJ_1" {
		t.Errorf("%v", got)
	}
}

func TestDrainingDoesNotRegisterAgain(t *testing.T) {
	r := newRig(t, nil).up()
	serial := r.run(0, "AJ_1")
	r.lose(1)
	r.step(drain{time.Minute})
	want(t, r.lose(0), "tell disconnected iris: gone")
	if got := r.wait(30 * time.Second); len(got) != 0 {
		t.Errorf("%v", got)
	}
	want(t, r.step(returned{job: "AJ_1", serial: serial}), "tell ended iris AJ_1", "finish <nil>")
}

func TestStopEndsEverythingAtOnce(t *testing.T) {
	r := newRig(t, func(c *machineConfig) { c.maxJobs = 9 }).up()
	serial := r.run(0, "AJ_run")
	r.offer(0, job("AJ_ask", "iris"))
	asked := r.m.slots["AJ_ask"].serial
	r.offer(1, job("AJ_ok", "max"))
	r.reserve("AJ_ok", nil)
	want(t, r.step(stop{}),
		"cancel: "+ErrStopped.Error(), "send 0 declined AJ_ask", "tell declined iris AJ_ask draining", "release", "tell lapsed max AJ_ok",
		"send 0 status FULL 0.70 1", "send 1 status FULL 0.70 0")
	want(t, r.step(stop{}))
	want(t, r.step(returned{job: "AJ_run", serial: serial, err: ErrStopped})[:1], "send 0 job AJ_run FAILED "+ErrStopped.Error())
	got := r.step(reserved{job: "AJ_ask", serial: asked}) // whoever reserves is waited for
	want(t, got, "release", "hang up 0", "hang up 1", "finish <nil>")
}
