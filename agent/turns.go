package agent

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/sensory-agent/sensory-agent/agent/room"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TurnRequest is what somebody wants to plan a turn of a room for.
type TurnRequest struct {
	// Room is the name of a room that is open.
	Room string
	// Trigger is the question. Without an ID it is given one, without a kind it is turn.KindAPI;
	// its FollowUp is the room's to know.
	Trigger turn.Trigger
	// Contexts are keys of contexts that stand in the prompts of personas, by their identities,
	// before what was said in the room; see CacheContext.
	Contexts map[string]string
	// InputBudget, FirstBudget and AllBudget are those of turn.Request.
	InputBudget            int
	FirstBudget, AllBudget int64
}

// PlanTurn plans a turn of a room as it is now: its people, its personas with their models, speeds
// and what was said to them, what is shown, and its policy. Nothing is begun. The request says what
// the plan was made from, and is needed to have it carried out. Errors: ErrNoRoom, ErrHostClosed,
// *turn.RequestError, a *context.EvictedError for contexts that are not there, prompt.ErrGiven and
// *prompt.TooLongError for one that a persona cannot take, room.ErrClosed, the cause of ctx.
func (h *Host) PlanTurn(ctx context.Context, in TurnRequest) (turn.Request, turn.Plan, error) {
	r, err := h.openRoom(in.Room)
	if err != nil {
		return turn.Request{}, turn.Plan{}, err
	}
	given, err := h.contexts.all(time.Now(), in.Contexts)
	if err != nil {
		return turn.Request{}, turn.Plan{}, err
	}
	t := in.Trigger
	t.ID, t.Kind = cmp.Or(t.ID, uuid.NewString()), cmp.Or(t.Kind, turn.KindAPI)
	request, err := r.PlanRequest(ctx, t, given)
	if err != nil {
		return turn.Request{}, turn.Plan{}, err
	}
	request.InputBudget, request.FirstBudget, request.AllBudget = in.InputBudget, in.FirstBudget, in.AllBudget
	p, err := request.Plan()
	return request, p, err
}

// RunTurn carries a plan out in a room, and returns when the turn is over, with what came of it:
// see room.Room.RunTurn, whose errors it returns, ErrNoRoom and ErrHostClosed. Contexts that the
// request says were given are taken from where CacheContext keeps them, or from the request itself;
// where one has gone, its persona is silent for turn.ReasonContextEvicted.
func (h *Host) RunTurn(ctx context.Context, in string, p turn.Plan, request turn.Request) (turn.Result, error) {
	r, err := h.openRoom(in)
	if err != nil {
		return turn.Result{}, err
	}
	return r.RunTurn(ctx, p, request, h.contexts.of(time.Now(), &request))
}

// MissingContexts pins those of the contexts that are kept for context.PinFor, and returns the keys
// of the others, in order.
func (h *Host) MissingContexts(of []string) []string { return h.contexts.missing(time.Now(), of) }

// CacheContext keeps a context for context.PinFor at least, within HostConfig.Contexts bytes, and
// returns its key. Without a key of its own it is not checked to be of one. Errors:
// *context.KeyError, prompt.ErrGiven, ErrContextSize, *context.BudgetError.
func (h *Host) CacheContext(g turn.Given) (string, error) { return h.contexts.put(time.Now(), &g) }

// ContextStats are the counts of what CacheContext keeps.
func (h *Host) ContextStats() keys.CacheStats {
	h.contexts.mu.Lock()
	defer h.contexts.mu.Unlock()
	return h.contexts.cache.Stats(time.Now())
}

// Bounds of what others give.
const (
	contextsDefault = 64 << 20 // bytes that are kept of all
	contextMost     = 4 << 20  // bytes of one: far more than any window holds
	contextSegments = 4096     // of one
)

// contexts owns those that were given from outside.
type contexts struct {
	mu    sync.Mutex
	cache *keys.Cache
}

func newContexts(budget int64) (*contexts, error) {
	cache, err := keys.NewCache(cmp.Or(budget, contextsDefault))
	if err != nil {
		return nil, fmt.Errorf("%w: contexts: %w", room.ErrConfig, err)
	}
	return &contexts{cache: cache}, nil
}

func (c *contexts) missing(now time.Time, of []string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := make([]keys.Key, len(of))
	for i, k := range of {
		asked[i] = keys.Key(k)
	}
	out := []string{}
	for _, k := range c.cache.Missing(now, asked) {
		out = append(out, string(k))
	}
	return out
}

func (c *contexts) put(now time.Time, g *turn.Given) (string, error) {
	segments := segmentsOf(g)
	if n := keys.Bytes(segments); n > contextMost || len(segments) > contextSegments {
		return "", fmt.Errorf("%w: %d segments of %d bytes; at most %d of %d", ErrContextSize, len(segments), n, contextSegments, contextMost)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key, err := c.cache.Put(now, keys.Key(g.Key), segments)
	return string(key), err
}

// all takes contexts for personas. The error names every key that is not there.
func (c *contexts) all(now time.Time, of map[string]string) (map[string]room.Given, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]room.Given{}
	var gone []keys.Key
	for who, key := range of {
		segments, err := c.cache.Take(now, keys.Key(key))
		if err != nil {
			gone = append(gone, keys.Key(key))
		}
		out[who] = room.Given{Key: key, Segments: segments}
	}
	if len(gone) > 0 {
		return nil, &keys.EvictedError{Keys: gone}
	}
	return out, nil
}

// of takes the contexts of a request; what is not there says so.
func (c *contexts) of(now time.Time, r *turn.Request) map[string]room.Given {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]room.Given{}
	for _, p := range r.Personas {
		if !p.ContextGiven {
			continue
		}
		g := room.Given{Key: p.ContextKey}
		g.Segments, g.Err = c.cache.Take(now, keys.Key(p.ContextKey))
		for i := range r.Contexts {
			if g.Err != nil && r.Contexts[i].Key == p.ContextKey {
				g.Segments, g.Err = segmentsOf(&r.Contexts[i]), nil
			}
		}
		out[p.Name] = g
	}
	return out
}

func segmentsOf(g *turn.Given) []prompt.Segment {
	out := make([]prompt.Segment, len(g.Segments))
	for i, s := range g.Segments {
		out[i] = prompt.Segment{Kind: prompt.Kind(s.Kind), Role: prompt.Role(s.Role), Text: s.Text}
	}
	return out
}
