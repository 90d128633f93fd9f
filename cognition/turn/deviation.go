package turn

// DeviationKind is how the carrying out of a plan left it.
type DeviationKind string

// Kinds of deviations.
const (
	DeviationLane      DeviationKind = "lane"            // a reply came from another lane
	DeviationContext   DeviationKind = "context"         // a reply was made with another context
	DeviationSource    DeviationKind = "source"          // a reply was made from another picture, or from none
	DeviationLate      DeviationKind = "late"            // a reply, or the first of them, was not in time, and no plan said so
	DeviationCut       DeviationKind = "cut"             // a reply was not heard to its end
	DeviationFailed    DeviationKind = "lane_failed"     // the lane of a planned reply did not make it
	DeviationEvicted   DeviationKind = "context_evicted" // the context that a reply was to be made with has gone
	DeviationLeft      DeviationKind = "left"            // a persona has left the room since the plan
	DeviationSilent    DeviationKind = "silent"          // a planned reply was not made for another reason
	DeviationReason    DeviationKind = "reason"          // a persona was silent for another reason
	DeviationUnplanned DeviationKind = "unplanned"       // somebody replied who was not to, or is not in the plan
	DeviationMissing   DeviationKind = "missing"         // nothing is known of a persona
	DeviationTwice     DeviationKind = "twice"           // a persona is there more than once
	DeviationOrder     DeviationKind = "order"           // replies were heard in another order
	DeviationPlan      DeviationKind = "plan"            // another plan was carried out
)

// DeviationKinds are all of them, in the order above.
func DeviationKinds() []DeviationKind {
	return []DeviationKind{
		DeviationLane, DeviationContext, DeviationSource, DeviationLate, DeviationCut, DeviationFailed, DeviationEvicted, DeviationLeft,
		DeviationSilent, DeviationReason, DeviationUnplanned, DeviationMissing, DeviationTwice, DeviationOrder, DeviationPlan,
	}
}

// Meaning says what a kind is, for people; empty for one that is none.
func (k DeviationKind) Meaning() string {
	switch k {
	case DeviationLane:
		return "its reply came from another lane"
	case DeviationContext:
		return "its reply was made with another context"
	case DeviationSource:
		return "its reply was made from another picture than was planned, or from none"
	case DeviationLate:
		return "its reply was not in time, or the first one was not; times in ms"
	case DeviationCut:
		return "its reply was not heard to its end"
	case DeviationFailed:
		return "its reply was planned, and its lane did not make it"
	case DeviationEvicted:
		return "the context that was given for it is not there any more"
	case DeviationLeft:
		return "it has left the room since the plan"
	case DeviationSilent:
		return "its reply was planned and not made"
	case DeviationReason:
		return "it was silent for another reason"
	case DeviationUnplanned:
		return "it was not to reply, or is not in the plan"
	case DeviationMissing:
		return "nothing is known of it"
	case DeviationTwice:
		return "it is there more than once"
	case DeviationOrder:
		return "it was heard out of order"
	case DeviationPlan:
		return "another plan was carried out: turn or fingerprint differ"
	}
	return ""
}
