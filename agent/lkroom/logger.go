package lkroom

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// routeLogs makes the SDK's process-wide logger, which its connections use, write to the logger of the first room that is joined.
// Without it the SDK writes to standard error.
var routeLogs sync.Once //nolint:gochecknoglobals // mirrors a global of the SDK

// bridge passes what the SDK logs on to slog at level Debug: what matters comes back as an error or an event, and is said once, by whoever
// knows what it means. Tokens are taken out.
func bridge(log *slog.Logger) protologger.Logger {
	return protologger.LogRLogger(logr.FromSlogHandler(lowered{log.Handler()}))
}

func route(log *slog.Logger) { routeLogs.Do(func() { lksdk.SetLogger(bridge(log)) }) }

type lowered struct{ slog.Handler }

// Enabled implements slog.Handler.
func (l lowered) Enabled(ctx context.Context, _ slog.Level) bool {
	return l.Handler.Enabled(ctx, slog.LevelDebug)
}

// Handle implements slog.Handler.
func (l lowered) Handle(ctx context.Context, rec slog.Record) error {
	clean := slog.NewRecord(rec.Time, slog.LevelDebug, redact(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(slog.String(a.Key, redact(a.Value.String())))
		return true
	})
	return l.Handler.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (l lowered) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lowered{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (l lowered) WithGroup(name string) slog.Handler { return lowered{l.Handler.WithGroup(name)} }

// redact takes tokens out of a text: the SDK puts the whole address of a failed request into its errors.
func redact(text string) string {
	for _, mark := range []string{"access_token=", "Bearer ", "invalid token: "} {
		for at := 0; ; {
			i := strings.Index(text[at:], mark)
			if i < 0 {
				break
			}
			start := at + i + len(mark)
			end := start
			for end < len(text) && !strings.ContainsRune("& \"'),", rune(text[end])) {
				end++
			}
			text = text[:start] + "…" + text[end:]
			at = start
		}
	}
	return text
}
