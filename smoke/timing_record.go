package smoke

import "time"

// Buckets of the timing smoke, in the order in which a run passes them; HarnessError is its last.
const (
	ProbeNotPersisted           Bucket = "probe_not_persisted"
	NoPersonasReplied           Bucket = "no_personas_replied"
	FirstResponseBudgetExceeded Bucket = "first_response_budget_exceeded"
	FairnessViolated            Bucket = "fairness_violated"
	AllResponseBudgetExceeded   Bucket = "all_response_budget_exceeded"
	StormDetected               Bucket = "storm_detected"
)

// TimingBudgets of a timing smoke, counted from when the message was kept.
type TimingBudgets struct {
	First, All time.Duration
	// Minimum is how many personas are to reply.
	Minimum int
	// Aloud has replies count from when they are heard.
	Aloud bool
}

// DefaultTimingBudgets are those of a slow machine.
func DefaultTimingBudgets() TimingBudgets {
	return TimingBudgets{First: 10 * time.Second, All: 30 * time.Second, Minimum: 2}
}

// lateness is how much longer than its budget something is waited for, so that what is late is
// reported as late, with its time.
const lateness = 30 * time.Second

// limit is how long is waited for answers.
func (b *TimingBudgets) limit() time.Duration { return b.All + lateness }

// TimingRecord is the result of a timing smoke, printed as the last line.
type TimingRecord struct {
	Smoke    string `json:"smoke"`
	Passed   bool   `json:"passed"`
	Bucket   Bucket `json:"bucket,omitempty"`
	Reason   string `json:"reason"`
	Profile  string `json:"profile"`
	Personas int    `json:"personas"`
	Minimum  int    `json:"minimum"`
	Aloud    bool   `json:"aloud"`

	FirstBudgetMS int64 `json:"first_budget_ms"`
	AllBudgetMS   int64 `json:"all_budget_ms"`
	// FirstMS and AllMS are when the first reply, and the last, was there; 0 where none was.
	FirstMS int64 `json:"first_ms,omitempty"`
	AllMS   int64 `json:"all_ms,omitempty"`

	// Message is the id of the message, Fingerprint that of the plan of its turn, Divergences how
	// it was left.
	Message     string    `json:"message,omitempty"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	Divergences []string  `json:"divergences"`
	Replies     []Answer  `json:"replies"`
	Silences    []Silence `json:"silences"`
	Missing     []string  `json:"missing"`
	Storm       *Storm    `json:"storm,omitempty"`

	Artifacts string `json:"artifacts,omitempty"`
	StartedAt string `json:"started_at"`
}
