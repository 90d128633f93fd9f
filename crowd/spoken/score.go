package spoken

import (
	"fmt"
	"slices"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
)

// What is to be reached, of every set and voice together.
const (
	GoalRecall = 0.95 // at least
	GoalFalse  = 0.03 // at most
)

// Result is what was measured.
type Result struct {
	Bench  string   `json:"bench"`
	Host   string   `json:"host"`
	Voices []string `json:"voices"`
	Sets   []Scored `json:"sets"`
}

// Scored is how well one set was understood from one voice; of an empty voice, from all of them.
type Scored struct {
	Set            string  `json:"set"`
	Voice          string  `json:"voice"`
	Lines          int     `json:"lines"`
	Recall         float64 `json:"recall"`
	Right          int     `json:"right"`
	Addressed      int     `json:"addressed"`
	FalseResponses float64 `json:"false_responses"`
	False          int     `json:"false"`
	Others         int     `json:"others"`
	// Typed is the recall of the same lines where they are typed: what ears cost is the difference.
	Typed float64 `json:"typed_recall"`
	// Silent are lines of which nothing was heard for certain, Pieces those that were taken for
	// several turns.
	Silent int    `json:"silent"`
	Pieces int    `json:"pieces"`
	Wrong  []Miss `json:"wrong"`
}

// Miss is a line that was decided otherwise than it is labelled.
type Miss struct {
	Line  int      `json:"line"`
	Said  string   `json:"said"`
	Heard []string `json:"heard"`
	Meant []string `json:"meant"`
	Got   []string `json:"got"`
}

// add scores what was heard of a set.
func (r *Result) add(s Set, voice string, heard []Heard) error {
	answers := make([][]string, len(heard))
	scored := Scored{Set: s.Name, Voice: voice, Lines: len(s.Lines), Wrong: []Miss{}}
	for i, h := range heard {
		answers[i] = Decide(s.Lines[i], h.Texts)
		if len(h.Texts) == 0 {
			scored.Silent++
		}
		if len(h.Texts) > 1 {
			scored.Pieces++
		}
	}
	score, err := addressing.RateAnswers(s.Lines, answers)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	typed := addressing.Rate(s.Lines, turn.Address, nil)
	scored.Right, scored.Addressed, scored.False, scored.Others = score.Right, score.Addressed, score.False, score.Others
	scored.Recall, scored.FalseResponses, scored.Typed = score.Recall(), score.FalseResponses(), typed.Recall()
	for _, m := range score.Misses {
		at := slices.IndexFunc(s.Lines, func(l addressing.Line) bool { return l.Number == m.Line.Number })
		scored.Wrong = append(scored.Wrong, Miss{m.Line.Number, m.Line.Text, heard[at].Texts, m.Line.Meant, m.Got})
	}
	r.Sets = append(r.Sets, scored)
	return nil
}

// Decide is what personas would have done about what was heard of a line, as lines are labelled. Of
// one that was taken for several turns it is what was done about all of them: who was called in any
// of them.
func Decide(l addressing.Line, texts []string) []string {
	out := []string{addressing.Nobody}
	calls := func(label []string) bool { return (addressing.Line{Meant: label}).Addressed() }
	for _, text := range texts {
		c := l.Call(text)
		got := addressing.Label(c, turn.Address(c))
		switch {
		case calls(got) && !calls(out):
			out = got
		case calls(got) && !slices.Equal(got, out):
			out = slices.Concat(out, got)
		case !calls(got) && !calls(out) && out[0] == addressing.Nobody:
			out = got
		}
	}
	return out
}

// All is the score of a set over all voices.
func (r *Result) All(set string) Scored {
	out := Scored{Set: set, Wrong: []Miss{}}
	typed := 0.0
	for _, s := range r.Sets {
		if s.Set != set {
			continue
		}
		out.Lines += s.Lines
		out.Right, out.Addressed = out.Right+s.Right, out.Addressed+s.Addressed
		out.False, out.Others = out.False+s.False, out.Others+s.Others
		out.Silent, out.Pieces = out.Silent+s.Silent, out.Pieces+s.Pieces
		out.Wrong = append(out.Wrong, s.Wrong...)
		typed += s.Typed * float64(s.Addressed)
	}
	if out.Addressed > 0 {
		out.Recall, out.Typed = float64(out.Right)/float64(out.Addressed), typed/float64(out.Addressed)
	}
	if out.Others > 0 {
		out.FalseResponses = float64(out.False) / float64(out.Others)
	}
	return out
}

// names are the sets in their order.
func (r *Result) names() (out []string) {
	for _, s := range r.Sets {
		if !slices.Contains(out, s.Set) {
			out = append(out, s.Set)
		}
	}
	return out
}

// Failure is ErrMissed where a set misses a goal over all voices.
func (r *Result) Failure() error {
	for _, name := range r.names() {
		if all := r.All(name); all.Addressed > 0 && all.Recall < GoalRecall || all.FalseResponses > GoalFalse {
			return fmt.Errorf("%w: %s: recall %.3f (at least %.2f), false responses %.3f (at most %.2f)",
				ErrMissed, name, all.Recall, GoalRecall, all.FalseResponses, GoalFalse)
		}
	}
	return nil
}
