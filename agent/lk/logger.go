package lk

import (
	"context"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/go-logr/logr"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// routeLogs makes the SDK's process-wide logger, which its connections use, write to the logger of
// the first room that is joined. Without it the SDK writes to standard error.
var routeLogs sync.Once // mirrors a global of the SDK

func route(log protologger.Logger) { routeLogs.Do(func() { lksdk.SetLogger(log) }) }

// bridge passes what the SDK logs on to slog at level Debug: what matters comes back as an error or
// an event, and is said once, by whoever knows what it means. The SDK writes lines that
// participants can bring about, so no more pass than the rate lets through; the next line says how
// many did not. Secrets are taken out.
func bridge(log *slog.Logger, rate limits.Rate) protologger.Logger {
	return protologger.LogRLogger(logr.FromSlogHandler(lowered{next: log.Handler(), gate: &gate{rate: rate}}))
}

// gate lets so many lines through.
type gate struct {
	rate       limits.Rate
	mu         sync.Mutex
	bucket     limits.Bucket
	suppressed uint64
}

// pass tells whether a line may pass, and how many did not since the last one that might.
func (g *gate) pass(now time.Time) (suppressed uint64, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.bucket.Take(g.rate, 1, now) {
		g.suppressed++
		return 0, false
	}
	suppressed, g.suppressed = g.suppressed, 0
	return suppressed, true
}

// lowered is a handler whose lines are all of level Debug.
type lowered struct {
	next slog.Handler
	gate *gate
}

// Enabled implements slog.Handler.
func (l lowered) Enabled(ctx context.Context, _ slog.Level) bool {
	return l.next.Enabled(ctx, slog.LevelDebug)
}

// Handle implements slog.Handler. It asks for the level itself, since logr writes errors without
// asking.
func (l lowered) Handle(ctx context.Context, rec slog.Record) error {
	if !l.next.Enabled(ctx, slog.LevelDebug) {
		return nil
	}
	suppressed, ok := l.gate.pass(rec.Time)
	if !ok {
		return nil
	}
	clean := slog.NewRecord(rec.Time, slog.LevelDebug, redact(rec.Message), rec.PC)
	clean.AddAttrs(slog.String("sdk_level", sdkLevel(rec.Level)))
	if suppressed > 0 {
		clean.AddAttrs(slog.Uint64("suppressed", suppressed))
	}
	rec.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(cleaned(a))
		return true
	})
	return l.next.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (l lowered) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = cleaned(a)
	}
	return lowered{next: l.next.WithAttrs(out), gate: l.gate}
}

// WithGroup implements slog.Handler.
func (l lowered) WithGroup(name string) slog.Handler {
	return lowered{next: l.next.WithGroup(name), gate: l.gate}
}

// maxLogValue bounds an attribute, in bytes: the SDK logs whole session descriptions.
const maxLogValue = 4 << 10

func cleaned(a slog.Attr) slog.Attr {
	return slog.String(a.Key, redact(limits.Cut(a.Value.Resolve().String(), maxLogValue)))
}

// sdkLevel names the level at which the SDK wrote. Its warnings come as Info: its logging interface
// has no level for them.
func sdkLevel(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "error"
	case level >= slog.LevelInfo:
		return "info"
	default:
		return "debug"
	}
}

// redact takes out of a text what may let somebody in: tokens, credentials of relays, user names,
// passwords and queries of addresses.
func redact(text string) string {
	for _, secret := range secrets() {
		text = secret.pattern.ReplaceAllString(text, secret.instead)
	}
	return text
}

type secret struct {
	pattern *regexp.Regexp
	instead string
}

// secrets are the patterns, compiled when they are first needed.
//
// A constant that Go has no form for.
var secrets = sync.OnceValue(func() []secret {
	return []secret{
		{regexp.MustCompile(`eyJ[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*){0,2}`), "…"},
		{regexp.MustCompile(`(access_token=|Bearer |invalid token: |token:\s?")[^&\s"'),]+`), "${1}…"},
		{regexp.MustCompile(`((?i:credential|password|secret|ice-pwd):\s*"?)[^\s",}]+`), "${1}…"},
		{regexp.MustCompile(`(\w+://)[^/\s"']*@`), "${1}"},
		{regexp.MustCompile(`(\w+://[^\s"'?]*)\?[^\s"']*`), "${1}"},
	}
})
