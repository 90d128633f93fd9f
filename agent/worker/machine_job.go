package worker

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
)

// errorMaximum bounds what the server is told of a job's error, in bytes.
const errorMaximum = 1 << 10

// offered asks Reserve, or declines. Every offer is answered: a server that hears nothing gives the
// dispatch up, and asks no other worker.
func (m *machine) offered(now time.Time, i int, r *livekit.AvailabilityRequest) {
	l, job := m.links[i], r.GetJob()
	s, known := m.slots[job.GetId()]
	refuse := func(why Reason) {
		m.refuse(i, why, job.GetId(), nil)
		m.answer(i, &livekit.AvailabilityResponse{JobId: job.GetId()})
	}
	switch {
	case l.state != linkRegistered:
		m.refuse(i, ReasonTooEarly, job.GetId(), nil)
		return
	case known && s.state == slotReserving:
		m.refuse(i, ReasonDuplicate, job.GetId(), nil) // the answer to the first one is on its way
		return
	case known:
		refuse(ReasonDuplicate)
		return
	case job.GetAgentName() != l.agent.Name:
		refuse(ReasonAgent)
		return
	}
	m.serial++
	s = &slot{
		serial: m.serial, link: i, conn: l.conn, state: slotReserving, job: job,
		offered: now, since: now, due: now.Add(m.cfg.reserveLimit),
	}
	why := m.unwilling()
	m.slots[job.GetId()] = s
	if why != "" {
		m.decline(s, why, nil)
		return
	}
	m.asked++
	m.emit(ask{serial: s.serial, offer: Offer{Agent: l.agent.Name, Job: job, Resuming: r.GetResuming()}})
}

// unwilling is why no job is taken now, and empty where one is.
func (m *machine) unwilling() Reason {
	waiting := m.asked
	for _, s := range m.slots {
		if s.state == slotOffered {
			waiting++
		}
	}
	switch {
	case m.draining || m.stopping:
		return ReasonDraining
	case m.share() >= 1:
		return ReasonFull
	case waiting >= m.cfg.maxOffers:
		return ReasonOffers
	}
	return ""
}

// answer says yes or no to an offer.
func (m *machine) answer(i int, a *livekit.AvailabilityResponse) {
	m.send(i, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_Availability{Availability: a}})
}

// decline gives an offer back before it was accepted. Reserve may still be at it: what it reserves
// is released when it comes.
func (m *machine) decline(s *slot, why Reason, err error) {
	delete(m.slots, s.job.GetId())
	m.counts[why]++
	m.answer(s.link, &livekit.AvailabilityResponse{JobId: s.job.GetId(), Terminate: why == ReasonNotNeeded})
	m.tell(s, Event{Kind: Declined, Reason: why, Err: err})
}

// reserved accepts the offer that it was asked for, if that is still open.
func (m *machine) reserved(now time.Time, e reserved) {
	m.asked--
	s := m.slots[e.job]
	switch {
	case s == nil || s.serial != e.serial || s.state != slotReserving:
		if e.err == nil {
			m.emit(release{e.serial})
		}
		return
	case errors.Is(e.err, ErrNotNeeded):
		m.decline(s, ReasonNotNeeded, nil)
		return
	case e.err != nil:
		m.decline(s, ReasonReserve, e.err)
		return
	case m.draining || m.stopping:
		m.emit(release{e.serial})
		m.decline(s, ReasonDraining, nil)
		return
	}
	s.state, s.since, s.due = slotOffered, now, now.Add(assignLimit)
	s.identity = cmp.Or(e.as.identity, "agent-"+e.job)
	m.answer(s.link, &livekit.AvailabilityResponse{
		JobId: e.job, Available: true, ParticipantIdentity: s.identity, ParticipantName: e.as.name,
		ParticipantMetadata: e.as.metadata, ParticipantAttributes: e.as.attributes,
	})
	m.tell(s, Event{Kind: Accepted})
}

// lapse forgets an offer that did not become a job.
func (m *machine) lapse(s *slot) {
	delete(m.slots, s.job.GetId())
	if s.state == slotOffered {
		m.emit(release{s.serial})
	}
	m.tell(s, Event{Kind: Lapsed})
}

// assigned begins a job that was accepted. Any other is refused, so that the server does not count
// on it.
func (m *machine) assigned(now time.Time, i int, a *livekit.JobAssignment) {
	id, l := a.GetJob().GetId(), m.links[i]
	s := m.slots[id]
	switch {
	case s != nil && (s.state == slotRunning || s.state == slotEnding):
		m.refuse(i, ReasonTwice, id, nil)
		return
	case s == nil || s.state != slotOffered || s.link != i || s.conn != l.conn || a.GetJob().GetRoom().GetName() != s.job.GetRoom().GetName():
		m.refuse(i, ReasonUnoffered, id, nil)
		m.update(i, id, livekit.JobStatus_JS_FAILED, "the worker did not accept this job")
		return
	}
	s.state, s.since, s.job = slotRunning, now, a.GetJob()
	m.update(i, id, livekit.JobStatus_JS_RUNNING, "")
	m.tell(s, Event{Kind: Assigned})
	m.emit(begin{serial: s.serial, job: Job{
		ID: id, DispatchID: s.job.GetDispatchId(), Agent: l.agent.Name, Room: s.job.GetRoom().GetName(),
		Metadata: s.job.GetMetadata(), URL: a.GetUrl(), Token: a.GetToken(), Identity: s.identity,
		Offered: s.offered, Assigned: now, Proto: s.job,
	}})
}

// update tells the server how a job is.
func (m *machine) update(i int, id string, how livekit.JobStatus, text string) {
	if m.links[i].state != linkRegistered {
		return
	}
	m.send(i, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_UpdateJob{
		UpdateJob: &livekit.UpdateJobStatus{JobId: id, Status: how, Error: text},
	}})
}

// terminated ends a job's context.
func (m *machine) terminated(now time.Time, i int, id string) {
	s := m.slots[id]
	if s == nil || s.link != i || s.state != slotRunning && s.state != slotEnding {
		m.refuse(i, ReasonTermination, id, nil)
		return
	}
	m.end(now, s, ErrTerminated)
}

// end ends the context of a job, once.
func (m *machine) end(now time.Time, s *slot, cause error) {
	if s.state != slotRunning {
		return
	}
	s.state, s.since, s.cause = slotEnding, now, cause
	m.emit(cancel{s.serial, cause})
	if errors.Is(cause, ErrTerminated) {
		m.tell(s, Event{Kind: Terminated})
	}
}

// returned says how a job ended. One that the server terminated has ended well whatever its handler
// made of that.
func (m *machine) returned(_ time.Time, e returned) {
	s := m.slots[e.job]
	if s == nil || s.serial != e.serial {
		return
	}
	delete(m.slots, e.job)
	how, text := livekit.JobStatus_JS_SUCCESS, ""
	if e.err != nil && !errors.Is(s.cause, ErrTerminated) {
		how, text = livekit.JobStatus_JS_FAILED, shorten(e.err.Error())
	}
	m.update(s.link, e.job, how, text)
	m.tell(s, Event{Kind: Ended, Err: e.err})
}

// shorten bounds a text, and keeps it valid UTF-8, which protobuf insists on.
func shorten(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), errorMaximum)], "")
}

func (m *machine) cancelAll(now time.Time, cause error) {
	for _, s := range m.sorted() {
		switch s.state {
		case slotReserving:
			m.decline(s, ReasonDraining, nil)
		case slotOffered:
			m.lapse(s)
		case slotRunning:
			m.end(now, s, cause)
		case slotEnding:
		}
	}
}
