package smoke

import "time"

// Bucket names why a smoke failed. Operators search for these words.
type Bucket string

// The buckets, in the order in which a run passes them.
const (
	Passed              Bucket = ""
	NoQualifiedModel    Bucket = "no_qualified_model"
	PersonaFailedToJoin Bucket = "persona_failed_to_join"
	NoAudioPublished    Bucket = "no_audio_published"
	NoTranscription     Bucket = "no_transcription"
	VisionBlind         Bucket = "vision_blind"
	BudgetExceeded      Bucket = "budget_exceeded"
	HarnessError        Bucket = "harness_error"
)

// Exit codes of a smoke.
const (
	exitFailed  = 1
	exitHarness = 3
)

// ExitCode is what the program ends with.
func (b Bucket) ExitCode() int {
	switch b {
	case Passed:
		return 0
	case HarnessError:
		return exitHarness
	default:
		return exitFailed
	}
}

// Record is the result of a sensory smoke, printed as the last line.
type Record struct {
	Smoke    string `json:"smoke"`
	Passed   bool   `json:"passed"`
	Bucket   Bucket `json:"bucket,omitempty"`
	Reason   string `json:"reason"`
	Profile  string `json:"profile"`
	Model    string `json:"model,omitempty"`
	Seed     uint64 `json:"seed"`
	Kind     string `json:"kind,omitempty"`
	Codec    string `json:"codec"`
	Withheld string `json:"withheld,omitempty"`

	Question   string   `json:"question,omitempty"`
	Expected   string   `json:"expected,omitempty"`
	Heard      string   `json:"heard,omitempty"`
	Transcript string   `json:"transcript,omitempty"`
	Facts      []string `json:"facts"`
	Control    *Control `json:"control,omitempty"`

	FirstAudioMS float64  `json:"first_audio_ms,omitempty"`
	CompleteMS   float64  `json:"complete_ms,omitempty"`
	SpeechMS     float64  `json:"speech_ms,omitempty"`
	Blockers     []string `json:"blockers,omitempty"`
	Artifacts    string   `json:"artifacts,omitempty"`
	StartedAt    string   `json:"started_at"`
}

// Control is the same question asked without a picture.
type Control struct {
	Transcript string   `json:"transcript"`
	Facts      []string `json:"facts"`
}

// Budgets of a sensory smoke, counted from the end of the question.
type Budgets struct {
	FirstAudio, Complete time.Duration
}

// DefaultBudgets allow a slow machine.
func DefaultBudgets() Budgets {
	return Budgets{FirstAudio: 30 * time.Second, Complete: 60 * time.Second}
}
