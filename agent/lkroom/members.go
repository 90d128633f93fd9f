package lkroom

import (
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// news is what an update from the server brought about, in order, to be told after the SDK has seen the update.
type news struct {
	changes []change
	events  []Event
}

// enter takes the first message of a connection: who we are, and who is there.
func (r *Room) enter(own *livekit.ParticipantInfo, others []*livekit.ParticipantInfo) ([]*livekit.ParticipantInfo, news) {
	r.mu.Lock()
	r.self.Identity, r.self.SID = own.GetIdentity(), own.GetSid()
	r.mu.Unlock()
	_, n := r.sift([]*livekit.ParticipantInfo{own})
	pass, more := r.sift(others)
	return pass, n.and(more)
}

// sift cuts what the server says of participants down to the limits, and returns what the SDK may see of it.
func (r *Room) sift(infos []*livekit.ParticipantInfo) (pass []*livekit.ParticipantInfo, n news) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, info := range infos {
		if info.GetSid() == r.self.SID || info.GetIdentity() == r.self.Identity {
			pass = append(pass, info)
			n.events = append(n.events, r.permitted(info)...)
			continue
		}
		c := r.roster.update(info, now)
		for _, kind := range c.refused {
			n.events = append(n.events, r.refusedLocked(c.who.Identity, kind)...)
		}
		if c.left != nil {
			r.streams.Left(c.left.SID)
		}
		if c.pass {
			pass = append(pass, info)
			n.changes = append(n.changes, c)
		}
	}
	return pass, n
}

// permitted notes the own permissions; a change is an event, their first value is not.
func (r *Room) permitted(own *livekit.ParticipantInfo) []Event {
	if own.GetPermission() == nil {
		return nil
	}
	was, known := r.allowed, r.knowsAllowed
	r.allowed, r.knowsAllowed = permissionsOf(own.GetPermission()), true
	if !known || was == r.allowed {
		return nil
	}
	return []Event{PermissionsChanged{Permissions: r.allowed}}
}

// everybodyLeft empties the roster, since a new connection begins with a new one.
func (r *Room) everybodyLeft() news {
	r.mu.Lock()
	defer r.mu.Unlock()
	var n news
	for _, who := range r.roster.everybody() {
		r.streams.Left(who.SID)
		n.changes = append(n.changes, change{who: who, left: &who})
	}
	return n
}

// announce tells the reader. No lock is held: the reader may be slow.
func (r *Room) announce(n news) {
	for _, c := range n.changes {
		if c.left != nil {
			for _, sid := range r.pubs.forgetOwner(c.left.SID) {
				r.push(TrackGone{Participant: *c.left, SID: sid})
			}
			r.push(ParticipantLeft{Participant: *c.left})
		}
		if c.joined {
			r.push(ParticipantJoined{Participant: c.who})
		}
		if c.changed != nil {
			r.push(AttributesChanged{Participant: c.who, Changed: c.changed})
		}
		if c.pass {
			r.offer(c.who)
		}
	}
	for _, e := range n.events {
		r.push(e)
	}
}

// offer tells of the tracks that a participant has published and that have not been offered.
func (r *Room) offer(who Participant) {
	p := r.sdk.GetParticipantBySID(who.SID)
	if p == nil {
		return
	}
	for _, pub := range p.TrackPublications() {
		remote, ok := pub.(*lksdk.RemoteTrackPublication)
		if !ok {
			continue
		}
		if wrapped, fresh := r.pubs.add(remote, p, who); fresh {
			r.push(TrackPublished{Participant: who, Publication: wrapped})
		}
	}
}

// refused counts, and returns an event for the first of its kind.
func (r *Room) refusedLocked(who string, kind limits.Kind) []Event {
	if !r.ledger.Count(who, kind) {
		return nil
	}
	return []Event{Refused{Identity: who, Kind: kind}}
}

func (n news) and(more news) news {
	return news{changes: append(n.changes, more.changes...), events: append(n.events, more.events...)}
}
