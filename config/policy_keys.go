package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// PolicyKey is one setting of a room's conversation.
type PolicyKey struct {
	// Name is its path in the file, for example "floor.gap".
	Name string
	// Doc is one line for people.
	Doc   string
	read  func(r *reader, n ast.Node, at string) func(*turn.Policy) // nil where it is wrong
	shape *jsonschema.Schema
}

// PolicyKeys lists the settings of a room's conversation, in the order of the documentation. What
// the room knows itself, turn.Policy.Blind, is none.
func PolicyKeys() []PolicyKey {
	return append(addressKeys(), floorKeys()...)
}

func addressKeys() []PolicyKey {
	return []PolicyKey{
		wordKey("mode", "who answers what names nobody: auto, front, mentions, all or specialty", func(p *turn.Policy) *turn.Mode { return &p.Mode }, modeWords()...),
		wordKey("front", "the persona in front; the first one where it is absent", func(p *turn.Policy) *string { return &p.Front }),
		spanKey("follow_up_window", "how long who answered somebody last is still meant by them", func(p *turn.Policy) *time.Duration { return &p.FollowUp }),
		boundKey("responders.named", "how many of those called by name answer, or all", func(p *turn.Policy) *int { return &p.Responders.Named }),
		boundKey("responders.group", "how many answer where everybody is called, or all", func(p *turn.Policy) *int { return &p.Responders.Group }),
		boundKey("responders.otherwise", "how many answer in mode all and specialty, or all", func(p *turn.Policy) *int { return &p.Responders.Otherwise }),
		countKey("follow_up_rounds", "how often all are asked for more after a turn of several", func(p *turn.Policy) *int { return &p.Rounds }),
		wordKey("context", "sequential: later speakers know what earlier ones said; parallel: the question only", func(p *turn.Policy) *turn.Context { return &p.Context }, string(turn.Sequential), string(turn.Parallel)),
		countKey("hops", "how often personas may wake each other after a person spoke", func(p *turn.Policy) *int { return &p.Hops }),
		countKey("persona_turns.soft", "replies since a person spoke before personas wake no more of each other", func(p *turn.Policy) *int { return &p.TurnsSoft }),
		countKey("persona_turns.hard", "replies since a person spoke at most", func(p *turn.Policy) *int { return &p.TurnsHard }),
		countKey("pair.turns", "how often one persona may wake a certain other one within the window", func(p *turn.Policy) *int { return &p.PairTurns }),
		spanKey("pair.window", "how long that is counted", func(p *turn.Policy) *time.Duration { return &p.PairWindow }),
		flagKey("hear_agents", "whether programs that are no personas of ours are heard", func(p *turn.Policy) *bool { return &p.HearAgents }),
		boundKey("capacity", "replies that are generated here at once, or all", func(p *turn.Policy) *int { return &p.Capacity }),
		countKey("lane_cap", "the same of each provider that lanes does not list", func(p *turn.Policy) *int { return &p.LaneCap }),
		{"lanes", "the same of each provider by its name", lanesOf, &jsonschema.Schema{Type: "object", AdditionalProperties: wholeFrom(1, 0)}},
		wordKey("vouched", "whom personas believe about others when they remember: tokens, marked or nobody", func(p *turn.Policy) *turn.Vouched { return &p.Vouched },
			string(turn.VouchedTokens), string(turn.VouchedMarked), string(turn.VouchedNobody)),
		spanKey("invitation", "how long a short word answers a question of a persona", func(p *turn.Policy) *time.Duration { return &p.Invitation }),
	}
}

