package worker

// The machine is tested from inside: its events and effects are nobody else's.

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/livekit/protocol/livekit"
)

// rig is a machine with a clock, and what came out of it in words.
type rig struct {
	t    *testing.T
	m    *machine
	now  time.Time
	last []effect
}

func newRig(t *testing.T, change func(*machineConfig)) *rig {
	t.Helper()
	cfg := machineConfig{
		agents: []Agent{{Name: "iris"}, {Name: "max"}}, version: "test", target: 0.7, maxJobs: 2, maxOffers: 4,
		reserveLimit: 2 * time.Second, statusEvery: 2500 * time.Millisecond, jitter: func() float64 { return 0 },
	}
	if change != nil {
		change(&cfg)
	}
	return &rig{t: t, m: newMachine(cfg), now: time.Unix(1_800_000_000, 0)}
}

// step feeds an event and returns what came of it.
func (r *rig) step(e event) []string {
	r.last = r.m.step(r.now, e)
	out := []string{}
	for _, f := range r.last {
		out = append(out, words(f))
	}
	return out
}

// wait lets time pass.
func (r *rig) wait(d time.Duration) []string {
	r.now = r.now.Add(d)
	return r.step(tick{})
}

// up registers every agent.
func (r *rig) up() *rig {
	r.t.Helper()
	r.step(tick{})
	for i := range r.m.links {
		r.register(i)
	}
	return r
}

func (r *rig) register(i int) []string {
	r.step(opened{link: i, conn: r.m.links[i].conn})
	return r.get(i, &livekit.ServerMessage{Message: &livekit.ServerMessage_Register{Register: &livekit.RegisterWorkerResponse{
		WorkerId: fmt.Sprintf("AW_%d", i), ServerInfo: &livekit.ServerInfo{Version: "1.13.5"},
	}}})
}

func (r *rig) get(i int, msg *livekit.ServerMessage) []string {
	return r.step(received{link: i, conn: r.m.links[i].conn, msg: msg})
}

func job(id, agent string) *livekit.Job {
	return &livekit.Job{Id: id, DispatchId: "AD_" + id, AgentName: agent, Room: &livekit.Room{Name: "lobby"}, Metadata: "m"}
}

func (r *rig) offer(i int, j *livekit.Job) []string {
	return r.get(i, &livekit.ServerMessage{Message: &livekit.ServerMessage_Availability{Availability: &livekit.AvailabilityRequest{Job: j}}})
}

func (r *rig) assign(i int, j *livekit.Job) []string {
	return r.get(i, &livekit.ServerMessage{Message: &livekit.ServerMessage_Assignment{Assignment: &livekit.JobAssignment{Job: j, Token: "t"}}})
}

func (r *rig) terminate(i int, id string) []string {
	return r.get(i, &livekit.ServerMessage{Message: &livekit.ServerMessage_Termination{Termination: &livekit.JobTermination{JobId: id}}})
}

// reserve answers the newest question for a reservation.
func (r *rig) reserve(id string, err error) []string {
	r.t.Helper()
	s := r.m.slots[id]
	if s == nil {
		r.t.Fatalf("job %s is not here", id)
	}
	return r.step(reserved{job: id, serial: s.serial, err: err})
}

// run brings a job to running.
func (r *rig) run(i int, id string) uint64 {
	r.t.Helper()
	j := job(id, r.m.links[i].agent.Name)
	r.offer(i, j)
	r.reserve(id, nil)
	r.assign(i, j)
	if s := r.m.slots[id]; s == nil || s.state != slotRunning {
		r.t.Fatalf("job %s does not run: %+v", id, s)
	}
	return r.m.slots[id].serial
}

