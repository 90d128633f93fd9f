package lk

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// maxTrackInfo bounds the description of one track, in bytes: those of browsers, with three layers
// and two codecs, are below 1 KiB.
const maxTrackInfo = 8 << 10

// roster keeps the participants that are attended to, within limits. It is pure: time is passed in.
type roster struct {
	limits       limits.Limits
	members      map[string]*member // by identity
	bySID        map[string]*member
	audio, video int // tracks that were taken, of everybody
}

// member is one participant.
type member struct {
	who        Participant       // Attributes are those that have been told
	attributes map[string]string // those that are known
	version    uint32
	updates    limits.Bucket
	tracks     map[string]livekit.TrackType // that were taken, by id
	over       map[limits.Kind]int          // what it sends beyond limits now
}

// change is what an update brought about.
type change struct {
	pass    bool // the SDK may see the update, which has been cut down to the limits
	who     Participant
	left    *Participant // who is gone
	joined  bool
	changed map[string]string // attributes, at first all of them; deleted ones are empty
	refused []limits.Kind
}

func newRoster(l limits.Limits) *roster {
	return &roster{limits: l, members: map[string]*member{}, bySID: map[string]*member{}}
}

// update takes what the server says of one participant and cuts it down in place.
func (r *roster) update(info *livekit.ParticipantInfo, now time.Time) change {
	m := r.members[info.GetIdentity()]
	if info.GetState() == livekit.ParticipantInfo_DISCONNECTED {
		if m == nil || m.who.SID != info.GetSid() {
			return change{}
		}
		r.remove(m)
		return change{pass: true, who: m.who, left: &m.who}
	}
	var c change
	switch {
	case len(info.GetIdentity()) > r.limits.IdentityBytes:
		return change{who: Participant{Identity: limits.Cut(info.GetIdentity(), r.limits.IdentityBytes)}, refused: []limits.Kind{limits.Identity}}
	case m == nil && len(r.members) >= r.limits.Participants:
		return change{who: Participant{Identity: info.GetIdentity()}, refused: []limits.Kind{limits.Participants}}
	case m != nil && m.who.SID == info.GetSid() && m.version > info.GetVersion():
		return change{} // older than what is known
	case m != nil && m.who.SID != info.GetSid(): // the same person anew, without having left
		old := m.who
		c.left = &old
		r.remove(m)
		m = nil
	}
	if m == nil {
		m = &member{tracks: map[string]livekit.TrackType{}, over: map[limits.Kind]int{}}
		m.who = Participant{Identity: info.GetIdentity(), SID: info.GetSid(), Agent: info.GetKind() == livekit.ParticipantInfo_AGENT}
		m.who.Other = !m.who.Agent && info.GetKind() != livekit.ParticipantInfo_STANDARD
		r.members[m.who.Identity], r.bySID[m.who.SID] = m, m
		c.joined = true
	}
	m.version, m.who.OwnAttributes = info.GetVersion(), info.GetPermission().GetCanUpdateMetadata()
	m.who.Manages, m.who.Protocol = info.GetPermission().GetCanManageAgentSession(), info.GetClientProtocol()
	over := map[limits.Kind]int{}
	r.cutTexts(m, info, over)
	r.cutTracks(m, info, over)
	for _, kind := range slices.Sorted(maps.Keys(over)) {
		if over[kind] > m.over[kind] { // not again for each update that has nothing to do with it
			c.refused = append(c.refused, kind)
		}
	}
	m.over = over
	if c.changed = r.tell(m, now); c.changed == nil && !maps.Equal(m.who.Attributes, m.attributes) {
		c.refused = append(c.refused, limits.Updates)
	}
	c.pass, c.who = true, m.who
	return c
}

// cutTexts bounds name, metadata and attributes.
func (r *roster) cutTexts(m *member, info *livekit.ParticipantInfo, over map[limits.Kind]int) {
	if len(info.Name) > r.limits.NameBytes {
		over[limits.Names] = 1
		info.Name = strings.Clone(limits.Cut(info.Name, r.limits.NameBytes))
	}
	m.who.Name = info.Name
	if len(info.Metadata) > r.limits.MetadataBytes {
		over[limits.Metadata] = 1
		info.Metadata = "" // half a document is none
	}
	m.attributes = make(map[string]string, len(info.Attributes))
	if n := limits.KeepAttributes(m.attributes, info.Attributes, r.limits.AttributeBytes); n > 0 {
		over[limits.Attributes] = n
	}
	info.Attributes = maps.Clone(m.attributes)
}

