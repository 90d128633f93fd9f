package reply

import (
	"context"

	"github.com/sensory-agent/sensory-agent/compute"
)

// FirstPicture is how long an answer waits for the first picture of a track, at least.
const FirstPicture = firstPicture

// Think lets a mind answer under a lease and returns the clauses that were handed on to be spoken.
func (s *Replies) Think(ctx context.Context, lease *compute.Lease, text string) ([]string, error) {
	clauses := make(chan string, 64)
	r := &Reply{from: s, question: Question{Text: text}}
	err := r.think(ctx, nil, lease, clauses)
	close(clauses)
	var out []string
	for clause := range clauses {
		out = append(out, clause)
	}
	return out, err
}
