package floor

// What the personas of a measurement answer, by which policy, and how long that sounds.
var (
	Thinks = thinks
	Policy = policy
)

const (
	Clause  = clause
	Clauses = clauses
)

// NewWatch is what a measurement knows of its room.
var NewWatch = newWatch

// Settled, Speaker, Told and Observe are those of a watch.
var (
	Settled = (*watch).settled
	Speaker = (*watch).speaker
	Told    = (*watch).told
	Observe = (*watch).observe
)
