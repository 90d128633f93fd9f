package streams

// Kept returns how many senders and ids of open streams are remembered.
func Kept(m *Machine) int { return len(m.count) + len(m.ids) }
