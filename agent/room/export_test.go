package room

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/tts"
)

// KeptText is what is kept of a text that the model refuses for its size.
const KeptText = keptText

// CutText is cutText.
func CutText(text string) string { return cutText(text) }

// Trust is trust.
func Trust(p lk.Participant, here bool, by turn.Vouched) memory.Trust { return trust(p, here, by) }

// Missing is missing.
func Missing(p lk.Permissions, voiceOnly bool) []Grant { return missing(p, voiceOnly) }

// panicVoice panics.
type panicVoice struct {
	tts.Voice
	value any
}

func (v panicVoice) Synthesize(context.Context, string, func([]float32) error) error { panic(v.value) }

// PanicInVoice has the voice panic until restore is called. No answer may be under way.
func (r *Room) PanicInVoice(value any) (restore func()) {
	replies := r.Seats()[0].replies
	before := replies.Voice
	replies.Voice = panicVoice{before, value}
	return func() { replies.Voice = before }
}

// LosePackets has all that the persona says go nowhere from now on, and nobody know it.
func (s *Seat) LosePackets() { s.line.track.Store(nil) }

// HurryEnd shortens the limits of Close.
func (r *Room) HurryEnd() {
	r.endings = endings{clause: 10 * time.Millisecond, finish: 10 * time.Millisecond, stop: 10 * time.Millisecond}
}

// Abandoned waits for what Close left behind.
func (r *Room) Abandoned() {
	r.work.Wait()
	for _, s := range r.Seats() {
		_ = s.free()
	}
}

// Put keeps an utterance as a room's recorder does.
func (t *Transcripts) Put(u store.Utterance) error { return t.writer.Put(u) }

// Listener is the identity of the connection by which the room is perceived.
func (r *Room) Listener() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hears == nil {
		return ""
	}
	return r.hears.Identity()
}

// Each writes what waits, and calls f for every utterance of a room.
func (t *Transcripts) Each(ctx context.Context, room string, f func(store.Utterance) error) error {
	for t.Stats().Writer.Waiting > 0 {
		time.Sleep(time.Millisecond)
	}
	return t.db.List(ctx, store.Query{Room: room}, f)
}

// Remembers counts what a persona decided on.
func (s *Seat) Remembers() store.RememberStats { return s.memory.Stats() }

// Apart is apart.
type Apart = apart

// Look is look.
func (p apart) Look(now time.Time, limit time.Duration, out []string) (string, time.Time) {
	return p.look(now, limit, out)
}

// HurryTogether shortens how long personas may be out of sight of each other, or in another room
// than they were sent to. Nobody may sit there yet.
func (r *Room) HurryTogether(limit time.Duration) { r.split, r.alone = limit, limit }
