package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Bounds of contexts in one call.
const (
	mostKeys         = 256
	mostContextBytes = 16 << 20 // of texts
)

// turns answers TurnService.
type turns struct{ *Server }

// PlanTurn implements the call.
func (s *turns) PlanTurn(ctx context.Context, req *sensoryv1.PlanTurnRequest) (*sensoryv1.PlanTurnResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	c.trigger("trigger", req.GetTrigger())
	c.names("contexts", slices.Sorted(maps.Keys(req.GetContexts())))
	c.names("contexts", slices.Sorted(maps.Values(req.GetContexts())))
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	t := triggerFrom(req.GetTrigger())
	in, to, err := addressed(ctx, h, req.GetRoom(), "trigger.to", t.To)
	if err != nil {
		return nil, err
	}
	t.To = to
	request, plan, err := h.PlanTurn(ctx, agent.TurnRequest{
		Room: in.name, Trigger: t, Contexts: req.GetContexts(), InputBudget: int(req.GetInputBudget()),
		FirstBudget: int64(req.GetFirstBudgetMs()), AllBudget: int64(req.GetAllBudgetMs()),
	})
	if err != nil {
		return nil, err
	}
	return &sensoryv1.PlanTurnResponse{Plan: planTo(&plan), Request: requestTo(&request)}, nil
}

// trigger checks what begins a turn. The planner checks the rest.
func (c *checked) trigger(field string, t *sensoryv1.Trigger) {
	c.name(field+".id", t.GetId(), false)
	c.name(field+".from", t.GetFrom(), true)
	c.text(field+".text", t.GetText(), mostText, true)
	c.names(field+".to", t.GetTo())
}

// MissingContextKeys implements the call.
func (s *turns) MissingContextKeys(_ context.Context, req *sensoryv1.MissingContextKeysRequest) (*sensoryv1.MissingContextKeysResponse, error) {
	c := checked{}
	if n := len(req.GetKeys()); n > mostKeys {
		c.fail("keys", ReasonTooMany, "has %d entries, at most %d are allowed", n, mostKeys)
	}
	for i, key := range req.GetKeys() {
		c.name(fmt.Sprintf("keys[%d]", i), key, true)
	}
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	return &sensoryv1.MissingContextKeysResponse{Missing: h.MissingContexts(req.GetKeys())}, nil
}

// CacheContext implements the call. What is wrong with one context leaves those before it kept.
func (s *turns) CacheContext(_ context.Context, req *sensoryv1.CacheContextRequest) (*sensoryv1.CacheContextResponse, error) {
	c, bytes := checked{}, 0
	if n := len(req.GetContexts()); n == 0 || n > mostKeys {
		c.fail("contexts", ReasonTooMany, "has %d entries, must be 1 to %d", n, mostKeys)
	}
	for i, x := range req.GetContexts() {
		field := fmt.Sprintf("contexts[%d]", i)
		c.name(field+".key", x.GetKey(), false)
		if len(x.GetSegments()) == 0 {
			c.fail(field+".segments", ReasonMissing, "is needed")
		}
		for _, seg := range x.GetSegments() {
			bytes += len(seg.GetText())
		}
	}
	if bytes > mostContextBytes {
		c.fail("contexts", ReasonTooLong, "have %d bytes of text, at most %d are allowed", bytes, mostContextBytes)
	}
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	out := &sensoryv1.CacheContextResponse{Bytes: whole(bytes)}
	for i, x := range req.GetContexts() {
		key, err := h.CacheContext(turn.Given{Key: x.GetKey(), Segments: each(x.GetSegments(), func(g *sensoryv1.Segment) turn.Segment {
			return turn.Segment{Kind: g.GetKind(), Role: g.GetRole(), Text: g.GetText()}
		})})
		if err != nil {
			e := classify(err)
			e.Field = fmt.Sprintf("contexts[%d]", i)
			return nil, e
		}
		out.Keys = append(out.Keys, key)
	}
	return out, nil
}

// RunTurn implements the call.
func (s *turns) RunTurn(ctx context.Context, req *sensoryv1.RunTurnRequest) (*sensoryv1.RunTurnResponse, error) {
	c := checked{}
	c.name("request.room", req.GetRequest().GetRoom(), true)
	c.trigger("request.trigger", req.GetRequest().GetTrigger())
	if req.GetPlan() == nil {
		c.fail("plan", ReasonMissing, "is needed, as PlanTurn returned it")
	}
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	if _, err := seatsIn(h, place{name: req.GetRequest().GetRoom()}); err != nil {
		return nil, err
	}
	request, plan := RequestFrom(req.GetRequest()), PlanFrom(req.GetPlan())
	result, err := h.RunTurn(ctx, request.Room, plan, request)
	if err != nil {
		return nil, err
	}
	return resultTo(&result), nil
}

// ofTurn is what planner and runner say of plans and contexts.
func ofTurn(err error) *Error {
	var request *turn.RequestError
	var plan *turn.PlanError
	var changed *turn.ChangedError
	switch {
	case errors.As(err, &request):
		return &Error{Code: connect.CodeInvalidArgument, Reason: ReasonBadValue, Field: "request." + request.Field, Err: errors.New(request.Problem)}
	case errors.As(err, &plan):
		return &Error{Code: connect.CodeInvalidArgument, Reason: ReasonBadPlan, Field: "plan", Err: err}
	case errors.As(err, &changed):
		return &Error{Code: connect.CodeFailedPrecondition, Reason: ReasonPlanChanged, Err: err}
	}
	return nil
}
