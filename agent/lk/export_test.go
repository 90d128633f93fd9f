package lk

import (
	"context"
	"log/slog"
	"time"

	"github.com/livekit/protocol/livekit"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// What only tests look at.

// OpenStreams returns how many text streams of others are open.
func OpenStreams(r *Connection) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.streams.Open()
}

// Publications returns how many tracks of others are known.
func Publications(r *Connection) int {
	r.pubs.mu.Lock()
	defer r.pubs.mu.Unlock()
	return len(r.pubs.byID)
}

// AttributesOf returns what the SDK keeps of a participant's attributes.
func AttributesOf(r *Connection, identity string) map[string]string {
	if p := r.sdk.GetParticipantByIdentity(identity); p != nil {
		return p.Attributes()
	}
	return nil
}

// MetadataOf returns what the SDK keeps of a participant's metadata.
func MetadataOf(r *Connection, identity string) string {
	if p := r.sdk.GetParticipantByIdentity(identity); p != nil {
		return p.Metadata()
	}
	return ""
}

// OpenSeam is openSeam on anything, with a handler that does nothing.
func OpenSeam(room *lksdk.Room) error {
	_, err := openSeam(room, &front{})
	return err
}

// PrivateField and ReplaceHandler are the parts of the seam that look at the SDK.
func PrivateField[T any](owner any, name string) (*T, error) { return privateField[T](owner, name) }

// ReplaceHandler is replaceHandler.
func ReplaceHandler(owner any, name string, now, next any) error {
	return replaceHandler(owner, name, now, next)
}

// Panic lets a callback of the room panic.
func Panic(r *Connection, value any) {
	defer r.fence("test")
	panic(value)
}

// Front returns a handler that stands before inner, and the room's events.
func Front(inner SDKHandler, topics ...string) (SDKHandler, *Connection) {
	cfg := Config{Limits: limits.Default(), Topics: topics, Logger: slog.New(slog.DiscardHandler)}
	r := newConnection(cfg)
	r.sdk = lksdk.NewRoom(r.callbacks())
	r.there = func(context.Context) bool { return true }
	return &front{conn: r, inner: inner}, r
}

// SDKHandler is what the SDK calls.
type SDKHandler = sdkHandler

// Redact, Address, Bridge and Explain are the functions of the same name.
func Redact(text string) string { return redact(text) }

// Address is address.
func Address(text string) string { return address(text) }

// Bridge is bridge.
func Bridge(log *slog.Logger, rate limits.Rate) protologger.Logger { return bridge(log, rate) }

// Explain is explain.
func Explain(token string, minted bool, text string, now time.Time) (hint string, why error) {
	return explain(token, minted, text, now)
}

// Classify is classify.
func Classify(ctx context.Context, cfg Config, token string, err error, now time.Time) error {
	return classify(ctx, cfg, token, err, now)
}

// PermissionsOf is permissionsOf.
func PermissionsOf(p *livekit.ParticipantPermission) Permissions { return permissionsOf(p) }

// Outbox is an outbox for tests.
type Outbox struct{ *outbox }

// NewOutbox makes one whose outside is given.
func NewOutbox(send func(*livekit.DataPacket) error, set func(map[string]string) error, congested func() bool, report func(SendFailed)) Outbox {
	o := newOutbox()
	o.send, o.set, o.congested, o.report = send, set, congested, report
	return Outbox{o}
}

// Put, SetAttributes, Again, Connected, Run, Drain and Counts are the outbox's methods.
func (o Outbox) Put(topic string, packet *livekit.DataPacket) bool { return o.put(topic, packet) }

// SetAttributes adds attributes.
func (o Outbox) SetAttributes(attrs map[string]string) { o.attributes(attrs) }

// Again sends all attributes once more.
func (o Outbox) Again() { o.again() }

// Connected says whether the connection is up.
func (o Outbox) Connected(up bool) { o.connected(up) }

// Run sends until ctx ends.
func (o Outbox) Run(ctx context.Context) { o.run(ctx) }

// Drain waits.
func (o Outbox) Drain(ctx context.Context) { o.drain(ctx) }

// Counts returns the counts.
func (o Outbox) Counts() SendStats { return o.counts() }

// Limits of the outbox.
const (
	OutboxPackets = outboxPackets
	OutboxBytes   = outboxBytes
	OutboxAge     = outboxAge
)

// Roster is a roster for tests.
type Roster struct{ *roster }

// NewRoster makes one.
func NewRoster(l limits.Limits) Roster { return Roster{newRoster(l)} }

// Change is what an update brought about.
type Change struct {
	Pass, Joined bool
	Who, Left    string // identity/SID
	Changed      map[string]string
	Refused      []limits.Kind
}

// Update takes an update.
func (r Roster) Update(info *livekit.ParticipantInfo, now time.Time) Change {
	c := r.update(info, now)
	out := Change{Pass: c.pass, Joined: c.joined, Changed: c.changed, Refused: c.refused, Who: c.who.Identity}
	if c.left != nil {
		out.Left = c.left.Identity + "/" + c.left.SID
	}
	return out
}

