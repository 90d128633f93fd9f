package turn

// Sizes are the lengths of everything that a table keeps.
func (t *Table) Sizes() map[string]int {
	replies, responders := 0, 0
	if t.turn != nil {
		replies = len(t.turn.replies)
	}
	for _, q := range t.order.waiting {
		responders += len(q.Responders)
	}
	return map[string]int{
		"people": len(t.people.here), "agents that left": len(t.people.left), "tracks": len(t.tracks), "mics": len(t.mics),
		"seats": len(t.seats), "waiting": len(t.order.waiting), "busy": len(t.floor.busy), "replies": replies, "responders": responders,
		"calls": len(t.wakes.calls), "pairs": len(t.wakes.pairs),
	}
}

// Bounds of a table.
const (
	PeopleKept = peopleKept
	AgentsKept = agentsKept
	TracksKept = tracksKept
	MicsKept   = micsKept
	SeatsKept  = seatsKept
	AgentsBusy = agentsBusy
	SaidKept   = saidKept
	CallsKept  = callsKept
)

// SoundsLike, Metaphone and Edits are how names are recognised by their sound.
var (
	SoundsLike = soundsLike
	Metaphone  = metaphone
	Edits      = edits
)
