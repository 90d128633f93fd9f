package participant

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/interceptor"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
)

const eventQueue = 512

// Config says which room the participant joins, and as whom.
type Config struct {
	URL, APIKey, APISecret string
	Token                  string
	Room                   string
	Identity, Name         string
	// Hear, if set, takes what is heard of each agent, frame by frame, in place of a recording:
	// mono at 48 kHz. The goroutine of the track calls it; it keeps nothing of the frame.
	Hear func(identity string, f rtpin.Frame)
	// Link, if set, damages what the participant sends and receives.
	Link *impair.Link
	// Transport says what media may go through.
	Transport lk.Transport
	// Redundant sends each packet of the microphone with copies of those before it (RFC 2198).
	Redundant bool
	Logger    *slog.Logger
}

// Participant is a scripted human. Methods are safe from any goroutine; Events has one reader.
type Participant struct {
	room   *lk.Connection
	log    *slog.Logger
	hear   func(identity string, f rtpin.Frame) // nil where what is heard is recorded
	events chan Event

	mu     sync.Mutex
	mic    *microphone
	cams   []*Camera
	agents map[string]bool
	heard  map[string]*ear // by track SID

	joined  chan struct{} // closed when the first agent is there
	stop    context.CancelFunc
	work    sync.WaitGroup
	once    sync.Once
	failure error
}

// Join enters the room. The participant subscribes to agents' audio only.
func Join(ctx context.Context, cfg Config) (*Participant, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Identity == "" {
		cfg.Identity = "human"
	}
	if cfg.Name == "" {
		cfg.Name = cfg.Identity
	}
	var link []interceptor.Factory
	if cfg.Link != nil {
		link = []interceptor.Factory{cfg.Link}
	}
	room, err := lk.Join(ctx, lk.Config{
		URL: cfg.URL, APIKey: cfg.APIKey, APISecret: cfg.APISecret, Token: cfg.Token, Room: cfg.Room,
		Identity: cfg.Identity, Name: cfg.Name, Logger: cfg.Logger,
		Topics:       []string{lk.TopicTranscription, lk.TopicChat},
		Interceptors: link, Redundant: cfg.Redundant, Transport: cfg.Transport, Limits: unbounded(),
	})
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.Background())
	p := &Participant{
		room: room, log: cfg.Logger, hear: cfg.Hear, events: make(chan Event, eventQueue), stop: stop,
		agents: map[string]bool{}, heard: map[string]*ear{}, joined: make(chan struct{}),
	}
	p.work.Go(func() { p.loop(life) })
	return p, nil
}

// unbounded are limits that no test reaches: like the page of a front end, this participant reads
// whatever it is sent.
func unbounded() limits.Limits {
	l := limits.Default()
	l.ChatsPerMinute, l.ChatBurst = limits.MaxNumber, limits.MaxNumber
	l.RoomChatsPerMinute, l.RoomChatBurst = limits.MaxNumber, limits.MaxNumber
	l.DataPackets, l.DataBytes = limits.MaxNumber/2, 16<<20
	return l
}

// Events returns what the participant notices. Left is the last; a full queue loses the oldest.
func (p *Participant) Events() <-chan Event { return p.events }

// Identity returns the own identity.
func (p *Participant) Identity() string { return p.room.Identity() }

// WaitAgent waits until an agent is in the room.
func (p *Participant) WaitAgent(ctx context.Context) error {
	select {
	case <-p.joined:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNoAgent, context.Cause(ctx))
	}
}

// Chat sends a text on lk.chat.
func (p *Participant) Chat(text string) error {
	return p.room.SendText(lk.TopicChat, "", text, nil)
}

// Close leaves the room and ends all tracks and goroutines. It is idempotent.
func (p *Participant) Close() error {
	p.once.Do(func() {
		p.mu.Lock()
		mic, cams := p.mic, p.cams
		p.mu.Unlock()
		var errs []error
		if mic != nil {
			errs = append(errs, mic.close())
		}
		for _, c := range cams {
			errs = append(errs, c.Close())
		}
		errs = append(errs, p.room.Close())
		p.stop()
		p.work.Wait()
		p.failure = errors.Join(errs...)
	})
	return p.failure
}

// loop is the only reader of the room's events.
func (p *Participant) loop(ctx context.Context) {
	for {
		select {
		case e := <-p.room.Events():
			if p.handle(ctx, e) {
				return
			}
		case <-ctx.Done():
			p.emit(Left{At: time.Now(), Reason: "left"})
			return
		}
	}
}

func (p *Participant) handle(ctx context.Context, e lk.Event) (ended bool) {
	now := time.Now()
	switch e := e.(type) {
	case lk.ParticipantJoined:
		p.agentSeen(now, e.Participant)
	case lk.ParticipantLeft:
		if e.Participant.Agent {
			p.emit(AgentLeft{At: now, Identity: e.Participant.Identity})
		}
	case lk.AttributesChanged:
		if s, ok := e.Changed[lk.AttrState]; ok {
			p.emit(AgentState{At: now, Identity: e.Participant.Identity, State: s})
		}
	case lk.TrackPublished:
		if e.Participant.Agent && !e.Publication.Video() {
			if err := e.Publication.Subscribe(true); err != nil {
				p.log.Error("subscribe", "track", e.Publication.SID(), "error", err)
			}
		}
	case lk.TrackSubscribed:
		p.listen(ctx, e)
	case lk.TextChunk:
		if e.Topic == lk.TopicTranscription {
			p.emit(Transcript{At: now, From: e.From, StreamID: e.StreamID, Text: e.Text, Delta: true})
		}
	case lk.TextReceived:
		p.text(now, e)
	case lk.Disconnected:
		p.emit(Left{At: now, Reason: e.Reason})
		return true
	case lk.SendFailed:
		p.log.Warn("not sent", "topic", e.Topic, "error", e.Err)
	case lk.TrackGone, lk.ConnectionChanged, lk.PermissionsChanged, lk.Refused:
	}
	return false
}

func (p *Participant) agentSeen(now time.Time, who lk.Participant) {
	if !who.Agent {
		return
	}
	p.mu.Lock()
	first := len(p.agents) == 0
	known := p.agents[who.Identity]
	p.agents[who.Identity] = true
	p.mu.Unlock()
	if known {
		return
	}
	p.emit(AgentJoined{At: now, Identity: who.Identity, Name: who.Name})
	if first {
		close(p.joined)
	}
}

func (p *Participant) text(now time.Time, e lk.TextReceived) {
	switch e.Topic {
	case lk.TopicTranscription:
		p.emit(Transcript{
			At: now, From: e.From, StreamID: e.StreamID, SegmentID: e.Attributes[lk.AttrSegmentID], Text: e.Text,
			// A user's interim texts are whole streams marked false; an agent's stream is marked by
			// being closed.
			Final: e.Attributes[lk.AttrFinal] == "true" || e.From != p.room.Identity() && p.isAgent(e.From),
		})
	case lk.TopicChat:
		p.emit(Chat{At: now, From: e.From, Text: e.Text})
	}
}

func (p *Participant) isAgent(identity string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.agents[identity]
}

// emit hands an event to the reader; the oldest makes way when nobody reads.
func (p *Participant) emit(e Event) {
	for {
		select {
		case p.events <- e:
			return
		default:
		}
		select {
		case <-p.events:
		default:
		}
	}
}