func floorKeys() []PolicyKey {
	return []PolicyKey{
		levelKey("duck", "how loud a persona goes on while it is not clear yet whether a voice means it; 0: it pauses", func(p *turn.Policy) *float32 { return &p.Duck }),
		spanKey("endpointing.min", "silence before a turn is over, at the least", func(p *turn.Policy) *time.Duration { return &p.Endpointing.Min }),
		spanKey("endpointing.max", "and at the most, also where somebody breaks off", func(p *turn.Policy) *time.Duration { return &p.Endpointing.Max }),
		flagKey("endpointing.adapt", "whether those are waited for longer who pause inside sentences", func(p *turn.Policy) *bool { return &p.Endpointing.Adapt }),
		spanKey("floor.gap", "silence between two personas, in the mean", func(p *turn.Policy) *time.Duration { return &p.Floor.Gap }),
		spanKey("floor.spread", "how much that varies, half of it to each side", func(p *turn.Policy) *time.Duration { return &p.Floor.Spread }),
		spanKey("floor.head_wait", "how long the first in order is waited for while another is ready", func(p *turn.Policy) *time.Duration { return &p.Floor.HeadWait }),
		spanKey("floor.grant_expires", "how long who has the floor may stay silent while another is ready", func(p *turn.Policy) *time.Duration { return &p.Floor.GrantExpires }),
		spanKey("floor.hold_max", "how long one may be audible while another is ready", func(p *turn.Policy) *time.Duration { return &p.Floor.HoldMax }),
		spanKey("floor.stale", "how long a reply may be kept from the floor before it is written instead", func(p *turn.Policy) *time.Duration { return &p.Floor.Stale }),
		spanKey("floor.duck", "how long a voice lasts before the audible persona gives way: a multiple of 32 ms", func(p *turn.Policy) *time.Duration { return &p.Floor.Duck }),
		spanKey("floor.stop", "how long before it is stopped where no ear is fast", func(p *turn.Policy) *time.Duration { return &p.Floor.Stop }),
		spanKey("floor.false_interruption", "how long the words of who stopped a persona are waited for before it goes on", func(p *turn.Policy) *time.Duration { return &p.Floor.FalseInterruption }),
		flagKey("speculate", "whether a persona thinks of its answer before it is certain that the speaker has finished", func(p *turn.Policy) *bool { return &p.Speculate }),
		spanKey("floor.silent", "how long nothing may leave of an answer that is to be heard; 0s: for ever", func(p *turn.Policy) *time.Duration { return &p.Floor.Silent }),
		spanKey("away.after", "how long no person is here before personas show idle; 0s: never", func(p *turn.Policy) *time.Duration { return &p.Away.After }),
		flagKey("away.asked", "whether who is asked to wait is idle, and does not answer that", func(p *turn.Policy) *bool { return &p.Away.Asked }),
		spanKey("idle.after", "how long nobody has said anything before the front persona speaks; 0s: never", func(p *turn.Policy) *time.Duration { return &p.Idle.After }),
		wordKey("idle.say", "what it says then", func(p *turn.Policy) *string { return &p.Idle.Say }),
		countKey("waiting.places", "people whose questions wait", func(p *turn.Policy) *int { return &p.Waiting.Places }),
		spanKey("waiting.limit", "how long a question waits", func(p *turn.Policy) *time.Duration { return &p.Waiting.Limit }),
		countKey("waiting.passes", "spoken questions that go before a written one", func(p *turn.Policy) *int { return &p.Waiting.Passes }),
		spanKey("looking.subscribe", "how long a question waits for a track that is on its way", func(p *turn.Policy) *time.Duration { return &p.Looking.Subscribe }),
		spanKey("looking.dark", "how long a track may show nothing before it counts as dark", func(p *turn.Policy) *time.Duration { return &p.Looking.Dark }),
		{"looking.screen", "words by which a shared screen is meant, in lower case", screenWords, wordsShape()},
	}
}

func policyKey(name string) (PolicyKey, bool) {
	for _, k := range PolicyKeys() {
		if k.Name == name {
			return k, true
		}
	}
	return PolicyKey{}, false
}

// policyNames are the keys of a section, or of the top where it is empty.
func policyNames(section string) (out []string) {
	for _, k := range PolicyKeys() {
		rest, in := strings.CutPrefix(k.Name, section)
		name, _, _ := strings.Cut(rest, ".")
		if in && (len(out) == 0 || out[len(out)-1] != name) {
			out = append(out, name)
		}
	}
	return out
}

// wrongIn names the first setting of a policy that cannot be used, and why.
func wrongIn(p *turn.Policy) (key, problem string) {
	var wrong *turn.PolicyError
	if errors.As(p.Validate(), &wrong) {
		return wrong.Key, wrong.Problem
	}
	return "", ""
}

// wordKey is a word: one of known, or any where there are none.
func wordKey[T ~string](name, doc string, of func(*turn.Policy) *T, known ...string) PolicyKey {
	shape := lineOf(maxText)
	if len(known) > 0 {
		shape = oneWordOf(known...)
	}
	return PolicyKey{name, doc, func(r *reader, n ast.Node, at string) func(*turn.Policy) {
		text, isNumber, ok := r.scalar(n, at)
		if ok && (isNumber || strings.TrimSpace(text) == "") {
			r.fail(n, at, "must be a word")
		}
		if !ok || isNumber || strings.TrimSpace(text) == "" {
			return nil
		}
		return func(p *turn.Policy) { *of(p) = T(text) }
	}, shape}
}

