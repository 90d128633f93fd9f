package room

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// ErrNoSight means that there is no such picture: the model was given none, it is not kept any
// more, or nothing is shown now.
var ErrNoSight = errors.New("no such picture")

// Bounds of the pictures that are kept for answers, of a room.
const (
	pinsMost  = 32
	pinsBytes = 64 << 20
)

// Sighted is a picture of a track, and the track.
type Sighted struct {
	Who, SID, Source string
	Encoder          string
	Number           uint64 // of the track's sampled frames
	Captured         time.Time
	// What Saw said of it; zero where another one was reported before this was asked for.
	Reason            string
	Width, Height     int
	Texture, Features time.Duration
	senses.Counts     // of the track; zero where it is gone
	UsedBy            []turn.Reply
	Shown             *engine.Shown // nil where none is kept
}

// Key is the track and the picture's number, as in TR_AB/42.
func (s *Sighted) Key() string { return sightKey(s.SID, s.Number) }

// sightKey is that of engine.Sight.
func sightKey(sid string, number uint64) string { return sid + "/" + strconv.FormatUint(number, 10) }

// sightNumber is the picture's number of such a key; 0 of none.
func sightNumber(key string) uint64 {
	n, err := strconv.ParseUint(key[strings.LastIndexByte(key, '/')+1:], 10, 64)
	if err != nil {
		return 0 // a picture of no track
	}
	return n
}

// pin is a picture that an answer used.
type pin struct {
	by turn.Reply
	Sighted
}

// sights are the pictures of a room that people may want to see. They belong to the actor.
type sights struct {
	told  map[string]Saw // the latest of each track and encoder
	pins  []pin          // the latest last
	bytes int64
}

// saw takes note of what is known of the newest picture of a track.
func (s *sights) saw(e Saw) {
	if s.told == nil {
		s.told = map[string]Saw{}
	}
	e.Frame = nil
	s.told[e.SID+" "+e.Encoder] = e
	for i := range s.pins { // an answer was made from a part of it
		if p := &s.pins[i].Sighted; p.Width == 0 && p.Encoder == e.Encoder && p.Key() == sightKey(e.SID, e.Number) {
			p.about(e)
		}
	}
}

// about takes what was reported of the picture.
func (s *Sighted) about(e Saw) {
	s.Who, s.Source, s.Reason = e.Who, e.Source, e.Reason
	s.Width, s.Height, s.Texture, s.Features = e.Width, e.Height, e.Texture, e.Features
}

// lost forgets a track.
func (s *sights) lost(sid string) {
	for name := range s.told {
		if strings.HasPrefix(name, sid+" ") {
			delete(s.told, name)
		}
	}
}

// described is a sight with what is known of it.
func (s *sights) described(sid, encoder string, seen *engine.Sight) Sighted {
	out := Sighted{SID: sid, Encoder: encoder, Captured: seen.Captured, Shown: seen.Shown, Number: sightNumber(seen.Key)}
	if e := s.told[sid+" "+encoder]; sightKey(e.SID, e.Number) == seen.Key {
		out.about(e)
	}
	for _, p := range s.pins {
		if p.Key() == seen.Key {
			out.UsedBy = append(out.UsedBy, p.by)
		}
	}
	return out
}

// pin keeps the picture of an answer, within the bounds; the oldest ones go.
func (s *sights) pin(by turn.Reply, seen Sighted) {
	if seen.Shown == nil {
		return
	}
	size := seen.Shown.Bytes()
	for len(s.pins) > 0 && (len(s.pins) >= pinsMost || s.bytes+size > pinsBytes) {
		s.bytes -= s.pins[0].Shown.Bytes()
		s.pins = slices.Delete(s.pins, 0, 1)
	}
	s.pins, s.bytes = append(s.pins, pin{by, seen}), s.bytes+size
}

// of is the picture that an answer used.
func (s *sights) of(seat string, number uint64) (Sighted, bool) {
	i := slices.IndexFunc(s.pins, func(p pin) bool { return p.by.Turn == number && p.by.Seat == seat })
	if i < 0 {
		return Sighted{}, false
	}
	out := s.pins[i].Sighted
	for _, p := range s.pins {
		if p.Key() == out.Key() {
			out.UsedBy = append(out.UsedBy, p.by)
		}
	}
	return out, true
}

// looking asks the actor for a picture.
type looking struct {
	seat   string
	turn   uint64 // 0 for the newest
	track  string // of the newest; empty for any
	answer chan<- shownOrNot
}

type shownOrNot struct {
	sight Sighted
	ok    bool
}

func (looking) message() {}

// Sight returns the picture that a persona's answer used in a turn, as long as it is kept; with
// turn 0 the newest one that its model has, of a track or of all where that is empty. Pictures are
// kept where Config.KeepSights says so. Errors: ErrNoSight, ErrClosed, the cause of ctx.
func (r *Room) Sight(ctx context.Context, persona string, number uint64, track string) (Sighted, error) {
	answer := make(chan shownOrNot, 1)
	if err := r.tell(ctx, looking{persona, number, track, answer}); err != nil {
		return Sighted{}, err
	}
	out, err := await(ctx, r, answer)
	if err == nil && !out.ok {
		err = ErrNoSight
	}
	return out.sight, err
}

// look finds a picture.
func (a *actor) look(m looking) shownOrNot {
	if m.turn != 0 {
		s, ok := a.sights.of(m.seat, m.turn)
		if eye := a.eyes[s.SID]; ok && eye != nil {
			s.Counts = eye.Counts()
		}
		return shownOrNot{s, ok}
	}
	var out shownOrNot
	s := a.seat(m.seat)
	if s == nil {
		return out
	}
	for sid, eye := range a.eyes {
		gaze := eye.Gaze(s.models.Eyes())
		if gaze == nil || m.track != "" && m.track != sid {
			continue
		}
		seen := gaze.Now()
		if seen == nil || seen.Shown == nil || out.ok && seen.Captured.Before(out.sight.Captured) {
			continue
		}
		out.ok, out.sight = true, a.sighted(eye, gaze.Encoder(), seen)
	}
	return out
}

// sighted is a picture of a track that is there.
func (a *actor) sighted(eye *senses.Eye, encoder string, seen *engine.Sight) Sighted {
	track := eye.Track()
	out := a.sights.described(track.SID, encoder, seen)
	out.Who, out.Source, out.Counts = track.Who, track.Source, eye.Counts()
	return out
}

// used keeps the picture that an answer uses.
func (a *actor) used(answer *answer, seen *engine.Sight) {
	sid, _, _ := strings.Cut(seen.Key, "/")
	eye := a.eyes[sid]
	if eye == nil || seen.Shown == nil {
		return
	}
	encoder := ""
	if gaze := eye.Gaze(answer.seat.models.Eyes()); gaze != nil {
		encoder = gaze.Encoder()
	}
	s := a.sighted(eye, encoder, seen)
	s.UsedBy = nil
	a.sights.pin(answer.name, s)
}

// seen are the newest pictures of all tracks, by track and encoder.
func (a *actor) seen() (out []Sighted) {
	for _, eye := range a.eyes {
		for encoder, s := range eye.Sights() {
			out = append(out, a.sighted(eye, encoder, s))
		}
	}
	slices.SortFunc(out, func(x, y Sighted) int { return strings.Compare(x.SID+x.Encoder, y.SID+y.Encoder) })
	return out
}