// cutTracks takes tracks up to the limits: those that were taken before first, then microphone,
// camera and screen. Beyond them a track is taken when it is still there at a later update of its
// owner and there is room.
func (r *roster) cutTracks(m *member, info *livekit.ParticipantInfo, over map[limits.Kind]int) {
	still := map[string]bool{}
	for _, t := range info.Tracks {
		still[t.GetSid()] = true
	}
	for sid, kind := range m.tracks {
		if !still[sid] {
			r.release(m, sid, kind)
		}
	}
	slices.SortStableFunc(info.Tracks, func(a, b *livekit.TrackInfo) int {
		return cmp.Or(cmp.Compare(r.rank(m, a), r.rank(m, b)), cmp.Compare(a.GetSid(), b.GetSid()))
	})
	taken := info.Tracks[:0]
	for _, t := range info.Tracks {
		if t.GetType() == livekit.TrackType_DATA {
			continue
		}
		if kind, ok := r.take(m, t); !ok {
			over[kind]++
			continue
		}
		t.Name = strings.Clone(limits.Cut(t.Name, r.limits.NameBytes))
		taken = append(taken, t)
	}
	clear(info.Tracks[len(taken):])
	info.Tracks = taken
}

func (r *roster) rank(m *member, t *livekit.TrackInfo) int {
	if _, ok := m.tracks[t.GetSid()]; ok {
		return 0
	}
	switch t.GetSource() {
	case livekit.TrackSource_MICROPHONE:
		return 1
	case livekit.TrackSource_CAMERA:
		return 2
	case livekit.TrackSource_SCREEN_SHARE:
		return 3
	default:
		return 4
	}
}

// take counts a track, if there is room for it.
func (r *roster) take(m *member, t *livekit.TrackInfo) (limits.Kind, bool) {
	if _, ok := m.tracks[t.GetSid()]; ok {
		return "", true
	}
	kind, all, mine, most := limits.AudioTracks, &r.audio, r.limits.AudioTracks, r.limits.RoomAudioTracks
	if t.GetType() == livekit.TrackType_VIDEO {
		kind, all, mine, most = limits.VideoTracks, &r.video, r.limits.VideoTracks, r.limits.RoomVideoTracks
	}
	for _, other := range m.tracks {
		if other == t.GetType() {
			mine--
		}
	}
	if mine <= 0 || *all >= most || proto.Size(t) > maxTrackInfo {
		return kind, false
	}
	*all++
	m.tracks[t.GetSid()] = t.GetType()
	return "", true
}

func (r *roster) release(m *member, sid string, kind livekit.TrackType) {
	delete(m.tracks, sid)
	if kind == livekit.TrackType_VIDEO {
		r.video--
	} else {
		r.audio--
	}
}

func (r *roster) remove(m *member) {
	for sid, kind := range m.tracks {
		r.release(m, sid, kind)
	}
	delete(r.members, m.who.Identity)
	delete(r.bySID, m.who.SID)
}

// tell returns what has changed of the attributes since it was told, if the rate of updates lets
// it; nil otherwise.
func (r *roster) tell(m *member, now time.Time) map[string]string {
	changed := map[string]string{}
	for name, value := range m.attributes {
		if old, ok := m.who.Attributes[name]; !ok || old != value {
			changed[name] = value
		}
	}
	for name := range m.who.Attributes {
		if _, ok := m.attributes[name]; !ok {
			changed[name] = ""
		}
	}
	if len(changed) == 0 || !m.updates.Take(r.limits.UpdateRate(), 1, now) {
		return nil
	}
	m.who.Attributes = maps.Clone(m.attributes)
	return changed
}

// tick tells what had to wait for the rate of updates.
func (r *roster) tick(now time.Time) []AttributesChanged {
	var out []AttributesChanged
	for _, identity := range slices.Sorted(maps.Keys(r.members)) {
		m := r.members[identity]
		if changed := r.tell(m, now); changed != nil {
			out = append(out, AttributesChanged{Participant: m.who, Changed: changed})
		}
	}
	return out
}

// everybody removes all participants and returns them in the order of their identities.
func (r *roster) everybody() []Participant {
	var out []Participant
	for _, identity := range slices.Sorted(maps.Keys(r.members)) {
		out = append(out, r.members[identity].who)
		r.remove(r.members[identity])
	}
	return out
}

// full tells whether a participant who is not known would not be attended to.
func (r *roster) full() bool { return len(r.members) >= r.limits.Participants }
