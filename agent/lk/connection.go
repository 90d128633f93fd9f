package lk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/livekit"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

const (
	eventQueue     = 256              // events waiting for their reader; a full queue holds up signalling, it drops nothing
	connectTimeout = 5 * time.Second  // signalling and first media connection
	drainLimit     = time.Second      // for what waits to be sent when the room is left
	leaveLimit     = 10 * time.Second // an SDK that does not come back from leaving is reported, not waited for
	tickEvery      = 500 * time.Millisecond
	unfit          = "this build does not fit its LiveKit SDK: report it"
)

// Connection is one participant in one joined room. Events is read by one goroutine; all other
// methods are safe from any.
type Connection struct {
	cfg    Config
	sdk    *lksdk.Room
	seam   *seam
	ways   *signals
	up     atomic.Bool // as was told last
	log    *slog.Logger
	events chan Event
	pubs   pubSet
	out    *outbox
	there  func(context.Context) bool // whether the server answers

	done      chan struct{} // closed when Close begins: callbacks stop waiting for room in the queue
	broken    chan struct{} // closed by a fault that ends the room
	closeOnce sync.Once
	failOnce  sync.Once
	fault     error // why, once broken is closed
	leaveOnce sync.Once
	stop      context.CancelFunc
	work      sync.WaitGroup // ticker and outbox

	mu           sync.Mutex // guards what follows: what others send is judged by one goroutine at a time
	self         struct{ Identity, SID string }
	roomSID      string
	allowed      Permissions
	knowsAllowed bool
	roster       *roster
	streams      *streams.Machine
	taken        map[string]bool // own tracks that somebody has subscribed to, by id
	ledger       *limits.Ledger

	packets, bytes, calls *limits.Meter
}

// Join connects and returns once the room is entered, or ctx has ended. Errors are JoinErrors.
func Join(ctx context.Context, cfg Config) (*Connection, error) {
	if err := cfg.validate(); err != nil {
		return nil, &JoinError{URL: address(cfg.URL), Room: cfg.Room, Err: err}
	}
	token := cfg.Token
	if token == "" {
		var err error
		if token, err = mint(&cfg); err != nil {
			return nil, &JoinError{URL: address(cfg.URL), Room: cfg.Room, Err: err}
		}
	}
	log := bridge(cfg.Logger, cfg.Limits.LogRate())
	route(log)
	c := newConnection(cfg)
	c.sdk = lksdk.NewRoom(c.callbacks())
	c.sdk.SetLogger(log)
	var err error
	if c.seam, err = openSeam(c.sdk, &front{conn: c, inner: c.sdk}); err != nil {
		return nil, &JoinError{URL: address(cfg.URL), Room: cfg.Room, Err: err, Hint: unfit}
	}
	c.wire()
	if err := c.enterRoom(ctx, token, log); err != nil {
		c.abandon()
		return nil, err
	}
	c.up.Store(true)
	c.start()
	return c, nil
}

// enterRoom has the SDK join, over signals of this package. Errors are JoinErrors.
func (c *Connection) enterRoom(ctx context.Context, token string, log protologger.Logger) error {
	entering, ways, replaced := c.seam.way(ctx, c)
	ways.unwanted, c.ways = c.pubs.unwanted, ways
	err := c.sdk.JoinWithContextAndToken(entering, c.cfg.URL, token, c.cfg.options(log)...)
	failed := func(err error, hint string) error {
		return &JoinError{URL: address(c.cfg.URL), Room: c.cfg.Room, Err: err, Hint: hint}
	}
	switch {
	case c.isBroken():
		return failed(c.fault, "")
	case errors.Is(err, lksdk.ErrCannotConnectSignal):
		return classify(ctx, c.cfg, token, ways.told(err), time.Now())
	case err != nil:
		return classify(ctx, c.cfg, token, err, time.Now())
	case !replaced():
		return failed(fmt.Errorf("%w: it makes its way to the signals elsewhere", ErrSDK), unfit)
	}
	return nil
}

func newConnection(cfg Config) *Connection {
	l := cfg.Limits
	var bytes map[string]streams.ByteTopic
	if cfg.Served {
		bytes = byteTopics(l)
	}
	return &Connection{
		there: func(ctx context.Context) bool { return answers(ctx, cfg.URL) },
		cfg:   cfg, log: cfg.Logger, ways: &signals{}, pubs: pubSet{byID: map[string]*Publication{}}, out: newOutbox(),
		// Those who are there first, with their tracks, are told before anybody can read.
		events: make(chan Event, eventQueue+2*l.Participants+l.RoomAudioTracks+l.RoomVideoTracks),
		done:   make(chan struct{}), broken: make(chan struct{}), stop: func() {},
		taken: map[string]bool{}, roster: newRoster(l), ledger: limits.NewLedger(),
		streams: streams.New(streams.Config{Limits: l, Topics: cfg.Topics, Chat: TopicChat, Bytes: bytes}),
		packets: limits.NewMeter(l.PacketRate(), l.Participants), bytes: limits.NewMeter(l.ByteRate(), l.Participants),
		calls: limits.NewMeter(l.ChatRate(), l.Participants),
	}
}

