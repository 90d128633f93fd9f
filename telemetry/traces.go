package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

// scope names what makes the spans.
const scope = "github.com/sensory-agent/sensory-agent/telemetry"

// tracer makes spans of replies that have ended: their times are known then.
type tracer struct{ spans trace.Tracer }

func newTracer(p trace.TracerProvider) *tracer {
	if p == nil {
		p = noop.NewTracerProvider()
	}
	return &tracer{p.Tracer(scope)}
}

// Span is one stage of a reply, by LiveKit's name where it has one.
type span struct {
	name     string
	from, to time.Time
	attrs    []attribute.KeyValue
}

// stages are the spans below that of the reply, in the order of the waterfall. Those that did not
// happen are left out.
func stages(t *reply.Trace) []span {
	model := []attribute.KeyValue{
		attribute.String("gen_ai.operation.name", chat), attribute.String("gen_ai.provider.name", provider(t)), attribute.String("gen_ai.request.model", t.Model),
		attribute.Int("gen_ai.usage.input_tokens", t.PromptTokens), attribute.Int("gen_ai.usage.output_tokens", t.Tokens),
		attribute.Int("gen_ai.usage.cache_read.input_tokens", t.Reused),
	}
	if t.Finish != "" {
		model = append(model, attribute.StringSlice("gen_ai.response.finish_reasons", []string{t.Finish}))
	}
	if t.Break != nil {
		model = append(model, attribute.String("sensory.context.broke", t.Break.String()))
	}
	all := []span{
		{"eou_detection", t.SpeechEnd, t.EndOfTurn, nil},
		{"sensory.transcript", t.STTBegin, t.STTEnd, nil},
		{"sensory.sight", t.Begin, t.Features, sightOf(t)},
		{"sensory.lease_wait", t.LeaseAsked, t.LeaseGiven, nil},
		{"llm_node", t.Features, t.ModelEnd, model},
		{"tts_node", t.FirstClause, t.FirstPCM, nil},
		{"sensory.floor_wait", t.FloorAsked, t.FloorGiven, nil},
		{"agent_speaking", t.FirstPacket, t.Done, nil},
	}
	var out []span
	for _, s := range all {
		if !s.from.IsZero() && !s.to.IsZero() && !s.to.Before(s.from) {
			out = append(out, s)
		}
	}
	return out
}

// sightOf describes the picture that an answer is made from.
func sightOf(t *reply.Trace) []attribute.KeyValue {
	out := []attribute.KeyValue{attribute.Bool("sensory.sight.used", t.Picture)}
	if t.Picture {
		out = append(out, attribute.Int("sensory.sight.squares", t.Squares), attribute.Int("sensory.sight.tokens", t.PictureTokens),
			attribute.Float64("sensory.sight.age", t.PictureAge.Seconds()), attribute.Int("sensory.sight.pictures", 1+len(t.Earlier)))
		if len(t.Earlier) > 0 {
			out = append(out, attribute.Float64("sensory.sight.oldest", t.Earlier[0].Age.Seconds()))
		}
	}
	return out
}

// reply makes the spans of a reply, and returns the id of their trace; empty where nobody takes it.
func (t *tracer) reply(ctx context.Context, from room.Origin, of *reply.Trace) traceID {
	how := room.ReplyEndOf(of.Err)
	attrs := []attribute.KeyValue{
		attribute.String("lk.room_name", from.Room), attribute.String("lk.agent_name", from.Persona),
		attribute.Int64("sensory.turn", int64(of.Turn)), attribute.String("sensory.outcome", string(how)), // counts from 1
		attribute.Bool("lk.interrupted", how == room.ReplyInterrupted),
	}
	if d := of.Latency(); d > 0 {
		attrs = append(attrs, attribute.Float64("lk.e2e_latency", d.Seconds()))
	}
	if of.Plan != "" {
		attrs = append(attrs, attribute.String("sensory.plan", of.Plan))
	}
	ctx, root := t.spans.Start(ctx, "agent_turn", trace.WithTimestamp(of.Origin()), trace.WithAttributes(attrs...))
	for _, s := range stages(of) {
		_, child := t.spans.Start(ctx, s.name, trace.WithTimestamp(s.from), trace.WithAttributes(s.attrs...))
		child.End(trace.WithTimestamp(s.to))
	}
	if how == room.ReplyFailed { // its text might repeat what somebody said
		root.SetAttributes(attribute.String("error.type", stage(of.Err)))
		root.SetStatus(codes.Error, stage(of.Err))
	}
	end := of.Done
	if end.IsZero() {
		end = of.Origin()
	}
	root.End(trace.WithTimestamp(end))
	if id := root.SpanContext(); id.IsValid() && id.IsSampled() {
		return traceID(id.TraceID().String())
	}
	return ""
}
