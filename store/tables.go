package store

// table is one of the tables, for those who treat all alike.
type table struct {
	name, place string // place is the column by which its rows are in order
	columns     string // all of them
	counted     bool   // the database gives the place
	time        string // column of the time at which retention looks, if it does
}

// tables are in an order in which each refers to those before it.
func tables() []table {
	return []table{
		{"room", "pos", "pos, handle, name, ts_ms", true, ""},
		{"utterance", "id", "id, key, room, session, turn, participant, role, text, start_ms, end_ms", true, "end_ms"},
		{"chat", "pos", "pos, id, room, message_id, participant, role, text, recipients, reply_to, ts_ms, spoken, heard", true, "ts_ms"},
		{"turn", "pos", "pos, room, session, number, trigger_kind, participant, message, fingerprint, outcomes, silences, divergences, begin_ms, end_ms", true, "end_ms"},
		{"memory", "pos", "pos, " + memoryColumns + ", version", true, ""},
		{"memory_forgotten", "id", "id, persona, reason, ts_ms", false, ""},
	}
}
