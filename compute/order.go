package compute

import (
	"cmp"
	"strings"
	"time"
)

// key is the place of a job in the order. Keys are compared without looking at the job again.
type key struct {
	// score is the effective priority in units of waiting time: Priority × AgingStep, plus the age
	// of durable work.
	score      int64
	perishable bool
	created    time.Duration
	id         string
}

func keyOf(job *Job, now time.Duration, policy Policy) key {
	score := int64(job.Priority) * int64(policy.AgingStep)
	if !job.Perishable {
		score += int64(age(job, now))
	}
	return key{score: score, perishable: job.Perishable, created: job.Created, id: job.ID}
}

// age is how long the work has been waiting; work from the future is new.
func age(job *Job, now time.Duration) time.Duration { return max(now-job.Created, 0) }

// compareKeys orders two jobs; negative means that a goes first. It is 0 only for equal ids.
func compareKeys(a, b *key) int {
	if a.score != b.score {
		return cmp.Compare(b.score, a.score)
	}
	if a.perishable != b.perishable {
		if a.perishable {
			return -1
		}
		return 1
	}
	if a.created != b.created {
		if a.perishable {
			return cmp.Compare(b.created, a.created)
		}
		return cmp.Compare(a.created, b.created)
	}
	return strings.Compare(a.id, b.id)
}
