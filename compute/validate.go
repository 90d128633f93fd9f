package compute

import (
	"fmt"
	"time"
)

// Limits of a request. Costs and times stay far below the range of int64, so that sums of a few of
// them cannot overflow.
const (
	maxCost     = int64(1) << 50
	maxTime     = 100 * 365 * 24 * time.Hour
	maxName     = 512
	maxNeeds    = 256
	maxJobs     = 1 << 20
	maxArtifact = 1 << 20
)

// Validate checks a request; Plan does it too. Errors: a *FieldError that names the first wrong
// field.
func (r *Request) Validate() error {
	if err := checkTime("now_ms", r.Now); err != nil {
		return err
	}
	if err := r.Policy.validate(); err != nil {
		return err
	}
	if err := checkBudgets(r.Budgets); err != nil {
		return err
	}
	if len(r.Ready) > maxArtifact {
		return invalid("ready", fmt.Sprintf("%d artifacts, at most %d", len(r.Ready), maxArtifact))
	}
	for i, artifact := range r.Ready {
		if problem := nameProblem(artifact); problem != "" {
			return invalid(fmt.Sprintf("ready[%d]", i), problem)
		}
	}
	if len(r.Held) > maxJobs {
		return invalid("held", fmt.Sprintf("%d leases, at most %d", len(r.Held), maxJobs))
	}
	for i := range r.Held {
		if field, problem := r.Held[i].problem(); field != "" {
			return invalid(fmt.Sprintf("held[%d].%s", i, field), problem)
		}
	}
	if err := checkJobs(r.Jobs); err != nil {
		return err
	}
	return r.checkStations()
}

func (p Policy) validate() error {
	if p.AgingStep < 0 || p.AgingStep > time.Hour {
		return invalid("policy.aging_step_ms", "must be 0 (for the default) to one hour")
	}
	if p.ReserveAfter < 0 || p.ReserveAfter > maxTime {
		return invalid("policy.reserve_after_ms", "must not be negative")
	}
	return nil
}

func checkBudgets(budgets []Budget) error {
	seen := make(map[Pool]int, len(budgets))
	for i, budget := range budgets {
		at := func(field, problem string) error { return invalid(fmt.Sprintf("budgets[%d].%s", i, field), problem) }
		if field, problem := budget.problem(); field != "" {
			return at(field, problem)
		}
		if budget.Slots < 1 || budget.Slots > maxCost {
			return at("slots", fmt.Sprintf("%d is not at least 1", budget.Slots))
		}
		if budget.Units < 1 || budget.Units > maxCost {
			return at("units", fmt.Sprintf("%d is not at least 1", budget.Units))
		}
		if budget.Bytes < 0 || budget.Bytes > maxCost {
			return at("bytes", fmt.Sprintf("%d is negative or too large", budget.Bytes))
		}
		if first, ok := seen[budget.Pool]; ok {
			return at("silicon", fmt.Sprintf("%s already has a budget in budgets[%d]", budget.Pool, first))
		}
		seen[budget.Pool] = i
	}
	return nil
}

func checkJobs(jobs []Job) error {
	if len(jobs) > maxJobs {
		return invalid("jobs", fmt.Sprintf("%d jobs, at most %d", len(jobs), maxJobs))
	}
	seen := make(map[string]int32, len(jobs))
	for i := range jobs {
		job := &jobs[i]
		if field, problem := job.problem(); field != "" {
			return invalid(fmt.Sprintf("jobs[%d].%s", i, field), problem)
		}
		seen[job.ID] = int32(i)
		if len(seen) <= i {
			return duplicateID(jobs, i)
		}
	}
	return nil
}

func duplicateID(jobs []Job, second int) error {
	for first := range second {
		if jobs[first].ID == jobs[second].ID {
			return invalid(fmt.Sprintf("jobs[%d].id", second), fmt.Sprintf("%q is already the id of jobs[%d]", jobs[second].ID, first))
		}
	}
	return invalid(fmt.Sprintf("jobs[%d].id", second), "duplicate")
}

// problem returns the first wrong field of a job and what is wrong with it.
func (j *Job) problem() (field, problem string) {
	if problem := nameProblem(j.ID); problem != "" {
		return "id", problem
	}
	if problem := nameProblem(j.Artifact); problem != "" {
		return "artifact", problem
	}
	if !j.Class.Valid() {
		return "class", "missing or unknown"
	}
	if field, problem := j.Pool.problem(); field != "" {
		return field, problem
	}
	if problem := nameProblem(j.Holder); problem != "" {
		return "holder", problem
	}
	if j.Priority < -maxPriority || j.Priority > maxPriority {
		return "priority", fmt.Sprintf("%d is outside %d to %d", j.Priority, -maxPriority, maxPriority)
	}
	if field, problem := j.Cost.problem(); field != "" {
		return field, problem
	}
	if len(j.Needs) > maxNeeds {
		return "needs", fmt.Sprintf("%d artifacts, at most %d", len(j.Needs), maxNeeds)
	}
	for i, need := range j.Needs {
		if problem := nameProblem(need); problem != "" {
			return fmt.Sprintf("needs[%d]", i), problem
		}
	}
	if j.Created < -maxTime || j.Created > maxTime {
		return "created_at_ms", "out of range"
	}
	if j.StaleAfter < 0 || j.StaleAfter > maxTime {
		return "stale_after_ms", "negative or out of range"
	}
	if j.Perishable && j.StaleAfter == 0 {
		return "stale_after_ms", "perishable work needs one"
	}
	return "", ""
}

func (h *Held) problem() (field, problem string) {
	if problem := nameProblem(h.Artifact); problem != "" {
		return "artifact", problem
	}
	if field, problem := h.Pool.problem(); field != "" {
		return field, problem
	}
	return h.Cost.problem()
}

func (p Pool) problem() (field, problem string) {
	if !p.Silicon.Valid() {
		return "silicon", "missing or unknown"
	}
	if p.Silicon != SiliconCloud {
		if p.Provider != "" {
			return "provider", fmt.Sprintf("only CLOUD has providers, not %s", p.Silicon)
		}
		return "", ""
	}
	if problem := nameProblem(p.Provider); problem != "" {
		return "provider", problem + "; CLOUD is budgeted per provider"
	}
	return "", ""
}

func (c Cost) problem() (field, problem string) {
	if c.Units < 0 || c.Units > maxCost {
		return "cost.units", fmt.Sprintf("%d is negative or too large", c.Units)
	}
	if c.Bytes < 0 || c.Bytes > maxCost {
		return "cost.bytes", fmt.Sprintf("%d is negative or too large", c.Bytes)
	}
	return "", ""
}

// nameProblem returns what is wrong with an id, an artifact or a holder, or nothing.
func nameProblem(name string) string {
	if name == "" {
		return "missing or empty"
	}
	if len(name) > maxName {
		return fmt.Sprintf("%d bytes long, at most %d", len(name), maxName)
	}
	return ""
}

func checkTime(field string, at time.Duration) error {
	if at < -maxTime || at > maxTime {
		return invalid(field, "out of range")
	}
	return nil
}
