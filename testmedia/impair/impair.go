package impair

import (
	"sync"
	"time"

	"github.com/pion/interceptor"
)

// Conditions are what a network does to packets in one direction. The zero value does nothing.
type Conditions struct {
	// Loss and Duplicate are the shares of packets that never arrive, and that arrive twice: 0…1.
	Loss, Duplicate float64
	// Delay is how long a packet is on its way. Jitter is how much sooner or later it may come,
	// evenly distributed; never sooner than at once. A packet overtakes the one before it where the
	// jitter is longer than what lies between them.
	Delay, Jitter time.Duration
	// Bandwidth is how many bits of payload a second pass; 0 is without a bound. What has to wait
	// longer than Queue is lost; 0 means 200 ms, as much as home routers hold.
	Bandwidth int
	Queue     time.Duration
}

// Counts are what became of the packets of one direction.
type Counts struct {
	// Packets came, Lost never arrived, Full of them because the queue of the link was, Duplicated
	// arrived twice, Overtook arrived before one that was sent earlier.
	Packets, Lost, Full, Duplicated, Overtook uint64
}

// Link is a bad link for one or more connections, which share it. It is an interceptor.Factory.
// Methods are safe for concurrent use.
type Link struct {
	mu       sync.Mutex
	up, down stage
}

// New returns a link. The same seed treats the same packets at the same times in the same way.
func New(up, down Conditions, seed uint64) *Link {
	return &Link{up: newStage(up, seed), down: newStage(down, seed+1)}
}

// Change sets other conditions from now on.
func (l *Link) Change(up, down Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up.c, l.down.c = up, down
}

// Counts returns what became of the packets so far.
func (l *Link) Counts() (up, down Counts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.up.counts, l.down.counts
}

// pass decides what becomes of a packet.
func (l *Link) pass(s *stage, size int) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	return s.pass(size, time.Now())
}

// NewInterceptor implements interceptor.Factory.
func (l *Link) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &ends{link: l, uplinks: map[uint32]*uplink{}}, nil
}

// ends are the ends of a link in one connection.
type ends struct {
	interceptor.NoOp
	link *Link

	mu      sync.Mutex
	uplinks map[uint32]*uplink // by SSRC
}

// BindLocalStream implements interceptor.Interceptor.
func (e *ends) BindLocalStream(info *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	u := newUplink(e.link, next)
	e.mu.Lock()
	old := e.uplinks[info.SSRC]
	e.uplinks[info.SSRC] = u
	e.mu.Unlock()
	if old != nil {
		old.close()
	}
	return u
}

// UnbindLocalStream implements interceptor.Interceptor.
func (e *ends) UnbindLocalStream(info *interceptor.StreamInfo) {
	e.mu.Lock()
	u := e.uplinks[info.SSRC]
	delete(e.uplinks, info.SSRC)
	e.mu.Unlock()
	if u != nil {
		u.close()
	}
}

// BindRemoteStream implements interceptor.Interceptor.
func (e *ends) BindRemoteStream(_ *interceptor.StreamInfo, next interceptor.RTPReader) interceptor.RTPReader {
	return &downlink{link: e.link, next: next}
}

// Close implements interceptor.Interceptor: what is on its way is lost.
func (e *ends) Close() error {
	e.mu.Lock()
	all := e.uplinks
	e.uplinks = map[uint32]*uplink{}
	e.mu.Unlock()
	for _, u := range all {
		u.close()
	}
	return nil
}
