package senses

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

// Deps are what senses need of the place that they are in.
type Deps struct {
	// Models are what they hear and see with.
	Models *engine.Models
	// Holder is who their leases name.
	Holder engine.Holder
	// Sink takes what they perceive, from several goroutines, in order for each track. It waits
	// while there is no room for it, for an interim transcript not at all, until ctx ends; then it
	// returns false, as it does for what it did not take.
	Sink func(ctx context.Context, p Percept) bool
	// Speaking tells whether anybody speaks: then more pictures are taken.
	Speaking func() bool
	// KeepFrames puts the frame into every Saw.
	KeepFrames bool
	Log        *slog.Logger
}

// Track says what is heard or seen.
type Track struct {
	Who, SID, Source string
	// Screen is true for a shared screen.
	Screen bool
	// Codec is its MIME type when it was opened.
	Codec string
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
}

// Senses are the ears and eyes of one place. They end with the context of New at the latest.
type Senses struct {
	Deps
	life context.Context //nolint:containedctx // the lifetime of all tracks
	work sync.WaitGroup
}

// New returns senses without a track.
func New(life context.Context, deps Deps) *Senses { return &Senses{Deps: deps, life: life} }

// Wait waits until every goroutine, decoder and buffer of ended tracks is gone. No track may be
// opened any more.
func (s *Senses) Wait() { s.work.Wait() }

// tell hands a percept on, unless everything ends.
func (s *Senses) tell(p Percept) { s.Sink(s.life, p) }
