package turn

import (
	"slices"
	"strings"
	"time"
)

// tracksKept bounds the tracks that are known; a room has fewer subscribed.
const tracksKept = 256

// track is a microphone or a video track of a person.
type track struct {
	id, who string
	source  Source
	pending bool          // published and being subscribed to: nothing can be seen on it yet
	seen    bool          // a picture of it is at hand
	number  uint64        // of that picture
	since   time.Duration // when it was published, or opened
}

func (v *track) video() bool { return v.source == Camera || v.source == Screen }

// dark tells whether the track has shown nothing although there was time for it.
func (v *track) dark(now time.Duration, p *Looking) bool { return !v.seen && now-v.since > p.Dark }

func (t *Table) track(id string) *track {
	for _, v := range t.tracks {
		if v.id == id {
			return v
		}
	}
	return nil
}

// addTrack returns the track of that id, and whether it is new; nil where there are too many.
func (t *Table) addTrack(who, id string, source Source) (v *track, isNew bool) {
	if v = t.track(id); v != nil {
		return v, false
	}
	if len(t.tracks) >= tracksKept {
		t.stats.Dropped++
		return nil, false
	}
	v = &track{id: id, who: who, source: source, since: t.now}
	t.tracks = append(t.tracks, v)
	return v, true
}

// offered subscribes to what people say and, where a persona has eyes, show.
func (t *Table) offered(e Offered) {
	if e.Agent {
		t.people.joined(e.Who, t.people.here[e.Who].name, true)
	}
	agent := t.people.isAgent(e.Who)
	if agent && (!t.policy.HearAgents || e.Source != Microphone) || t.seat(e.Who) != nil {
		return
	}
	sees := slices.ContainsFunc(t.seats, func(s *seat) bool { return s.sees })
	switch e.Source {
	case Microphone:
	case Camera, Screen:
		if !sees {
			return
		}
	default:
		return
	}
	v, isNew := t.addTrack(e.Who, e.Track, e.Source)
	if v == nil {
		return
	}
	t.emit(Subscribe{Track: e.Track})
	if isNew {
		v.pending = true
		t.reconsider(v)
	}
}

func (t *Table) opened(e Opened) {
	v, _ := t.addTrack(e.Who, e.Track, e.Source)
	if v == nil {
		return
	}
	*v = track{id: e.Track, who: e.Who, source: e.Source, since: t.now}
}

func (t *Table) shown(e Shown) {
	if v := t.track(e.Track); v != nil && v.video() {
		v.pending, v.seen, v.number = false, true, e.Number
	}
}

func (t *Table) hidden(e Hidden) {
	t.tracks = slices.DeleteFunc(t.tracks, func(v *track) bool { return v.id == e.Track })
	for _, m := range t.mics {
		if m.track == e.Track && e.Track != "" {
			m.gone = true
		}
	}
	t.sweepMics()
}

// wantPictures has every video track take a picture of what is about to be spoken of.
func (t *Table) wantPictures() {
	for _, v := range t.tracks {
		if v.video() && !v.pending {
			t.emit(Look{Track: v.id})
		}
	}
}

// ranks of a track, the more the better: one that shows something before one that does not, then
// the kind that is spoken of, then the asker's own.
const (
	rankOwn   = 2
	rankKind  = 4
	rankLight = 8
)

func rankOf(own, kind, light bool) (rank int) {
	if own {
		rank += rankOwn
	}
	if kind {
		rank += rankKind
	}
	if light {
		rank += rankLight
	}
	return rank
}

// choose returns the video track that a question is about: the asker's own camera first, then
// anybody's; the screen when it is spoken of or nothing else is shown. A track that is being
// subscribed to is chosen, where pending says so, if it is the asker's own, for a while after it
// was published. Dark tracks come last. It is nil where there is none.
func (t *Table) choose(who, text string, pending bool) (best *track) {
	screen := spokenOf(text, t.policy.Looking.Screen)
	rank := -1
	for _, v := range t.tracks {
		if !v.video() || v.pending && (!pending || v.who != who || t.now-v.since > t.policy.Looking.Subscribe) {
			continue
		}
		r := rankOf(v.who == who, (v.source == Screen) == screen, !v.dark(t.now, &t.policy.Looking))
		if r > rank || r == rank && v.id < best.id {
			best, rank = v, r
		}
	}
	return best
}

func spokenOf(text string, words []string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// lookAt says where a reply looks.
func (t *Table) lookAt(s *Start) {
	if shown := t.choose(s.Who, s.Text, false); shown != nil {
		s.Look, s.Dark = shown.id, shown.dark(t.now, &t.policy.Looking)
	}
	if best := t.choose(s.Who, s.Text, true); best != nil && best.pending {
		s.Soon, s.Wait = best.id, t.policy.Looking.Subscribe-(t.now-best.since)
	}
}

// reconsider begins replies anew that were begun with nothing to look at, if a track of their asker
// has come to be known: the news of it takes another way than their text, and may be overtaken.
// What was heard already stays.
func (t *Table) reconsider(v *track) {
	c := t.turn
	if c == nil || !v.video() || v.who != c.Who || t.order.audible || t.now-c.Asked > t.policy.Looking.Subscribe {
		return
	}
	for _, r := range c.replies {
		if r.phase.live() && r.phase != queued && r.blind {
			t.stopReply(r, ReasonAgain)
			*r = reply{id: Reply{Turn: r.id.Turn, Seat: r.id.Seat, Try: r.id.Try + 1}}
		}
	}
	t.startReplies()
}
