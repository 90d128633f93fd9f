package worker

import (
	"errors"
	"slices"
	"time"

	"github.com/livekit/protocol/livekit"
)

// dial begins an attempt.
func (m *machine) dial(now time.Time, i int) {
	l := m.links[i]
	m.serial++
	l.state, l.conn, l.since, l.due, l.bad = linkDialing, m.serial, now, now.Add(dialLimit), 0
	m.emit(dial{link: i, conn: l.conn})
}

// opened asks for the registration.
func (m *machine) opened(now time.Time, e opened) {
	l := m.links[e.link]
	if l.conn != e.conn || l.state != linkDialing {
		m.emit(hangUp(e))
		return
	}
	l.state, l.since, l.due = linkRegistering, now, now.Add(registerLimit)
	m.send(e.link, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_Register{Register: &livekit.RegisterWorkerRequest{
		Type: l.agent.Type, AgentName: l.agent.Name, Deployment: l.agent.Deployment, Version: m.cfg.version,
		PingInterval: uint32(pingEvery / time.Second), AllowedPermissions: l.agent.Permissions,
	}}})
}

// lost forgets a connection that is gone.
func (m *machine) lost(now time.Time, e lost) {
	if m.links[e.link].conn != e.conn {
		return
	}
	m.down(now, e.link, e.err)
	if (errors.Is(e.err, ErrUnauthorized) || errors.Is(e.err, ErrNotLiveKit)) && !m.ever() {
		m.failure = e.err
		m.stop(now)
	}
}

// ever tells whether the server has taken a registration: if not, a wrong address or key pair is a
// mistake that waiting does not mend; if so, the server is another one for a while.
func (m *machine) ever() bool {
	return slices.ContainsFunc(m.links, func(l *link) bool { return l.ever })
}

// drop closes a connection that is of no use.
func (m *machine) drop(now time.Time, i int, err error) {
	m.emit(hangUp{link: i, conn: m.links[i].conn})
	m.down(now, i, err)
}

// down is what every loss of a connection comes to: jobs live on, offers on it are nobody's, and it
// is tried again later.
func (m *machine) down(now time.Time, i int, err error) {
	l := m.links[i]
	if l.state == linkDown || l.state == linkClosed {
		return
	}
	for _, s := range m.sorted() {
		if s.link == i && s.conn == l.conn && (s.state == slotReserving || s.state == slotOffered) {
			m.lapse(s)
		}
	}
	l.state, l.since, l.err, l.worker, l.told = linkDown, now, err, "", status{}
	l.conn = 0
	if m.draining || m.stopping { // nothing is taken any more, and the server has forgotten the jobs
		l.state = linkClosed
		m.emit(tell{Event{Kind: Disconnected, Agent: l.agent.Name, Err: err}})
		return
	}
	l.due = now.Add(m.delay(l.attempts))
	l.attempts++
	m.emit(tell{Event{Kind: Disconnected, Agent: l.agent.Name, Err: err, Next: l.due}})
}

// delay is the time before an attempt: doubled from the first to the last, of which up to half is
// left out, so that the workers of a server that comes back do not come all at once.
func (m *machine) delay(attempts int) time.Duration {
	full := min(lastDelay, firstDelay<<min(attempts, 8))
	return full - time.Duration(m.cfg.jitter()*float64(full/2))
}

// malformed counts a frame that is no message. Frames have an end of their own, so that the next
// one may be good; many in a row are no accident.
func (m *machine) malformed(now time.Time, e bad) {
	l := m.links[e.link]
	if l.conn != e.conn {
		return
	}
	m.refuse(e.link, ReasonMalformed, "", e.err)
	if l.bad++; l.bad >= malformedMax {
		m.drop(now, e.link, e.err)
	}
}

// received takes a message.
func (m *machine) received(now time.Time, e received) {
	l := m.links[e.link]
	if l.conn != e.conn {
		return
	}
	l.bad = 0
	switch msg := e.msg.GetMessage().(type) {
	case *livekit.ServerMessage_Register:
		m.registered(now, e.link, msg.Register)
	case *livekit.ServerMessage_Availability:
		m.offered(now, e.link, msg.Availability)
	case *livekit.ServerMessage_Assignment:
		m.assigned(now, e.link, msg.Assignment)
	case *livekit.ServerMessage_Termination:
		m.terminated(now, e.link, msg.Termination.GetJobId())
	case *livekit.ServerMessage_Pong:
	default:
		m.refuse(e.link, ReasonUnknown, "", nil)
	}
}

// registered begins the time in which jobs come.
func (m *machine) registered(now time.Time, i int, r *livekit.RegisterWorkerResponse) {
	l := m.links[i]
	if l.state != linkRegistering {
		m.refuse(i, ReasonRegistration, "", nil)
		return
	}
	l.state, l.since, l.ping = linkRegistered, now, now.Add(pingEvery)
	l.worker, l.server = r.GetWorkerId(), r.GetServerInfo().GetVersion()
	l.attempts, l.ever, l.err, l.toldAt = 0, true, nil, time.Time{}
	m.emit(tell{Event{Kind: Registered, Agent: l.agent.Name, Worker: l.worker}})
	var running []string
	for _, s := range m.sorted() {
		if s.link == i && (s.state == slotRunning || s.state == slotEnding) {
			running = append(running, s.job.GetId())
		}
	}
	if len(running) > 0 {
		m.send(i, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_MigrateJob{
			MigrateJob: &livekit.MigrateJobRequest{JobIds: running},
		}})
	}
}

// ping asks for a pong: a sign of life for proxies in between.
func ping(now time.Time) *livekit.WorkerMessage {
	return &livekit.WorkerMessage{Message: &livekit.WorkerMessage_Ping{
		Ping: &livekit.WorkerPing{Timestamp: now.UnixMilli()},
	}}
}
