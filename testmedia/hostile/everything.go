package hostile

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/media"
)

// Report says what Everything has done.
type Report struct {
	Streams, StreamBytes, Chats, Encrypted, Calls, Updates, Tracks, Mutes, Visitors, Intrusions, UnitBytes int
}

// Everything does all attacks at once on the room, for so long, and then leaves. persona is the
// identity of the participant who is called. Rates are those of one machine that means harm: about
// 2 MB a second. It returns when all of it has ended; errors are those of joining.
func Everything(ctx context.Context, cfg Config, persona string, duration time.Duration) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	var attackers [3]*Attacker
	for i, name := range []string{"-data", "-media", "-weight"} {
		one := cfg
		one.Identity += name
		a, err := Join(ctx, one)
		if err != nil {
			return Report{}, err
		}
		defer a.Close()
		attackers[i] = a
	}
	data, floods, weight := attackers[0], attackers[1], attackers[2]
	const often = 1 << 30
	var r Report
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil && data.Kill(lk.TopicChat) == nil {
			_ = media.Sleep(ctx, 200*time.Millisecond) // the loop looks whether it is to go on
		}
	})
	all.Go(func() { r.Streams = data.OpenStreams(ctx, lk.TopicChat, often, 2*time.Millisecond) })
	// Who opens streams without end has no rate left for a large one; one may not be let in.
	all.Go(func() {
		for media.Sleep(ctx, 100*time.Millisecond) == nil {
			r.StreamBytes += weight.BigStream(ctx, lk.TopicChat, 1<<20, 15*time.Millisecond)
		}
	})
	all.Go(func() { r.Chats = data.Chats(ctx, often, 20*time.Millisecond) })
	all.Go(func() { r.Encrypted = data.Encrypted(ctx, often, 5*time.Millisecond) })
	all.Go(func() { r.Calls = data.Calls(ctx, persona, often, 20*time.Millisecond) })
	all.Go(func() { r.Updates = weight.Weight(ctx, often, 200*time.Millisecond) })
	all.Go(func() { r.UnitBytes, _ = floods.EndlessUnit(ctx, 2*time.Millisecond) })
	all.Go(func() { r.Mutes = weight.Mutes(ctx, often, 50*time.Millisecond) })
	all.Go(func() { r.Tracks = floods.Tracks(ctx, 60) })
	all.Go(func() {
		visitor := cfg
		visitor.Identity += "-visitor"
		for ctx.Err() == nil {
			visitor.Identity = cfg.Identity + "-" + uuid.NewString()
			r.Visitors += ComeAndGo(ctx, visitor, 1)
		}
	})
	all.Go(func() { r.Intrusions = intrude(ctx, cfg, data) })
	all.Wait()
	return r, nil
}

// intrude listens to the room as any client may, and writes into every text stream of somebody else
// that it learns of.
func intrude(ctx context.Context, cfg Config, a *Attacker) (n int) {
	spy, err := lk.Join(ctx, lk.Config{
		URL: cfg.URL, APIKey: cfg.APIKey, APISecret: cfg.APISecret, Room: cfg.Room, Identity: cfg.Identity + "-spy", Name: "spy",
		Topics: []string{lk.TopicChat},
	})
	if err != nil {
		return 0
	}
	defer func() { _ = spy.Close() }()
	for {
		select {
		case <-ctx.Done():
			return n
		case e := <-spy.Events():
			if c, ok := e.(lk.TextChunk); ok && c.From != a.Identity() && a.Intrude(c.StreamID, 1) == nil {
				n++
			}
		}
	}
}