// wire connects the outbox to the SDK.
func (c *Connection) wire() {
	c.out.send, c.out.congested = c.publish, c.congested
	c.out.set = func(attrs map[string]string) error {
		return c.seam.engine.SendUpdateParticipantMetadata(&livekit.UpdateParticipantMetadata{Attributes: attrs})
	}
	c.out.report = func(e SendFailed) { c.push(e) }
}

// start begins what runs as long as the room is joined.
func (c *Connection) start() {
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.work.Go(func() {
		defer c.fence("outbox")
		c.out.run(ctx)
	})
	c.work.Go(func() {
		defer c.fence("ticker")
		c.tick(ctx)
	})
}

// tick ends what is too old, and leaves the room after a fault.
func (c *Connection) tick(ctx context.Context) {
	every := time.NewTicker(tickEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.broken:
			c.leave()
			return
		case now := <-every.C:
			c.mind()
			c.deliver(c.locked(func() []Event { return c.expire(now) }))
		}
	}
}

func (c *Connection) expire(now time.Time) []Event {
	out := c.translate(c.streams.Tick(now))
	for _, e := range c.roster.tick(now) {
		out = append(out, e)
	}
	return out
}

// Events returns the channel of what happens in the room. It is never closed: Disconnected is its
// last event.
func (c *Connection) Events() <-chan Event { return c.events }

// Name returns the room's name as the server gave it.
func (c *Connection) Name() string { return c.sdk.Name() }

// RoomSID returns the id of the room that is joined now: a server that was away, or has closed the
// room meanwhile, makes a new one of the same name for whoever comes first. Empty where it has not
// been told.
func (c *Connection) RoomSID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.roomSID
}

// joined takes note of the room that is joined.
func (c *Connection) joined(room *livekit.Room) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if sid := room.GetSid(); sid != "" {
		c.roomSID = sid
	}
}

// Identity returns the own identity.
func (c *Connection) Identity() string { return c.sdk.LocalParticipant.Identity() }

// ServerVersion returns the version that the server reported.
func (c *Connection) ServerVersion() string { return c.sdk.ServerInfo().GetVersion() }

// Permissions returns what the server allows now. PermissionsChanged reports changes.
func (c *Connection) Permissions() Permissions {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.allowed
}

// Stats returns what was refused of other participants so far.
func (c *Connection) Stats() limits.Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger.Stats()
}

// Close leaves the room and waits until everything that Join started has ended. What waits to be
// sent has a second for it. It is idempotent.
func (c *Connection) Close() error {
	var err error
	c.closeOnce.Do(func() {
		drain, cancel := context.WithTimeout(context.Background(), drainLimit)
		c.out.drain(drain)
		cancel()
		close(c.done)
		c.stop()
		left := make(chan struct{})
		go func() {
			c.leave()
			c.work.Wait()
			close(left)
		}()
		select {
		case <-left:
		case <-time.After(leaveLimit):
			err = fmt.Errorf("leave room %q: the SDK did not return within %s", c.cfg.Room, leaveLimit)
		}
		c.last(Disconnected{Reason: "left", Requested: true})
	})
	return err
}

func (c *Connection) abandon() {
	c.closeOnce.Do(func() {
		close(c.done)
		c.leave()
	})
}

// leave ends the connection, once, whoever wants it.
func (c *Connection) leave() {
	c.leaveOnce.Do(func() {
		defer c.fence("leave")
		c.sdk.Disconnect()
	})
}

// push hands an event to the reader; it waits while the queue is full, and gives up when the room
// is being left.
func (c *Connection) push(e Event) {
	select {
	case <-c.broken: // the end has been told
		return
	default:
	}
	select {
	case c.events <- e:
	case <-c.done:
	case <-c.broken:
	}
}

// last makes sure that the reader sees the end even when the queue is full: the oldest event makes
// way.
func (c *Connection) last(e Event) {
	for {
		select {
		case c.events <- e:
			return
		default:
		}
		select {
		case <-c.events:
		default:
		}
	}
}
