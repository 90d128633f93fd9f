package lk

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

const (
	outboxPackets = 1024                  // an answer of 96 tokens is about 60
	outboxBytes   = 1 << 20               // of packets that wait
	outboxAge     = 10 * time.Second      // what could not be sent by then is no longer news
	outboxRetry   = 20 * time.Millisecond // between looks at a connection that is congested
	sentUnread    = 512 << 10             // bytes that the connection may hold back before sending waits
	attributes    = "attributes"          // what SendFailed calls them
)

// parcel is a packet that waits.
type parcel struct {
	topic  string
	packet *livekit.DataPacket
	bytes  int
	since  time.Time
}

// SendStats counts what was sent.
type SendStats struct {
	// Waiting packets, and all that were Sent, that Failed, and that were Dropped because too many
	// waited or for too long.
	Waiting int    `json:"waiting"`
	Sent    uint64 `json:"sent"`
	Failed  uint64 `json:"failed"`
	Dropped uint64 `json:"dropped"`
}

// outbox sends packets and attributes in a goroutine of its own, in order, so that nobody waits for
// the network. It is bounded in number, bytes and age; what does not fit is dropped and counted.
// While the connection is down it waits.
type outbox struct {
	send      func(*livekit.DataPacket) error
	set       func(map[string]string) error
	congested func() bool
	report    func(SendFailed)

	mu      sync.Mutex
	up      bool
	queue   []parcel
	bytes   int
	own     map[string]string // every attribute that was set, for a new connection
	pending map[string]string // those to be sent; later values replace earlier ones
	stats   SendStats
	losses  limits.Bucket // of reports
	lost    *SendFailed   // the first loss since the last report, nil where there is none
	unsaid  uint64        // all of them

	wake  chan struct{}
	empty chan struct{} // signalled when nothing waits
}

func newOutbox() *outbox {
	return &outbox{
		up: true, own: map[string]string{}, pending: map[string]string{},
		wake: make(chan struct{}, 1), empty: make(chan struct{}, 1),
	}
}

// put adds a packet, and tells whether there was room.
func (o *outbox) put(topic string, packet *livekit.DataPacket) bool {
	p := parcel{topic: topic, packet: packet, bytes: proto.Size(packet), since: time.Now()}
	o.mu.Lock()
	ok := len(o.queue) < outboxPackets && o.bytes+p.bytes <= outboxBytes
	if ok {
		o.queue = append(o.queue, p)
		o.bytes += p.bytes
	}
	o.mu.Unlock()
	if !ok {
		o.lose(topic, fmt.Errorf("%w: too much waits to be sent", ErrOutbox), &o.stats.Dropped)
	}
	o.signal(o.wake)
	return ok
}

// attributes adds own attributes.
func (o *outbox) attributes(attrs map[string]string) {
	o.mu.Lock()
	maps.Copy(o.own, attrs)
	maps.Copy(o.pending, attrs)
	o.mu.Unlock()
	o.signal(o.wake)
}

// again sends all own attributes once more: a new connection begins with those of the token.
func (o *outbox) again() {
	o.mu.Lock()
	maps.Copy(o.pending, o.own)
	o.mu.Unlock()
	o.signal(o.wake)
}

// connected holds sending up, or lets it go on.
func (o *outbox) connected(up bool) {
	o.mu.Lock()
	o.up = up
	o.mu.Unlock()
	o.signal(o.wake)
}

func (*outbox) signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // somebody has said so already
	}
}

// run sends until ctx ends.
func (o *outbox) run(ctx context.Context) {
	retry, look := time.NewTicker(outboxRetry), time.NewTicker(time.Second)
	defer retry.Stop()
	defer look.Stop()
	for ctx.Err() == nil {
		o.tell(time.Now())
		switch o.step(time.Now()) {
		case outboxWaits:
			select {
			case <-o.wake:
			case <-look.C: // a report may be due
			case <-ctx.Done():
			}
		case outboxCongested:
			select {
			case <-retry.C:
			case <-ctx.Done():
			}
		case outboxBusy:
		}
	}
}

type outboxState int

const (
	outboxBusy outboxState = iota // there may be more to do
	outboxWaits
	outboxCongested
)

// step sends one thing.
func (o *outbox) step(now time.Time) outboxState {
	o.mu.Lock()
	if !o.up {
		o.mu.Unlock()
		return outboxWaits
	}
	attrs := o.pending
	o.pending = map[string]string{}
	waiting := len(o.queue)
	o.mu.Unlock()
	if len(attrs) > 0 {
		o.done(attributes, o.set(attrs))
		return outboxBusy
	}
	if waiting == 0 {
		o.signal(o.empty)
		return outboxWaits
	}
	if o.congested() {
		return outboxCongested
	}
	p := o.next()
	if now.Sub(p.since) > outboxAge {
		o.lose(p.topic, fmt.Errorf("%w: it waited for more than %s", ErrOutbox, outboxAge), &o.stats.Dropped)
		return outboxBusy
	}
	o.done(p.topic, o.send(p.packet))
	return outboxBusy
}

// next takes the oldest packet; there is one.
func (o *outbox) next() parcel {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.queue[0]
	o.queue[0] = parcel{}
	if o.queue = o.queue[1:]; len(o.queue) == 0 {
		o.queue = nil
	}
	o.bytes -= p.bytes
	return p
}

func (o *outbox) done(topic string, err error) {
	if err != nil {
		o.lose(topic, err, &o.stats.Failed)
		return
	}
	o.mu.Lock()
	o.stats.Sent++
	o.mu.Unlock()
}

// lose counts. It reports nothing itself: whoever sends may be the one who reads the reports.
func (o *outbox) lose(topic string, err error, counter *uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*counter++
	o.unsaid++
	if o.lost == nil {
		o.lost = &SendFailed{Topic: topic, Err: err}
	}
}

// tell reports what has been lost since the last report, at most once a second.
func (o *outbox) tell(now time.Time) {
	o.mu.Lock()
	lost, n := o.lost, o.unsaid
	if lost == nil || !o.losses.Take(limits.Rate{Burst: 1, Per: 1, Every: time.Second}, 1, now) {
		o.mu.Unlock()
		return
	}
	o.lost, o.unsaid = nil, 0
	o.mu.Unlock()
	if n > 1 {
		lost.Err = fmt.Errorf("%w (and %d more)", lost.Err, n-1)
	}
	o.report(*lost)
}

// drain waits until everything is sent, as long as ctx and the connection let it.
func (o *outbox) drain(ctx context.Context) {
	for {
		o.mu.Lock()
		ready := !o.up || len(o.queue) == 0 && len(o.pending) == 0
		o.mu.Unlock()
		if ready {
			return
		}
		select {
		case <-o.empty:
		case <-ctx.Done():
			return
		}
	}
}

// Stats returns the counts so far.
func (o *outbox) counts() SendStats {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.stats
	s.Waiting = len(o.queue)
	return s
}