// Tick tells what waited, by identity.
func (r Roster) Tick(now time.Time) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, e := range r.tick(now) {
		out[e.Participant.Identity] = e.Changed
	}
	return out
}

// Everybody empties the roster.
func (r Roster) Everybody() []Participant { return r.everybody() }

// Sizes returns the number of participants, audio and video tracks.
func (r Roster) Sizes() (participants, audio, video int) {
	return max(len(r.members), len(r.bySID)), r.audio, r.video
}

// Waiting returns the packets that wait in a room's outbox.
func Waiting(r *Connection) (out []*livekit.DataPacket) {
	r.out.mu.Lock()
	defer r.out.mu.Unlock()
	for _, p := range r.out.queue {
		out = append(out, p.packet)
	}
	return out
}

// PublishedBy adds a track of somebody to those that are known.
func PublishedBy(r *Connection, who Participant) (offered bool) {
	_, fresh := r.pubs.add(&lksdk.RemoteTrackPublication{}, nil, who)
	return fresh
}

// Offer, Known and Forget are what is done with a publication of the SDK.
func Offer(r *Connection, pub *lksdk.RemoteTrackPublication, who Participant) (fresh bool) {
	_, fresh = r.pubs.add(pub, nil, who)
	return fresh
}

// Known tells whether it was offered.
func Known(r *Connection, pub *lksdk.RemoteTrackPublication) bool { return r.pubs.get(pub) != nil }

// Forget tells whether it was known.
func Forget(r *Connection, pub *lksdk.RemoteTrackPublication) bool {
	return r.pubs.forget(pub) != nil
}

// Callbacks are what the SDK's room calls.
func Callbacks(r *Connection) *lksdk.RoomCallback { return r.callbacks() }

// Up tells whether the outbox may send.
func Up(r *Connection) bool {
	r.out.mu.Lock()
	defer r.out.mu.Unlock()
	return r.out.up
}

// Leaving lets Close have begun.
func Leaving(r *Connection) { close(r.done) }

// Simulate lets the connection suffer something.
func Simulate(r *Connection, what lksdk.SimulateScenario) { r.sdk.Simulate(what) }

// Restart lets the server ask for a new connection.
func Restart(r *Connection) {
	r.seam.engine.OnLeave(&livekit.LeaveRequest{Action: livekit.LeaveRequest_RECONNECT})
}

// Enter tells a room of Front who it is and who is there.
func Enter(r *Connection, own *livekit.ParticipantInfo, others ...*livekit.ParticipantInfo) {
	_, n := r.enter(own, others)
	r.announce(n)
}

// Receive hands a message of a data channel to a room of Front, and returns what it tells.
func Receive(r *Connection, msg webrtc.DataChannelMessage) []Event {
	r.onData(msg)
	return Told(r)
}

// Told returns what a room has told since it was asked last.
func Told(r *Connection) (out []Event) {
	for {
		select {
		case e := <-r.events:
			out = append(out, e)
		default:
			return out
		}
	}
}

// Expire lets time pass for a room of Front.
func Expire(r *Connection, now time.Time) []Event {
	return r.locked(func() []Event { return r.expire(now) })
}

// TakeCopies is takeCopies.
func TakeCopies(pc *webrtc.PeerConnection) error { return takeCopies(pc) }

// Answers is answers.
func Answers(ctx context.Context, server string) bool { return answers(ctx, server) }

// ServedFront is Front of a participant that serves sessions and calls.
func ServedFront(inner SDKHandler, methods ...string) (SDKHandler, *Connection) {
	cfg := Config{Limits: limits.Default(), Topics: []string{TopicChat}, Served: true, Methods: methods, Logger: slog.New(slog.DiscardHandler)}
	r := newConnection(cfg)
	r.sdk = lksdk.NewRoom(r.callbacks())
	r.there = func(context.Context) bool { return true }
	return &front{conn: r, inner: inner}, r
}

// Outbound takes what waits to be sent.
func Outbound(r *Connection) (out []*livekit.DataPacket) {
	r.out.mu.Lock()
	defer r.out.mu.Unlock()
	for _, p := range r.out.queue {
		out = append(out, p.packet)
	}
	r.out.queue, r.out.bytes = nil, 0
	return out
}

// Fit is fit.
func Fit(width, height, maxWidth, maxHeight uint32) (w, h uint32) {
	return fit(width, height, maxWidth, maxHeight)
}

// Signal is decode with what is then asked of a first message, and of a later one.
func Signal(kind int, frame []byte) (m *livekit.SignalResponse, first, later error) {
	m, err := decode(kind, frame)
	if err != nil {
		return nil, err, err
	}
	return m, (&signals{}).welcome(&link{first: m}), proper(m, map[string]bool{})
}
