package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Environment variables that say where spans go, as OpenTelemetry defines them; what else it
// defines for OTLP over HTTP (headers, certificates, compression, time limits) holds as well.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
const (
	EnvEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	EnvTraces   = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	EnvDisabled = "OTEL_SDK_DISABLED"
)

// flushLimit is how long the last spans may take to leave.
const flushLimit = 2 * time.Second

// Exporter sends spans, some at a time, from a bounded queue: what finds no room there is dropped,
// never waited for. A nil one sends nothing.
type Exporter struct{ *trace.TracerProvider }

// Wanted tells whether the environment asks for spans.
func Wanted() bool {
	return os.Getenv(EnvDisabled) != "true" && (os.Getenv(EnvEndpoint) != "" || os.Getenv(EnvTraces) != "")
}

// OTLP sends spans where the environment says; nil where it says nothing. What cannot be sent is a
// line of the log, and holds up nobody. Errors: an endpoint that is none.
func OTLP(ctx context.Context, version string, log *slog.Logger) (*Exporter, error) {
	if !Wanted() {
		return nil, nil // nobody asked, which is no error
	}
	out, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces to %s: %w", EnvEndpoint, err)
	}
	// The attributes of the environment (OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME) win.
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "sensory-agent"), attribute.String("service.version", version),
	), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, errors.Join(fmt.Errorf("traces: %w", err), out.Shutdown(ctx))
	}
	return &Exporter{trace.NewTracerProvider(trace.WithBatcher(&noisy{out, log}), trace.WithResource(about))}, nil
}

// Close sends what waits, for a while.
func (e *Exporter) Close() error {
	if e == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
	defer cancel()
	if err := e.Shutdown(ctx); err != nil {
		return fmt.Errorf("traces: the last ones were not sent: %w", err)
	}
	return nil
}

// noisy says what could not be sent: OpenTelemetry would tell a global handler.
type noisy struct {
	trace.SpanExporter
	log *slog.Logger
}

// ExportSpans implements trace.SpanExporter.
func (n *noisy) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	err := n.SpanExporter.ExportSpans(ctx, spans)
	if err != nil {
		n.log.Warn("traces were not sent", "spans", len(spans), "error", err)
	}
	return nil // said
}