func countKey(name, doc string, of func(*turn.Policy) *int) PolicyKey {
	return PolicyKey{name, doc, func(r *reader, n ast.Node, at string) func(*turn.Policy) {
		v := r.number(n, at, count, 0)
		if v == nil {
			return nil
		}
		return func(p *turn.Policy) { *of(p) = whole(v.Number) }
	}, wholeFrom(0, 0)}
}

// boundKey is a number of at least 1, or the word all.
func boundKey(name, doc string, of func(*turn.Policy) *int) PolicyKey {
	return PolicyKey{name, doc, func(r *reader, n ast.Node, at string) func(*turn.Policy) {
		text, isNumber, ok := r.scalar(n, at)
		if !ok {
			return nil
		}
		v, problem := count(text, isNumber)
		switch {
		case text == "all" && !isNumber:
			v.Number = 0
		case problem != "" && !isNumber:
			r.fail(n, at, fmt.Sprintf("%q is neither a whole number nor all", text))
			return nil
		case problem != "":
			r.fail(n, at, problem)
			return nil
		case v.Number == 0:
			r.fail(n, at, "is 0, which would be nobody; write all where there is no bound")
			return nil
		}
		return func(p *turn.Policy) { *of(p) = whole(v.Number) }
	}, wholeOrAll()}
}

// whole keeps a number within what every platform's int holds; turn refuses one that large.
func whole(n int64) int { return int(min(n, math.MaxInt32)) }

func spanKey(name, doc string, of func(*turn.Policy) *time.Duration) PolicyKey {
	return PolicyKey{name, doc, func(r *reader, n ast.Node, at string) func(*turn.Policy) {
		text, isNumber, ok := r.scalar(n, at)
		if !ok {
			return nil
		}
		v, problem := duration(text, isNumber)
		if problem != "" {
			r.fail(n, at, problem)
			return nil
		}
		return func(p *turn.Policy) { *of(p) = time.Duration(v.Number) }
	}, spanShape()}
}

func levelKey(name, doc string, of func(*turn.Policy) *float32) PolicyKey {
	return PolicyKey{name, doc, func(r *reader, n ast.Node, at string) func(*turn.Policy) {
		text, isNumber, ok := r.scalar(n, at)
		if !ok {
			return nil
		}
		v, err := strconv.ParseFloat(text, 32)
		if !isNumber || err != nil {
			r.fail(n, at, "must be a number from 0 to 1")
			return nil
		}
		return func(p *turn.Policy) { *of(p) = float32(v) }
	}, &jsonschema.Schema{Type: "number", Minimum: jsonschema.Ptr(0.0), Maximum: jsonschema.Ptr(1.0)}}
}

func flagKey(name, doc string, of func(*turn.Policy) *bool) PolicyKey {
	return PolicyKey{name, doc, func(r *reader, n ast.Node, at string) func(*turn.Policy) {
		flag, ok := n.(*ast.BoolNode)
		if !ok {
			r.fail(n, at, "must be true or false")
			return nil
		}
		return func(p *turn.Policy) { *of(p) = flag.Value }
	}, &jsonschema.Schema{Type: "boolean"}}
}

// lanesOf reads a mapping of providers to numbers.
func lanesOf(r *reader, n ast.Node, at string) func(*turn.Policy) {
	before := len(r.mistakes)
	var lanes []turn.Lane
	for _, f := range r.mapping(n, at) {
		if v := r.number(f.value, join(at, f.name), count, 1); v != nil {
			lanes = append(lanes, turn.Lane{Name: f.name, Cap: whole(v.Number)})
		}
	}
	if len(r.mistakes) > before {
		return nil
	}
	return func(p *turn.Policy) { p.Lanes = lanes }
}

func screenWords(r *reader, n ast.Node, at string) func(*turn.Policy) {
	before := len(r.mistakes)
	var words []string
	for i, item := range r.list(n, at, "for example [screen, slides]") {
		words = append(words, r.words(item, at+"["+strconv.Itoa(i)+"]"))
	}
	if len(r.mistakes) > before {
		return nil
	}
	return func(p *turn.Policy) { p.Looking.Screen = words }
}
