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
	ReasonContextEvicted   Reason = "context_evicted"    // the context that was given for it is not there any more
	ReasonCrowded          Reason = "crowded"            // too many people wait for an answer

	ReasonMuted       Reason = "muted"       // by somebody
	ReasonStopped     Reason = "stopped"     // by somebody, this once
	ReasonNoAudio     Reason = "no_audio"    // nobody could hear it
	ReasonInterrupted Reason = "interrupted" // somebody spoke
	ReasonSuperseded  Reason = "superseded"  // by a newer question
	ReasonStale       Reason = "stale"       // it waited too long
	ReasonWithdrawn   Reason = "withdrawn"   // whoever asked waits no more
	ReasonFailed      Reason = "failed"      // it could not be made, or not in time
	ReasonStalled     Reason = "stalled"     // it was to be heard, and no sound of it left
	ReasonOverTime    Reason = "over_time"   // it kept the floor too long while another was ready
	ReasonRemoved     Reason = "removed"     // the persona left the room
	ReasonClosed      Reason = "closed"      // the conversation is over
)

// Why a reply is cancelled that is begun anew later.
const (
	ReasonYielded Reason = "yielded" // somebody had begun to speak before its question came
	ReasonAgain   Reason = "again"   // there is something to look at now
)

// Why a guess is discarded, beside those above.
const (
	ReasonDiffers Reason = "differs" // something else was asked
	ReasonResumed Reason = "resumed" // the speaker went on
)

// Why something begins no turn.
const (
	ReasonBackchannel Reason = "backchannel" // it asks nothing
	ReasonAgent       Reason = "agent"       // agents are not answered
	ReasonNoPersona   Reason = "no_persona"  // nobody is there to answer
	ReasonWait        Reason = "wait"        // it asks to wait
)

// Reasons are those for which a persona is silent in a turn, in the order above.
func Reasons() []Reason {
	out := make([]Reason, 0, len(meanings()))
	for _, m := range meanings() {
		out = append(out, m.reason)
	}
	return out
}

// Meaning says in a few words why a persona is silent, for people; empty for no such reason.
func (r Reason) Meaning() string {
	for _, m := range meanings() {
		if m.reason == r {
			return m.text
		}
	}
	return ""
}

type meaning struct {
	reason Reason
	text   string
}

func meanings() []meaning {
	return []meaning{
		{ReasonNotAddressed, "others were meant, or nobody"},
		{ReasonAddressedToHuman, "a person was called"},
		{ReasonMentionedOnly, "it was spoken of, not to"},
		{ReasonNotFront, "the front persona answers"},
		{ReasonFrontUnavailable, "the front persona is away or muted, and nobody stands in"},
		{ReasonOverResponders, "enough others answer"},
		{ReasonPassed, "it chose to say nothing"},
		{ReasonLeaseRefused, "there was no place for it in time"},
		{ReasonHopLimit, "personas woke each other often enough since a person spoke"},
		{ReasonPairLimit, "this one woke that one often enough"},
		{ReasonTurnBudget, "personas said enough since a person spoke"},
		{ReasonNoWindow, "its model's window does not hold the question"},
		{ReasonContextEvicted, "the context that was given for it is not there any more"},
		{ReasonCrowded, "too many people wait for an answer"},
		{ReasonMuted, "somebody muted it"},
		{ReasonStopped, "somebody stopped it, this once"},
		{ReasonNoAudio, "nobody could hear it"},
		{ReasonInterrupted, "somebody spoke over it"},
		{ReasonSuperseded, "a newer question took its place"},
		{ReasonStale, "it waited too long; a reply that did is in the chat instead"},
		{ReasonWithdrawn, "whoever asked does not wait for an answer any more"},
		{ReasonFailed, "its reply could not be made"},
		{ReasonStalled, "it was to be heard, and no sound of it left"},
		{ReasonOverTime, "it kept the floor too long while another was ready"},
		{ReasonRemoved, "it left the room"},
		{ReasonClosed, "the conversation is over"},
	}
}
