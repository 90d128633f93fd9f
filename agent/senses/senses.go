package senses

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// Ears are what microphones are heard with: *engine.Models are some, whose methods say what these
// do.
type Ears interface {
	Detector() (engine.Detector, error)
	Interim(h engine.Holder) hearing.Transcriber
	Final(h engine.Holder) hearing.Transcriber
	EndOfTurn(h engine.Holder) hearing.TurnDetector
}

var _ Ears = (*engine.Models)(nil)

// Deps are what senses need of the place that they are in. What they see with comes with
// [Senses.Look].
type Deps struct {
	// Ears stay open until Wait has returned.
	Ears Ears
	// Broker is the ledger of the frames and of what is made of them, and Room who their leases,
	// and those of the ears, name as their holder: tracks are a room's, whoever of it listens.
	Broker *compute.Broker
	Room   string
	// Endpoint says when those who are heard have finished.
	Endpoint hearing.EndpointConfig
	// Sound tells whether anybody wants the sound of what is said beside its transcript. It is
	// asked at the end of every turn, on any goroutine.
	Sound func() bool
	// Likely tells whether anybody wants to know what is said before it is certain that its speaker
	// has finished; called as Sound is. Nil: nobody does.
	Likely func() bool
	// Names are what somebody may be called by, the most likely first; ears that take them hear
	// them better. It is asked for every transcript, on any goroutine, and must not wait; nil for
	// none.
	Names func() []string
	// Sink takes what they perceive, from several goroutines, in order for each microphone and each
	// gaze. It waits while there is no room for it, for an interim transcript not at all, until ctx
	// ends; then it returns false, as it does for what it did not take.
	Sink func(ctx context.Context, p Percept) bool
	// Speaking tells whether anybody speaks: then more pictures are taken.
	Speaking func() bool
	// Metering is above 0 while somebody wants to know how loud microphones are; nil measures
	// nothing.
	Metering *atomic.Int32
	// KeepFrames puts the frame into every Saw, KeepSights what people are shown of it into every
	// sight.
	KeepFrames, KeepSights bool
	// Frames count the pictures of all tracks; nil counts them for nobody.
	Frames *Frames
	Log    *slog.Logger
}

// Stream is where the packets of a track come from.
type Stream interface {
	// Packets reads packets until the track or ctx ends, on the caller's goroutine: packet gets
	// each one, valid during the call, and tick comes after each and at least every 20 ms. The end
	// of the track is no error.
	Packets(ctx context.Context, packet func(*rtp.Packet, time.Time), tick func(time.Time)) error
	// Codec is the MIME type of the packet read last: a sender may change it.
	Codec() string
}

// Video is the stream of a video track.
type Video interface {
	Stream
	// RequestKeyframe asks the sender for one.
	RequestKeyframe()
	// PreferSize asks for the layer of the track that fits best.
	PreferSize(width, height int)
	// Orientation is the id of the header extension that says how pictures lie; 0 where there is
	// none.
	Orientation() uint8
}

// Senses are the ears and eyes of one place. They end with the context of New at the latest. Hear,
// See, Look and Forget belong to one goroutine, and do not wait.
type Senses struct {
	Deps
	life  context.Context //nolint:containedctx // the lifetime of all tracks
	work  sync.WaitGroup
	stale time.Duration // after which a sampled frame shows the past
	paces paces

	mu       sync.Mutex
	eyes     map[*Eye]struct{} // whose tracks have not ended
	encoders []*encoder
}

// New returns senses without a track, that look at nothing.
func New(life context.Context, deps Deps) *Senses {
	if deps.Frames == nil {
		deps.Frames = &Frames{}
	}
	return &Senses{Deps: deps, life: life, stale: frameStale, eyes: map[*Eye]struct{}{}}
}

// Wait waits until every goroutine, decoder and buffer of ended tracks is gone. No track may be
// opened any more.
func (s *Senses) Wait() { s.work.Wait() }

// tell hands a percept on, unless everything ends.
func (s *Senses) tell(p Percept) { s.Sink(s.life, p) }
