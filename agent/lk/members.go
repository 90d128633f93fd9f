package lk

import (
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// news is what an update from the server brought about, in order, to be told after the SDK has seen
// the update.
type news struct {
	changes []change
	events  []Event
}

// enter takes the first message of a connection: who we are, and who is there.
func (c *Connection) enter(own *livekit.ParticipantInfo, others []*livekit.ParticipantInfo) ([]*livekit.ParticipantInfo, news) {
	c.mu.Lock()
	c.self.Identity, c.self.SID = own.GetIdentity(), own.GetSid()
	c.mu.Unlock()
	_, n := c.sift([]*livekit.ParticipantInfo{own})
	pass, more := c.sift(others)
	return pass, n.and(more)
}

// sift cuts what the server says of participants down to the limits, and returns what the SDK may
// see of it.
func (c *Connection) sift(infos []*livekit.ParticipantInfo) (pass []*livekit.ParticipantInfo, n news) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, info := range infos {
		if info.GetSid() == c.self.SID || info.GetIdentity() == c.self.Identity {
			pass = append(pass, info)
			n.events = append(n.events, c.permitted(info)...)
			continue
		}
		ch := c.roster.update(info, now)
		for _, kind := range ch.refused {
			n.events = append(n.events, c.refusedLocked(ch.who.Identity, kind)...)
		}
		if ch.left != nil {
			c.streams.Left(ch.left.SID)
		}
		if ch.pass {
			pass = append(pass, info)
			n.changes = append(n.changes, ch)
		}
	}
	return pass, n
}

// permitted notes the own permissions; a change is an event, their first value is not.
func (c *Connection) permitted(own *livekit.ParticipantInfo) []Event {
	if own.GetPermission() == nil {
		return nil
	}
	was, known := c.allowed, c.knowsAllowed
	c.allowed, c.knowsAllowed = permissionsOf(own.GetPermission()), true
	if !known || was == c.allowed {
		return nil
	}
	return []Event{PermissionsChanged{Permissions: c.allowed}}
}

// everybodyLeft empties the roster, since a new connection begins with a new one.
func (c *Connection) everybodyLeft() news {
	c.mu.Lock()
	defer c.mu.Unlock()
	var n news
	for _, who := range c.roster.everybody() {
		c.streams.Left(who.SID)
		n.changes = append(n.changes, change{who: who, left: &who})
	}
	return n
}

// announce tells the reader. No lock is held: the reader may be slow.
func (c *Connection) announce(n news) {
	for _, ch := range n.changes {
		if ch.left != nil {
			for _, sid := range c.pubs.forgetOwner(ch.left.SID) {
				c.push(TrackGone{Participant: *ch.left, SID: sid})
			}
			c.push(ParticipantLeft{Participant: *ch.left})
		}
		if ch.joined {
			c.push(ParticipantJoined{Participant: ch.who})
		}
		if ch.changed != nil {
			c.push(AttributesChanged{Participant: ch.who, Changed: ch.changed})
		}
		if ch.pass {
			c.offer(ch.who)
		}
	}
	for _, e := range n.events {
		c.push(e)
	}
}

// offer tells of the tracks that a participant has published and that have not been offered.
func (c *Connection) offer(who Participant) {
	p := c.sdk.GetParticipantBySID(who.SID)
	if p == nil {
		return
	}
	for _, pub := range p.TrackPublications() {
		remote, ok := pub.(*lksdk.RemoteTrackPublication)
		if !ok {
			continue
		}
		if wrapped, fresh := c.pubs.add(remote, p, who); fresh {
			c.push(TrackPublished{Participant: who, Publication: wrapped})
		}
	}
}

// refused counts, and returns an event for the first of its kind.
func (c *Connection) refusedLocked(who string, kind limits.Kind) []Event {
	if !c.ledger.Count(who, kind) {
		return nil
	}
	return []Event{Refused{Identity: who, Kind: kind}}
}

func (n news) and(more news) news {
	return news{changes: append(n.changes, more.changes...), events: append(n.events, more.events...)}
}

// sends is who sent something. Of somebody whom the server has not announced yet, as it does some
// seconds late of people who publish nothing, no more than the identity is known.
func (c *Connection) sends(sid, identity string) Participant {
	if m := c.roster.bySID[sid]; m != nil {
		return m.who
	}
	return Participant{Identity: identity, SID: sid}
}
