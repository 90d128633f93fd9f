package api

import "time"

// Impatient has a server give those who take nothing of a stream less time.
func (s *Server) Impatient(d time.Duration) { s.patience = d }
