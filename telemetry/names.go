package telemetry

import "strings"

// Kind is what a metric does.
type Kind uint8

// Kinds of metrics.
const (
	Counter   Kind = iota + 1 // only grows
	Gauge                     // as it is when it is asked for
	Histogram                 // how long, or how much, as each turn ends
)

// Name is one metric.
type Name struct {
	// Name is OpenTelemetry's spelling.
	Name string
	Kind Kind
	// Unit as OpenTelemetry has it: "s", "By", "{token}", "1"; empty for a count.
	Unit   string
	Labels []string
	Help   string
}

// Labels of models, as LiveKit and OpenTelemetry call them.
const (
	labelModel    = "model_name"
	labelProvider = "model_provider"
)

// Local is the provider of models that run on this machine.
const Local = "local"

// Names is the table of the metrics, in the order of the documentation.
func Names() []Name {
	return append(append(liveKit(), genAI()...), own()...)
}

func liveKit() []Name {
	model := []string{labelModel, labelProvider}
	return []Name{
		{"lk.agents.turn.e2e_latency", Histogram, "s", model, "from the end of speech to the first packet of the answer"},
		{"lk.agents.turn.llm_ttft", Histogram, "s", model, "from features to the first token"},
		{"lk.agents.turn.tts_ttfb", Histogram, "s", model, "from the first clause to its first sound"},
		{"lk.agents.turn.transcription_delay", Histogram, "s", model, "from the end of speech to the final transcript"},
		{"lk.agents.turn.end_of_turn_delay", Histogram, "s", model, "from the end of speech to the decision that the turn is over"},
		{"lk.agents.usage.llm_input_tokens", Counter, "", model, "tokens of prompts"},
		{"lk.agents.usage.llm_input_cached_tokens", Counter, "", model, "those of them that were kept from the answer before"},
		{"lk.agents.usage.llm_output_tokens", Counter, "", model, "tokens of answers"},
		{"lk.agents.usage.tts_characters", Counter, "", model, "characters that voices were asked to speak"},
		{"lk.agents.usage.stt_audio_duration", Counter, "s", nil, "speech that was transcribed"},
	}
}

func genAI() []Name {
	of := []string{"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"}
	return []Name{
		{"gen_ai.client.operation.duration", Histogram, "s", of, "from the model's lease to the end of what it generates"},
		{"gen_ai.client.operation.time_to_first_chunk", Histogram, "s", of, "from the model's lease to its first token"},
		{"gen_ai.client.token.usage", Histogram, "{token}", append(of, "gen_ai_token_type"), "tokens of a prompt, of an answer"},
	}
}

func own() []Name {
	pool := []string{"silicon", "provider"}
	return []Name{
		{"sensory.turn.replies", Counter, "", []string{"outcome"}, "replies by how they ended: spoken, interrupted, superseded, yielded, written, ended, failed"},
		{"sensory.turn.silences", Counter, "", []string{"reason"}, "personas that did not reply, by reason"},
		{"sensory.turn.divergences", Counter, "", []string{"kind"}, "points in which a turn left its plan"},
		{"sensory.turn.own_latency", Histogram, "s", nil, "of the latency what is no wait for others: for a turn to think, for the floor"},
		{"sensory.turn.overhead", Histogram, "s", nil, "of the latency what is neither a model nor the silence that ends a turn"},
		{"sensory.turn.unclear", Counter, "", []string{"why"}, "sounds of people that were nothing to answer"},
		{"sensory.floor.wait", Histogram, "s", nil, "from the first sound of a reply to its turn to be audible"},
		{"sensory.floor.gap", Histogram, "s", nil, "between two personas that answer the same question, from the last packet of one to the first of the next"},
		{"sensory.floor.overlap", Counter, "s", nil, "time in which packets of two personas of a room were sent at once"},
		{"sensory.lease.wait", Histogram, "s", []string{labelModel, labelProvider}, "from asking for the model to having it"},
		{"sensory.lease.held", Gauge, "", pool, "leases that are held"},
		{"sensory.lease.waiting", Gauge, "", pool, "demands that wait"},
		{"sensory.lease.level", Gauge, "1", pool, "how full the budget is, 0 to 1"},
		{"sensory.lease.granted", Counter, "", pool, "leases that were given"},
		{"sensory.lease.refused", Counter, "", append(pool, "reason"), "demands that were refused"},
		{"sensory.lease.lost", Counter, "", append(pool, "how"), "leases that ended by themselves: expired, revoked, fenced, abandoned"},
		{"sensory.sight.texture", Histogram, "s", nil, "from a frame to what the model's processor makes of it"},
		{"sensory.sight.features", Histogram, "s", nil, "the model's encoder at work on a picture"},
		{"sensory.sight.age", Histogram, "s", nil, "how old the newest picture was when the model was there for the answer"},
		{"sensory.sight.frames", Counter, "", []string{"step"}, "pictures of tracks: decoded, sampled, and of those dropped, stale, rested, one a model that did not look"},
		{"sensory.context.reused_ratio", Histogram, "1", nil, "part of a prompt that was kept from the reply before"},
		{"sensory.context.broken", Counter, "", []string{"segment"}, "prompts whose beginning had changed, by the segment that did"},
		{"sensory.memory.decisions", Counter, "", []string{"outcome"}, "what was offered to memories, by what became of it"},
		{"sensory.track.dropped", Counter, "", []string{"hop"}, "packets, pictures and frames of tracks that were not used, as tracks close, by where they went"},
		{"sensory.process.dropped", Counter, "", []string{"hop"}, "rows, lines and calls that found no room, by where"},
		{"sensory.store.failures", Counter, "", []string{"reason"}, "writes that the store did not take, of the queue and of calls, by reason"},
		{"sensory.store.written", Counter, "", []string{"kind"}, "rows that were written: utterances, messages, turns"},
		{"sensory.store.waiting", Gauge, "", nil, "rows that wait to be written"},
		{"sensory.store.waiting.bytes", Gauge, "By", nil, "what those rows take"},
		{"sensory.store.degraded", Gauge, "s", nil, "for how long no write has gone well after one that failed; 0 while all is well"},
		{"sensory.problems", Counter, "", []string{"stage"}, "parts that could not do their work, by stage"},
		{"sensory.rooms", Gauge, "", nil, "rooms that are open"},
		{"sensory.seats", Gauge, "", []string{"state"}, "seats of personas, by state"},
		{"sensory.dispatch.reconciled", Counter, "", []string{"outcome"}, "dispatches that the server had given up, by what became of them: redispatched, raced, swept, failed"},
		{"sensory.models.loaded", Gauge, "", []string{"place"}, "models in memory"},
		{"sensory.models.bytes", Gauge, "By", []string{"place"}, "their files"},
		{"sensory.prompts.bytes", Gauge, "By", []string{"silicon"}, "prompts that are kept from reply to reply"},
		{"sensory.join.took", Histogram, "s", nil, "from joining a room to listening in it"},
	}
}

// Prometheus is the name as Prometheus spells it:
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
func (n Name) Prometheus() string {
	name := strings.ReplaceAll(n.Name, ".", "_")
	switch n.Unit {
	case "s":
		name += "_seconds"
	case "By":
		name = strings.TrimSuffix(name, "_bytes") + "_bytes"
	case "1":
		if !strings.HasSuffix(name, "_ratio") {
			name += "_ratio"
		}
	}
	if n.Kind == Counter {
		name += "_total"
	}
	return name
}
