package telemetry

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

// Path is where Prometheus looks.
const Path = "/metrics"

// Telemetry counts and traces what happens in rooms. It is safe for concurrent use.
type Telemetry struct {
	metrics *metrics
	tracer  *tracer
}

// Config says what is told, and to whom.
type Config struct {
	Sources Sources
	// Spans takes the spans of replies; nil traces nothing. OTLP makes one that sends them.
	Spans trace.TracerProvider
}

// New makes a telemetry of nothing yet. Errors: names that the registry refuses, which is a mistake
// of this package.
func New(cfg Config) (*Telemetry, error) {
	m, err := newMetrics(cfg.Sources)
	if err != nil {
		return nil, err
	}
	return &Telemetry{metrics: m, tracer: newTracer(cfg.Spans)}, nil
}

// Observe counts an event, and traces a reply that has ended. It does not block: spans wait in a
// bounded queue. A nil Telemetry does nothing.
func (t *Telemetry) Observe(from room.Origin, e room.Event) {
	if t == nil {
		return
	}
	var of traceID
	if done, ok := e.(room.TurnDone); ok {
		of = t.tracer.reply(context.Background(), from, &done.Trace)
	}
	t.metrics.event(e, of)
}

// Reconciled counts what became of a dispatch; looks at all rooms are not counted. A nil Telemetry
// does nothing.
func (t *Telemetry) Reconciled(e reconcile.EventKind) {
	if t != nil && e != reconcile.Looked {
		t.metrics.add("sensory.dispatch.reconciled", 1, string(e))
	}
}

// Handler answers Prometheus, in OpenMetrics where it is asked for: exemplars name traces there.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.metrics.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes})
}

// maxScrapes bounds how many scrape at once.
const maxScrapes = 4
