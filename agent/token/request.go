package token

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/encoding/protojson"
)

// Bounds of a request, in bytes and numbers: those that a room of ours keeps of a participant, so
// that nothing is granted that would be cut there.
const (
	maxBody          = 64 << 10
	maxName          = 128
	maxMetadata      = 4 << 10
	maxAttributes    = 32
	maxAttributeText = 8 << 10
	maxAgents        = 8
)

// reserved begin the names of attributes that have a meaning for LiveKit, or for us: what a page
// says of its user must not vouch for them.
func reserved() []string { return []string{"lk.", "sensory_agent."} }

// guest marks whoever entered with a token of ours: nobody knows that they are who they say they
// are (package room, trust).
const guest = "sensory_agent.guest"

// ask is a request that was found in order.
type ask struct {
	room, identity, name, metadata string
	attributes                     map[string]string
	agents                         []*livekit.RoomAgentDispatch
}

// read takes a request apart. What it has beyond LiveKit's fields is left out, as newer clients may
// know more. It returns an *Error.
func (c *Config) read(body []byte) (ask, *Error) {
	var in livekit.TokenSourceRequest
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &in); err != nil { // the cause would quote it
		return ask{}, wrong("", ReasonBody, "is not LiveKit's request for a token, as JSON")
	}
	a := ask{
		room: in.GetRoomName(), identity: in.GetParticipantIdentity(), name: in.GetParticipantName(),
		metadata: in.GetParticipantMetadata(), attributes: in.GetParticipantAttributes(), agents: in.GetRoomConfig().GetAgents(),
	}
	for _, check := range []func(*ask) *Error{checkNames, checkAttributes} {
		if err := check(&a); err != nil {
			return a, err
		}
	}
	if err := c.checkConfig(in.GetRoomConfig()); err != nil {
		return a, err
	}
	if err := c.choose(&a); err != nil {
		return a, err
	}
	if a.identity == "" {
		a.identity = "guest-" + uuid.NewString()
	}
	if c.Taken(a.room, a.identity) {
		return a, forbidden("participant_identity", ReasonTaken, "is a persona's: choose another, or none")
	}
	return a, nil
}

func checkNames(a *ask) *Error {
	for _, f := range []struct{ field, text string }{{"room_name", a.room}, {"participant_identity", a.identity}, {"participant_name", a.name}} {
		if err := line(f.field, f.text, maxName); err != nil {
			return err
		}
	}
	return text("participant_metadata", a.metadata, maxMetadata)
}

func checkAttributes(a *ask) *Error {
	const field = "participant_attributes"
	if len(a.attributes) > maxAttributes {
		return wrong(field, ReasonTooMany, "are %d, at most %d are taken", len(a.attributes), maxAttributes)
	}
	bytes := 0
	for name, value := range a.attributes {
		if i := slices.IndexFunc(reserved(), func(p string) bool { return strings.HasPrefix(strings.ToLower(name), p) }); i >= 0 {
			return wrong(field, ReasonReserved, "names that begin with %s are reserved", reserved()[i])
		}
		if name == "" {
			return wrong(field, ReasonBadText, "one has no name")
		}
		if err := line(field, name, maxName); err != nil {
			return err
		}
		bytes += len(name) + len(value)
	}
	if bytes > maxAttributeText {
		return wrong(field, ReasonTooLong, "have %d bytes, at most %d are taken", bytes, maxAttributeText)
	}
	return nil
}

// checkConfig lets agents through that may be called, and no other setting of a room: rooms are
// made as the server's configuration has it.
func (c *Config) checkConfig(rc *livekit.RoomConfiguration) *Error {
	for field, set := range map[string]bool{
		"name": rc.GetName() != "", "metadata": rc.GetMetadata() != "", "egress": rc.GetEgress() != nil, "tags": len(rc.GetTags()) > 0,
		"empty_timeout": rc.GetEmptyTimeout() != 0, "departure_timeout": rc.GetDepartureTimeout() != 0,
		"max_participants": rc.GetMaxParticipants() != 0, "min_playout_delay": rc.GetMinPlayoutDelay() != 0,
		"max_playout_delay": rc.GetMaxPlayoutDelay() != 0, "sync_streams": rc.GetSyncStreams(),
	} {
		if set {
			return forbidden("room_config."+field, ReasonConfig, "may not be set by a page; agents may")
		}
	}
	agents := rc.GetAgents()
	if len(agents) > maxAgents {
		return wrong("room_config.agents", ReasonTooMany, "are %d, at most %d are taken", len(agents), maxAgents)
	}
	allowed := c.Agents()
	for _, a := range agents {
		if a.GetAgentName() == "" || !slices.Contains(allowed, a.GetAgentName()) {
			return forbidden("room_config.agents", ReasonAgent, "names one that is not served here")
		}
		if a.GetDeployment() != "" || a.GetRestartPolicy() != 0 {
			return forbidden("room_config.agents", ReasonConfig, "deployment and restart policy may not be set by a page")
		}
		if err := text("room_config.agents.metadata", a.GetMetadata(), maxMetadata); err != nil {
			return err
		}
		if err := checkAttributes(&ask{attributes: a.GetAttributes()}); err != nil {
			err.Field = "room_config.agents.attributes"
			return err
		}
	}
	return nil
}

// choose decides on the room. One that nobody named is the only one that is served, or a new one of
// a name that nobody can guess where an agent is called: so a page cannot enter rooms of others by
// calling an agent there.
func (c *Config) choose(a *ask) *Error {
	served := c.Served()
	switch {
	case a.room == "" && len(a.agents) > 0:
		a.room = "room-" + uuid.NewString()
	case a.room == "" && len(served) == 1:
		a.room = served[0]
	case a.room == "":
		return wrong("room_name", ReasonNoRoom, "is missing, and %d rooms are served", len(served))
	case !c.Any && !slices.Contains(served, a.room):
		return forbidden("room_name", ReasonRoom, "no such room is served; leave it out to be given one")
	}
	return nil
}

// line checks a text that is a name: one line of printable characters without space around it.
func line(field, s string, most int) *Error {
	if err := text(field, s, most); err != nil {
		return err
	}
	if strings.ContainsFunc(s, unicode.IsControl) || strings.TrimSpace(s) != s {
		return wrong(field, ReasonBadText, "must be one line of printable text without space around it")
	}
	return nil
}

// text checks a text that may have lines.
func text(field, s string, most int) *Error {
	switch {
	case len(s) > most:
		return wrong(field, ReasonTooLong, "has %d bytes, at most %d are taken", len(s), most)
	case !utf8.ValidString(s), strings.ContainsRune(s, 0):
		return wrong(field, ReasonBadText, "must be text in UTF-8")
	}
	return nil
}
