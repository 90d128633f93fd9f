package turn

import (
	"errors"
	"fmt"
	"io"
)

// ErrRequest means that no plan can be made of a request; see RequestError.
var ErrRequest = errors.New("invalid plan request")

// RequestError says what of a request cannot be used.
type RequestError struct {
	// Field is its path, as in "personas[2].window".
	Field string
	// Problem says what is wrong and what would be right.
	Problem string
}

// Error implements error.
func (e *RequestError) Error() string {
	return fmt.Sprintf("plan request: %s: %s", e.Field, e.Problem)
}

// Unwrap returns ErrRequest.
func (e *RequestError) Unwrap() error { return ErrRequest }

// Request is what a turn is planned from. Times are milliseconds.
type Request struct {
	Room     string      `json:"room"`
	Trigger  Trigger     `json:"trigger"`
	Humans   []Human     `json:"humans,omitempty"`
	Personas []Candidate `json:"personas"`
	Sources  []Material  `json:"sources,omitempty"`
	// Contexts are what context keys stand for, where that is at hand: checked, not needed.
	Contexts []Given `json:"contexts,omitempty"`
	// InputBudget bounds the tokens of sources of each reply; 0 is the window's own bound.
	InputBudget int `json:"input_budget,omitempty"`
	// Capacity is how many replies are generated here at once; 0 for all. LaneCap is the same of
	// each provider that Lanes does not list; 0 is 4.
	Capacity int    `json:"capacity,omitempty"`
	LaneCap  int    `json:"lane_cap,omitempty"`
	Lanes    []Lane `json:"lanes,omitempty"`
	// FirstBudget and AllBudget are until when the first reply, and all, are to be there; 0 is 10
	// and 30 s.
	FirstBudget int64 `json:"first_budget_ms,omitempty"`
	AllBudget   int64 `json:"all_budget_ms,omitempty"`

	Policy PlanPolicy `json:"policy,omitzero"`
}

// PlanPolicy is what of a Policy a plan depends on. Empty fields have the values of Default.
type PlanPolicy struct {
	Mode       Mode        `json:"mode,omitempty"`
	Front      string      `json:"front,omitempty"` // empty for the first by name
	Context    Context     `json:"context,omitempty"`
	Responders *Responders `json:"responders,omitempty"`
	Hops       *int        `json:"hops,omitempty"`
}

// Kind is how a trigger came.
type Kind string

// Kinds of triggers.
const (
	KindSpoken  Kind = "spoken"
	KindTyped   Kind = "typed"
	KindAPI     Kind = "api"
	KindPersona Kind = "persona" // a persona called another
)

// Trigger is what begins the turn.
type Trigger struct {
	ID   string `json:"id"` // unique in the room
	Kind Kind   `json:"kind"`
	From string `json:"from"`
	Text string `json:"text"`
	// To are those explicitly meant.
	To []string `json:"to,omitempty"`
	// Tokens of the text for a model; 0 is estimated.
	Tokens int `json:"tokens,omitempty"`
	// Hop is how often personas have woken each other since a person spoke.
	Hop int `json:"hop,omitempty"`
	// FollowUp is the persona that answered this person last, while it is still meant.
	FollowUp string `json:"follow_up,omitempty"`
}

// Candidate is a persona of the room.
type Candidate struct {
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases,omitempty"`
	Specialty []string `json:"specialty,omitempty"`
	Muted     bool     `json:"muted,omitempty"`
	// LastHeard is when it was heard last, or failed or passed in its turn; 0 for never.
	LastHeard int64 `json:"last_heard_ms,omitempty"`
	// Model makes its replies, in the lane of Provider; empty for here.
	Model    string `json:"model,omitempty"`
	Provider string `json:"provider,omitempty"`
	// Capabilities are what the model takes: CapabilityVision, CapabilitySound.
	Capabilities []string `json:"capabilities,omitempty"`
	// Window is how many tokens the model holds, ContextTokens of them are its prompt and the
	// conversation so far, under ContextKey, and AnswerTokens are kept for the answer.
	Window        int    `json:"window"`
	ContextKey    string `json:"context_key,omitempty"`
	ContextTokens int    `json:"context_tokens,omitempty"`
	AnswerTokens  int    `json:"answer_tokens,omitempty"`
	// ContextGiven is true where ContextKey names a context that somebody gave, in a keyed store,
	// and false for the room's own. PersonaKey is the key behind the persona's prompt: who carries
	// the plan out knows by it whether it is still the same persona.
	ContextGiven bool   `json:"context_given,omitempty"`
	PersonaKey   string `json:"persona_key,omitempty"`
	// Speed is how long a reply takes, as measured; nil where that is not known.
	Speed *Speed `json:"speed,omitempty"`
}

// Speed is how long a reply takes from its start until its text is there.
type Speed struct {
	P50 int64 `json:"p50_ms"`
	P95 int64 `json:"p95_ms"`
}

// Capabilities of a model that a plan asks for.
const (
	CapabilityVision = "vision"
	CapabilitySound  = "audio-input"
)

// MaterialKind is what a source is.
type MaterialKind string

// Kinds of sources.
const (
	MaterialCamera MaterialKind = "camera" // of all pictures the one that the question is about is taken
	MaterialScreen MaterialKind = "screen"
	MaterialSound  MaterialKind = "sound" // of the question itself
	MaterialText   MaterialKind = "text"
)

// Material is a source: something that replies are made from beside the conversation.
type Material struct {
	ID    string       `json:"id"`
	Kind  MaterialKind `json:"kind"`
	Owner string       `json:"owner,omitempty"`
	// Key names its content.
	Key    string `json:"key"`
	Tokens int    `json:"tokens,omitempty"`
}

// Bounds of a request.
const (
	mostRequest   = 4 << 20 // bytes
	mostPersonas  = 256
	mostSources   = 256
	mostHumans    = 1024
	mostNames     = 64
	mostName      = 512 // bytes
	mostText      = 64 << 10
	mostTokens    = 1 << 24
	mostPlanTime  = int64(24 * 60 * 60 * 1000)
	mostPlanLanes = 256
)

// ReadRequest reads a request as JSON, strictly: a field that is not known, in other letter case or
// there twice, a null, or anything behind it, is an error. Its errors are *RequestError, or the
// reader's. What the request says is checked by Plan.
func ReadRequest(r io.Reader) (Request, error) {
	var out Request
	err := decode(r, &out)
	var bad *wrong
	switch {
	case errors.As(err, &bad):
		return Request{}, &RequestError{bad.field, bad.problem}
	case err != nil:
		return Request{}, fmt.Errorf("plan request: %w", err)
	}
	return out, nil
}
