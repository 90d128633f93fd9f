package worker

import (
	"cmp"
	"slices"
	"time"

	"github.com/livekit/protocol/livekit"
)

// Times of the protocol.
const (
	dialLimit     = 10 * time.Second // for connecting, TLS and the upgrade
	registerLimit = 10 * time.Second // the server gives up after this, too
	assignLimit   = 7500 * time.Millisecond
	pingEvery     = 10 * time.Second
	silenceLimit  = 30 * time.Second // without a frame; the server pings every 10 s
	firstDelay    = 500 * time.Millisecond
	lastDelay     = 10 * time.Second
	malformedMax  = 16 // malformed frames in a row, after which the stream is not trusted
)

// linkState is how far the connection of an agent is.
type linkState string

const (
	linkDown        linkState = "waiting"     // it is dialled again at due
	linkDialing     linkState = "connecting"  // until due
	linkRegistering linkState = "registering" // until due
	linkRegistered  linkState = "registered"
	linkClosed      linkState = "closed" // for good
)

// link is the connection of one agent.
type link struct {
	agent    Agent
	state    linkState
	conn     uint64 // number of the connection, new for each attempt
	worker   string // the server's id of it
	server   string // version
	since    time.Time
	due      time.Time
	ping     time.Time // when the next one is sent
	attempts int       // in a row that did not lead to a registration
	ever     bool      // registered before
	bad      int       // malformed frames in a row
	err      error
	told     status // what the server was told last
	toldAt   time.Time
}

// slotState is how far a job is.
type slotState string

const (
	slotReserving slotState = "reserving" // Reserve is asked, until due
	slotOffered   slotState = "accepted"  // the assignment is awaited, until due
	slotRunning   slotState = "running"
	slotEnding    slotState = "ending" // its context has ended, the handler has not returned
)

// slot is a job on its way, or under way.
type slot struct {
	serial   uint64
	link     int
	conn     uint64 // that it was offered on
	state    slotState
	job      *livekit.Job
	offered  time.Time
	since    time.Time
	due      time.Time
	identity string
	cause    error // of its end, in state ending
}

// status is what a server is told of a worker.
type status struct {
	full bool
	load float32
	jobs uint32
}

// machine is the worker protocol without its connections: events and the time go in, effects come
// out. It has no clock, no goroutine and no I/O, and belongs to one goroutine.
type machine struct {
	cfg      machineConfig
	links    []*link
	slots    map[string]*slot // by job id
	asked    int              // calls of Reserve that have not returned
	serial   uint64
	load     float64
	draining bool
	stopping bool
	limit    time.Time // of draining
	ended    bool
	failure  error // that ended it before its time
	counts   map[Reason]uint64
	out      []effect
}

type machineConfig struct {
	agents       []Agent
	version      string
	target       float64
	maxJobs      int
	maxOffers    int
	reserveLimit time.Duration
	statusEvery  time.Duration
	// jitter spreads attempts of many workers: a number from 0 to 1, for each attempt a new one.
	jitter func() float64
}

func newMachine(cfg machineConfig) *machine {
	m := &machine{cfg: cfg, slots: map[string]*slot{}, counts: map[Reason]uint64{}}
	for _, a := range cfg.agents {
		m.links = append(m.links, &link{agent: a, state: linkDown})
	}
	return m
}

// sorted are the slots in the order in which they came.
func (m *machine) sorted() []*slot {
	out := make([]*slot, 0, len(m.slots))
	for _, s := range m.slots {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *slot) int { return cmp.Compare(a.serial, b.serial) })
	return out
}

func (m *machine) emit(e effect) { m.out = append(m.out, e) }

func (m *machine) send(i int, msg *livekit.WorkerMessage) {
	m.emit(send{link: i, conn: m.links[i].conn, msg: msg})
}

// refuse counts something that the server should not have sent.
func (m *machine) refuse(i int, why Reason, job string, err error) {
	m.counts[why]++
	l := m.links[i]
	m.emit(tell{Event{Kind: Refused, Agent: l.agent.Name, Worker: l.worker, Job: job, Reason: why, Err: err}})
}

// tell reports what happened to a job.
func (m *machine) tell(s *slot, e Event) {
	l := m.links[s.link]
	e.Agent, e.Worker = l.agent.Name, l.worker
	e.Job, e.Dispatch, e.Room = s.job.GetId(), s.job.GetDispatchId(), s.job.GetRoom().GetName()
	m.emit(tell{e})
}
