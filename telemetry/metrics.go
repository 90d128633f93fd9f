package telemetry

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

// Buckets: 10 ms to a minute for times, powers of four for tokens, tenths for ratios.
func seconds() []float64 {
	return []float64{.01, .02, .05, .1, .15, .2, .3, .4, .5, .65, .8, 1, 1.5, 2, 3, 5, 10, 30, 60}
}

func tokens() []float64 { return prometheus.ExponentialBuckets(1, 4, 10) }
func tenths() []float64 { return prometheus.LinearBuckets(0, .1, 11) }

// metrics are the counters and histograms. They are safe for concurrent use.
type metrics struct {
	registry   *prometheus.Registry
	counters   map[string]*prometheus.CounterVec
	histograms map[string]*prometheus.HistogramVec
}

func newMetrics(sources Sources) (*metrics, error) {
	m := &metrics{
		registry: prometheus.NewRegistry(), counters: map[string]*prometheus.CounterVec{}, histograms: map[string]*prometheus.HistogramVec{},
	}
	var errs []error
	for _, n := range Names() {
		switch n.Kind {
		case Counter:
			if polled(n.Name) {
				continue // asked for when somebody scrapes
			}
			c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: n.Prometheus(), Help: n.Help}, n.Labels)
			m.counters[n.Name] = c
			begin(n, func(labels ...string) { c.WithLabelValues(labels...) })
			errs = append(errs, m.registry.Register(c))
		case Histogram:
			opts := prometheus.HistogramOpts{Name: n.Prometheus(), Help: n.Help, Buckets: seconds()}
			switch n.Unit {
			case "{token}":
				opts.Buckets = tokens()
			case "1":
				opts.Buckets = tenths()
			}
			h := prometheus.NewHistogramVec(opts, n.Labels)
			m.histograms[n.Name] = h
			begin(n, func(labels ...string) { h.WithLabelValues(labels...) })
			errs = append(errs, m.registry.Register(h))
		case Gauge: // asked for when somebody scrapes
		}
	}
	errs = append(errs,
		m.registry.Register(newPoll(sources)),
		m.registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		m.registry.Register(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsScheduler))),
	)
	return m, errors.Join(errs...)
}

// begin makes the series of a metric that are known beforehand.
func begin(n Name, series func(labels ...string)) {
	if len(n.Labels) == 0 {
		series()
	}
	for _, value := range closed()[n.Name] {
		series(value)
	}
}

// traceID is what an exemplar names; empty for none.
type traceID string

// took notes how long something took; nothing where it did not happen.
func (m *metrics) took(name string, d time.Duration, of traceID, labels ...string) {
	if d > 0 {
		m.observe(name, d.Seconds(), of, labels...)
	}
}

func (m *metrics) observe(name string, v float64, of traceID, labels ...string) {
	h := m.histograms[name].WithLabelValues(labels...)
	if e, ok := h.(prometheus.ExemplarObserver); ok && of != "" {
		e.ObserveWithExemplar(v, prometheus.Labels{"trace_id": string(of)})
		return
	}
	h.Observe(v)
}

func (m *metrics) add(name string, n float64, labels ...string) {
	if n > 0 {
		m.counters[name].WithLabelValues(labels...).Add(n)
	}
}

// event counts one event; of is the trace of a reply that has one.
func (m *metrics) event(e room.Event, of traceID) {
	switch e := e.(type) {
	case room.Joined:
		m.took("sensory.join.took", e.Took, "")
	case room.Heard:
		if e.Final {
			m.add("lk.agents.usage.stt_audio_duration", e.End.Sub(e.Start).Seconds())
		}
	case room.TrackClosed:
		for hop, n := range e.Dropped {
			m.add("sensory.track.dropped", float64(n), hop)
		}
	case room.Unclear:
		m.add("sensory.turn.unclear", 1, e.Why)
	case room.Saw:
		m.took("sensory.sight.texture", e.Texture, "")
		m.took("sensory.sight.features", e.Features, "")
	case room.Silent:
		m.add("sensory.turn.silences", 1, string(e.Why))
	case room.Outcome:
		for _, d := range e.Result.Divergences {
			m.add("sensory.turn.divergences", 1, string(d.Kind))
		}
	case room.Remembered:
		for _, d := range e.Decisions {
			m.add("sensory.memory.decisions", 1, string(d.Outcome))
		}
	case room.Problem:
		m.add("sensory.problems", 1, stage(e.Err))
	case room.TurnDone:
		m.turn(&e.Trace, of)
		m.took("sensory.floor.gap", e.Gap, of)
		m.add("sensory.floor.overlap", e.Overlap.Seconds())
	}
}

// stage is the part that could not do its work.
func stage(err error) string {
	var at *room.StageError
	if errors.As(err, &at) {
		return string(at.Stage)
	}
	return stageOther
}

// stageOther is that of an error which names none.
const stageOther = "other"

// provider names who runs a model.
func provider(t *reply.Trace) string {
	if t.Provider == "" {
		return Local
	}
	return t.Provider
}

// turn counts a reply.
func (m *metrics) turn(t *reply.Trace, of traceID) {
	model, by := t.Model, provider(t)
	m.add("sensory.turn.replies", 1, string(room.ReplyEndOf(t.Err)))
	between := func(name string, from, to time.Time, labels ...string) {
		if !from.IsZero() && !to.IsZero() {
			m.took(name, to.Sub(from), of, labels...)
		}
	}
	m.took("lk.agents.turn.e2e_latency", t.Latency(), of, model, by)
	between("lk.agents.turn.llm_ttft", t.Features, t.FirstToken, model, by)
	between("lk.agents.turn.tts_ttfb", t.FirstClause, t.FirstPCM, model, by)
	between("lk.agents.turn.transcription_delay", t.SpeechEnd, t.STTEnd, model, by)
	between("lk.agents.turn.end_of_turn_delay", t.SpeechEnd, t.EndOfTurn, model, by)
	m.took("sensory.turn.own_latency", t.OwnLatency(), of)
	m.took("sensory.turn.overhead", t.Overhead(), of)
	between("sensory.lease.wait", t.LeaseAsked, t.LeaseGiven, model, by)
	between("sensory.floor.wait", t.FloorAsked, t.FloorGiven)
	m.add("lk.agents.usage.llm_input_tokens", float64(t.PromptTokens), model, by)
	m.add("lk.agents.usage.llm_input_cached_tokens", float64(t.Reused), model, by)
	m.add("lk.agents.usage.llm_output_tokens", float64(t.Tokens), model, by)
	m.add("lk.agents.usage.tts_characters", float64(t.Voiced), model, by)
	between("gen_ai.client.operation.duration", t.LeaseGiven, t.ModelEnd, chat, by, model)
	between("gen_ai.client.operation.time_to_first_chunk", t.LeaseGiven, t.FirstToken, chat, by, model)
	if t.Picture {
		m.observe("sensory.sight.age", t.PictureAge.Seconds(), of)
	}
	if t.PromptTokens > 0 {
		m.observe("gen_ai.client.token.usage", float64(t.PromptTokens), of, chat, by, model, "input")
		m.observe("gen_ai.client.token.usage", float64(t.Tokens), of, chat, by, model, "output")
		m.observe("sensory.context.reused_ratio", float64(t.Reused)/float64(t.PromptTokens), of)
	}
	if t.Break != nil {
		m.add("sensory.context.broken", 1, string(t.Break.Kind))
	}
}

// chat is what OpenTelemetry calls the asking of a model.
const chat = "chat"
