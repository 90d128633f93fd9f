package context

// Len is how many keys a store knows.
func (s *Store[K]) Len() int { return len(s.items) }