// words is an effect for people.
func words(f effect) string {
	switch f := f.(type) {
	case dial:
		return fmt.Sprintf("dial %d", f.link)
	case hangUp:
		return fmt.Sprintf("hang up %d", f.link)
	case send:
		return fmt.Sprintf("send %d %s", f.link, message(f.msg))
	case ask:
		return "ask " + f.offer.Agent + " " + f.offer.Job.GetId()
	case release:
		return "release"
	case begin:
		return "begin " + f.job.ID + " as " + f.job.Identity
	case cancel:
		return "cancel: " + f.cause.Error()
	case tell:
		e := f.event
		out := strings.Join(slices.DeleteFunc([]string{"tell", string(e.Kind), e.Agent, e.Job, string(e.Reason)}, func(s string) bool { return s == "" }), " ")
		if e.Err != nil {
			out += ": " + e.Err.Error()
		}
		return out
	case finish:
		return fmt.Sprintf("finish %v", f.err)
	}
	return fmt.Sprintf("%T", f)
}

func message(msg *livekit.WorkerMessage) string {
	switch m := msg.GetMessage().(type) {
	case *livekit.WorkerMessage_Register:
		return fmt.Sprintf("register %s %s", m.Register.GetAgentName(), m.Register.GetVersion())
	case *livekit.WorkerMessage_Availability:
		a := m.Availability
		switch {
		case a.GetTerminate():
			return "not needed " + a.GetJobId()
		case a.GetAvailable():
			return "available " + a.GetJobId() + " as " + a.GetParticipantIdentity()
		}
		return "declined " + a.GetJobId()
	case *livekit.WorkerMessage_UpdateWorker:
		u := m.UpdateWorker
		return fmt.Sprintf("status %s %.2f %d", strings.TrimPrefix(u.GetStatus().String(), "WS_"), u.GetLoad(), u.GetJobCount())
	case *livekit.WorkerMessage_UpdateJob:
		return strings.TrimSpace(fmt.Sprintf("job %s %s %s", m.UpdateJob.GetJobId(), strings.TrimPrefix(m.UpdateJob.GetStatus().String(), "JS_"), m.UpdateJob.GetError()))
	case *livekit.WorkerMessage_Ping:
		return "ping"
	case *livekit.WorkerMessage_MigrateJob:
		return "migrate " + strings.Join(m.MigrateJob.GetJobIds(), " ")
	}
	return fmt.Sprintf("%T", msg.GetMessage())
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryAgentRegistersOnAConnectionOfItsOwn(t *testing.T) {
	r := newRig(t, nil)
	want(t, r.step(tick{}), "dial 0", "dial 1")
	want(t, r.step(opened{link: 1, conn: r.m.links[1].conn}), "send 1 register max test")
	want(t, r.get(1, &livekit.ServerMessage{Message: &livekit.ServerMessage_Register{Register: &livekit.RegisterWorkerResponse{WorkerId: "AW_x"}}}),
		"tell registered max", "send 1 status AVAILABLE 0.00 0")
	if r.m.snapshot().Serving {
		t.Error("serving with one of two registered")
	}
	want(t, r.register(0), "tell registered iris", "send 0 status AVAILABLE 0.00 0")
	if st := r.m.snapshot(); !st.Serving || st.Agents[0].Worker != "AW_0" || st.Agents[0].Server != "1.13.5" {
		t.Errorf("%+v", st)
	}
}

func TestAJobFromOfferToEnd(t *testing.T) {
	r := newRig(t, nil).up()
	j := job("AJ_1", "iris")
	want(t, r.offer(0, j), "ask iris AJ_1", "send 0 status AVAILABLE 0.35 1", "send 1 status AVAILABLE 0.35 0")
	want(t, r.reserve("AJ_1", nil), "send 0 available AJ_1 as agent-AJ_1", "tell accepted iris AJ_1")
	want(t, r.assign(0, j), "send 0 job AJ_1 RUNNING", "tell assigned iris AJ_1", "begin AJ_1 as agent-AJ_1")
	b, ok := r.last[2].(begin)
	if !ok || b.job.Token != "t" || b.job.Room != "lobby" || b.job.DispatchID != "AD_AJ_1" || b.job.Metadata != "m" {
		t.Errorf("%+v", b.job)
	}
	want(t, r.step(returned{job: "AJ_1", serial: b.serial}),
		"send 0 job AJ_1 SUCCESS", "tell ended iris AJ_1", "send 0 status AVAILABLE 0.00 0", "send 1 status AVAILABLE 0.00 0")
}

func TestAFailedJobSaysWhyInBoundedWords(t *testing.T) {
	r := newRig(t, nil).up()
	serial := r.run(0, "AJ_1")
	got := r.step(returned{job: "AJ_1", serial: serial, err: errors.New(strings.Repeat("x", errorMaximum-1) + "é tail")})
	want(t, got[:1], "send 0 job AJ_1 FAILED "+strings.Repeat("x", errorMaximum-1))
}

func TestTheParticipantIsThatOfTheReservation(t *testing.T) {
	r := newRig(t, nil).up()
	r.offer(0, job("AJ_1", "iris"))
	s := r.m.slots["AJ_1"]
	r.step(reserved{job: "AJ_1", serial: s.serial, as: participant{
		identity: "iris", name: "Iris", metadata: "md", attributes: map[string]string{"a": "b"},
	}})
	a := r.last[0].(send).msg.GetAvailability()
	if a.GetParticipantIdentity() != "iris" || a.GetParticipantName() != "Iris" || a.GetParticipantMetadata() != "md" || a.GetParticipantAttributes()["a"] != "b" {
		t.Errorf("%v", a)
	}
	r.assign(0, job("AJ_1", "iris"))
	if got := r.last[2].(begin).job.Identity; got != "iris" {
		t.Errorf("joins as %q", got)
	}
}

func TestFullReachesTheTargetAndNotBefore(t *testing.T) {
	for _, c := range []struct {
		share float64
		full  bool
		want  float32
	}{
		{0, false, 0},
		{-1, false, 0},
		{0.5, false, 0.35},
		{0.999999999, false, 0.693},
		{1, true, 0.7},
		{1.2, true, 0.84},
		{9, true, 1},
		{0, true, 0.7},
	} {
		got := reported(c.share, 0.7, c.full)
		if diff := got - c.want; diff > 1e-6 || diff < -1e-6 {
			t.Errorf("%v full %v: %v, want %v", c.share, c.full, got, c.want)
		}
		if !c.full && got >= float32(0.7) || c.full && got < float32(0.7) {
			t.Errorf("%v full %v: %v is on the wrong side of the target", c.share, c.full, got)
		}
	}
}

func TestLoadCountsWhicheverIsMore(t *testing.T) {
	r := newRig(t, nil).up()
	want(t, r.step(loaded{0.9}), "send 0 status AVAILABLE 0.63 0", "send 1 status AVAILABLE 0.63 0")
	want(t, r.step(loaded{1}), "send 0 status FULL 0.70 0", "send 1 status FULL 0.70 0")
	want(t, r.step(loaded{1}))
	want(t, r.offer(0, job("AJ_1", "iris")), "send 0 declined AJ_1", "tell declined iris AJ_1 full")
	r.step(loaded{0})
	r.run(0, "AJ_2")
	r.run(1, "AJ_3")
	if st := r.m.snapshot(); st.Load != 1 || st.Reported < 0.7 {
		t.Errorf("two of two: %+v", st)
	}
	zero := 0.0
	if r.step(loaded{zero / zero}); r.m.load != 1 {
		t.Errorf("a load that is no number counts as %v", r.m.load)
	}
}

func TestWithoutABoundOnJobsTheLoadIsThatOfTheCaller(t *testing.T) {
	r := newRig(t, func(c *machineConfig) { c.maxJobs = 0 }).up()
	r.run(0, "AJ_1")
	if got := r.m.share(); got != 0 {
		t.Errorf("share %v", got)
	}
	r.step(loaded{0.5})
	if got := r.m.share(); got != 0.5 {
		t.Errorf("share %v", got)
	}
}
