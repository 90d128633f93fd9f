package lkroom

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lkroom/streams"
)

const (
	eventQueue     = 256              // events waiting for their reader; a full queue holds up signalling, it drops nothing
	connectTimeout = 5 * time.Second  // signalling and first media connection
	drainLimit     = time.Second      // for what waits to be sent when the room is left
	leaveLimit     = 10 * time.Second // an SDK that does not come back from leaving is reported, not waited for
	tickEvery      = 500 * time.Millisecond
)

// Room is one joined room. Events is read by one goroutine; all other methods are safe from any.
type Room struct {
	cfg    Config
	sdk    *lksdk.Room
	seam   *seam
	log    *slog.Logger
	events chan Event
	pubs   pubSet
	out    *outbox

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
	allowed      Permissions
	knowsAllowed bool
	roster       *roster
	streams      *streams.Machine
	ledger       *limits.Ledger
	packets      *limits.Meter
	bytes        *limits.Meter
	calls        *limits.Meter
}

// Join connects and returns once the room is entered. Errors are JoinErrors.
func Join(ctx context.Context, cfg Config) (*Room, error) {
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
	r := newRoom(cfg)
	r.sdk = lksdk.NewRoom(r.callbacks())
	r.sdk.SetLogger(log)
	var err error
	if r.seam, err = openSeam(r.sdk, &front{room: r, inner: r.sdk}); err != nil {
		return nil, &JoinError{URL: address(cfg.URL), Room: cfg.Room, Err: err, Hint: "this build does not fit its LiveKit SDK: report it"}
	}
	r.wire()
	options := []lksdk.ConnectOption{
		lksdk.WithAutoSubscribe(false), lksdk.WithConnectTimeout(connectTimeout), lksdk.WithDisableRegionDiscovery(), lksdk.WithLogger(log),
	}
	if len(cfg.Interceptors) > 0 {
		options = append(options, lksdk.WithInterceptors(cfg.Interceptors), lksdk.WithIncludeDefaultInterceptors(true))
	}
	err = r.sdk.JoinWithContextAndToken(ctx, cfg.URL, token, options...)
	if err != nil {
		r.abandon()
		return nil, classify(ctx, cfg, token, err, time.Now())
	}
	select {
	case <-r.broken:
		r.abandon()
		return nil, &JoinError{URL: address(cfg.URL), Room: cfg.Room, Err: r.fault}
	default:
	}
	r.start()
	return r, nil
}

func newRoom(cfg Config) *Room {
	l := cfg.Limits
	return &Room{
		cfg: cfg, log: cfg.Logger, pubs: pubSet{byID: map[string]*Publication{}}, out: newOutbox(),
		// Those who are there first, with their tracks, are told before anybody can read.
		events: make(chan Event, eventQueue+2*l.Participants+l.RoomAudioTracks+l.RoomVideoTracks),
		done:   make(chan struct{}), broken: make(chan struct{}), stop: func() {},
		roster: newRoster(l), ledger: limits.NewLedger(),
		streams: streams.New(streams.Config{Limits: l, Topics: cfg.Topics, Chat: TopicChat}),
		packets: limits.NewMeter(l.PacketRate(), l.Participants), bytes: limits.NewMeter(l.ByteRate(), l.Participants),
		calls: limits.NewMeter(l.ChatRate(), l.Participants),
	}
}

// wire connects the outbox to the SDK.
func (r *Room) wire() {
	r.out.send, r.out.congested = r.publish, r.congested
	r.out.set = func(attrs map[string]string) error {
		return r.seam.engine.SendUpdateParticipantMetadata(&livekit.UpdateParticipantMetadata{Attributes: attrs})
	}
	r.out.report = func(e SendFailed) { r.push(e) }
}

// start begins what runs as long as the room is joined.
func (r *Room) start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	r.work.Go(func() {
		defer r.fence("outbox")
		r.out.run(ctx)
	})
	r.work.Go(func() {
		defer r.fence("ticker")
		r.tick(ctx)
	})
}

// tick ends what is too old, and leaves the room after a fault.
func (r *Room) tick(ctx context.Context) {
	every := time.NewTicker(tickEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.broken:
			r.leave()
			return
		case now := <-every.C:
			r.deliver(r.locked(func() []Event { return r.expire(now) }))
		}
	}
}

func (r *Room) expire(now time.Time) []Event {
	out := r.translate(r.streams.Tick(now))
	for _, e := range r.roster.tick(now) {
		out = append(out, e)
	}
	return out
}

// Events returns the channel of what happens in the room. It is never closed: Disconnected is its last event.
func (r *Room) Events() <-chan Event { return r.events }

// Name returns the room's name as the server gave it.
func (r *Room) Name() string { return r.sdk.Name() }

// Identity returns the own identity.
func (r *Room) Identity() string { return r.sdk.LocalParticipant.Identity() }

// ServerVersion returns the version that the server reported.
func (r *Room) ServerVersion() string { return r.sdk.ServerInfo().GetVersion() }

// Permissions returns what the server allows now. PermissionsChanged reports changes.
func (r *Room) Permissions() Permissions {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.allowed
}

// Stats returns what was refused of other participants so far.
func (r *Room) Stats() limits.Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ledger.Stats()
}

// Close leaves the room and waits until everything that Join started has ended. What waits to be sent has a second for it. It is
// idempotent.
func (r *Room) Close() error {
	var err error
	r.closeOnce.Do(func() {
		drain, cancel := context.WithTimeout(context.Background(), drainLimit)
		r.out.drain(drain)
		cancel()
		close(r.done)
		r.stop()
		left := make(chan struct{})
		go func() {
			r.leave()
			r.work.Wait()
			close(left)
		}()
		select {
		case <-left:
		case <-time.After(leaveLimit):
			err = fmt.Errorf("leave room %q: the SDK did not return within %s", r.cfg.Room, leaveLimit)
		}
		r.last(Disconnected{Reason: "left", Requested: true})
	})
	return err
}

func (r *Room) abandon() {
	r.closeOnce.Do(func() {
		close(r.done)
		r.leave()
	})
}

// leave ends the connection, once, whoever wants it.
func (r *Room) leave() {
	r.leaveOnce.Do(func() {
		defer r.fence("leave")
		r.sdk.Disconnect()
	})
}

// push hands an event to the reader; it waits while the queue is full, and gives up when the room is being left.
func (r *Room) push(e Event) {
	select {
	case <-r.broken: // the end has been told
		return
	default:
	}
	select {
	case r.events <- e:
	case <-r.done:
	case <-r.broken:
	}
}

// last makes sure that the reader sees the end even when the queue is full: the oldest event makes way.
func (r *Room) last(e Event) {
	for {
		select {
		case r.events <- e:
			return
		default:
		}
		select {
		case <-r.events:
		default:
		}
	}
}
