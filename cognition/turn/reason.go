package turn

// Reason says in one word why somebody is not answered. The set is closed; words are stable and may
// be stored and shown.
type Reason string

// Why a persona is silent in a turn. Those of the second group may also cancel a reply.
const (
	ReasonNotAddressed     Reason = "not_addressed"      // others were meant
	ReasonAddressedToHuman Reason = "addressed_to_human" // a person was meant
	ReasonMentionedOnly    Reason = "mentioned_only"     // it was spoken of, not to
	ReasonNotFront         Reason = "not_front"          // the front persona answers
	ReasonFrontUnavailable Reason = "front_unavailable"  // the front persona is not here, and nobody stands in
	ReasonOverResponders   Reason = "over_responders"    // enough others answer
	ReasonPassed           Reason = "passed"             // it chose to say nothing
	ReasonLeaseRefused     Reason = "lease_refused"      // there was no place for it
	ReasonHopLimit         Reason = "hop_limit"          // personas have answered each other often enough
	ReasonPairLimit        Reason = "pair_limit"         // these two have
	ReasonTurnBudget       Reason = "turn_budget"        // personas have said enough since a person spoke
	ReasonNoWindow         Reason = "no_window"          // its model does not hold the question
	ReasonCrowded          Reason = "crowded"            // too many people wait for an answer

	ReasonMuted       Reason = "muted"       // by somebody
	ReasonNoAudio     Reason = "no_audio"    // nobody could hear it
	ReasonInterrupted Reason = "interrupted" // somebody spoke
	ReasonSuperseded  Reason = "superseded"  // by a newer question
	ReasonStale       Reason = "stale"       // it waited too long
	ReasonFailed      Reason = "failed"      // it could not be made, or not in time
	ReasonOverTime    Reason = "over_time"   // it kept the floor too long while another was ready
	ReasonRemoved     Reason = "removed"     // the persona left the room
	ReasonClosed      Reason = "closed"      // the conversation is over
)

// Why a reply is cancelled that is begun anew later.
const (
	ReasonYielded Reason = "yielded" // somebody had begun to speak before its question came
	ReasonAgain   Reason = "again"   // there is something to look at now
)

// Why something begins no turn.
const (
	ReasonBackchannel Reason = "backchannel" // it asks nothing
	ReasonAgent       Reason = "agent"       // agents are not answered
	ReasonNoPersona   Reason = "no_persona"  // nobody is there to answer
)
