package memory

// Outcome is what the gate does with a candidate.
type Outcome string

// The outcomes.
const (
	Admit      Outcome = "admitted"
	Drop       Outcome = "dropped"
	Quarantine Outcome = "quarantined"
)

// Reason is why the gate decided as it did, or why a memory has its status.
type Reason string

// The reasons, each with its outcome, in the order in which the gate looks for them.
const (
	// Dropped: it has no text, or too much, or none that can be kept as one line.
	ReasonMalformed Reason = "malformed"
	// Dropped: it says nothing: too few words, a question, or "he" and "it" of nobody that is
	// named.
	ReasonUnclear Reason = "unclear"
	// Dropped: no person said it. The persona did, or nobody.
	ReasonSelfEcho Reason = "self_echo"
	// Dropped: it cites a person's words, but those do not say so.
	ReasonUnsupported Reason = "unsupported"
	// Dropped: the persona's prompt says so already.
	ReasonRestatesPersona Reason = "restates_persona"
	// Dropped: it is known; its count was raised.
	ReasonDuplicate Reason = "duplicate"
	// Quarantined: it reads like an instruction to the persona, or like a claim to authority.
	ReasonInstruction Reason = "instruction_like"
	// Quarantined: it holds what looks like a password, a key or a number of a card or an account.
	ReasonSecret Reason = "secret_like"
	// Quarantined: something in its lineage came from outside the room.
	ReasonUntrusted Reason = "untrusted"
	// Quarantined: somebody that nobody vouched for says something that is not about themselves.
	ReasonAboutOther Reason = "about_other"
	// Dropped: memories of this kind are not kept.
	ReasonKind Reason = "kind_not_kept"
	// Quarantined: it contradicts a memory of more trust.
	ReasonContradicts Reason = "contradicts_trusted"
	// Dropped: there are as many memories about this subject, or in quarantine, as there may be.
	ReasonOverBudget Reason = "over_budget"
	// Dropped before the gate: an answer noted what nobody asked it to, and the persona remembers
	// on request only.
	ReasonNotAsked Reason = "not_asked"
	// Admitted: it is new.
	ReasonNew Reason = "new"
	// Admitted: an older memory of the same thing was superseded.
	ReasonSupersedes Reason = "supersedes"
)

// Reasons that only a memory has: what has become of it since.
const (
	ReasonPromoted   Reason = "promoted"  // somebody promoted it
	ReasonContradict Reason = "newer"     // a newer one says otherwise
	ReasonMerged     Reason = "merged"    // another one says the same
	ReasonTTL        Reason = "ttl"       // its time to live is over
	ReasonCrowded    Reason = "crowded"   // there were too many about its subject
	ReasonHistory    Reason = "history"   // there were too many that had ended; the oldest went
	ReasonForgotten  Reason = "forgotten" // somebody who may asked for it
	ReasonRechecked  Reason = "rechecked" // quarantined when it was imported
)

// Reasons returns all of them.
func Reasons() []Reason {
	return []Reason{
		ReasonMalformed, ReasonUnclear, ReasonSelfEcho, ReasonUnsupported, ReasonRestatesPersona, ReasonDuplicate, ReasonInstruction,
		ReasonSecret, ReasonUntrusted, ReasonAboutOther, ReasonKind, ReasonContradicts, ReasonOverBudget, ReasonNotAsked, ReasonNew, ReasonSupersedes,
		ReasonPromoted, ReasonContradict, ReasonMerged, ReasonTTL, ReasonCrowded, ReasonHistory, ReasonForgotten, ReasonRechecked,
	}
}

// outcome is what a reason of the gate does.
func (r Reason) outcome() Outcome {
	switch r {
	case ReasonNew, ReasonSupersedes:
		return Admit
	case ReasonInstruction, ReasonSecret, ReasonUntrusted, ReasonAboutOther, ReasonContradicts:
		return Quarantine
	}
	return Drop
}
