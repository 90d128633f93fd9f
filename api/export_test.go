package api

import "time"

// Impatient has a server give those who take nothing of a stream less time.
func (s *Server) Impatient(d time.Duration) { s.patience = d }

// Hurried has a server give the bodies of requests less time to arrive.
func (s *Server) Hurried(d time.Duration) { s.arrival = d }
