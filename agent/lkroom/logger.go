package lkroom

import (
	"context"
	"log/slog"
	"sync"

	"github.com/go-logr/logr"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// routeLogs makes the SDK's process-wide logger, which its connections use, write to the logger of the first room that is joined.
// Without it the SDK writes to standard error.
var routeLogs sync.Once //nolint:gochecknoglobals // mirrors a global of the SDK

// bridge passes what the SDK logs on to slog, one level down: its Info is our Debug, since a joined room is not news.
func bridge(log *slog.Logger) protologger.Logger {
	return protologger.LogRLogger(logr.FromSlogHandler(lowered{log.Handler()}))
}

func route(log *slog.Logger) { routeLogs.Do(func() { lksdk.SetLogger(bridge(log)) }) }

type lowered struct{ slog.Handler }

func (l lowered) shift(level slog.Level) slog.Level {
	if level <= slog.LevelInfo {
		return slog.LevelDebug
	}
	return level
}

// Enabled implements slog.Handler.
func (l lowered) Enabled(ctx context.Context, level slog.Level) bool {
	return l.Handler.Enabled(ctx, l.shift(level))
}

// Handle implements slog.Handler.
func (l lowered) Handle(ctx context.Context, rec slog.Record) error {
	rec.Level = l.shift(rec.Level)
	return l.Handler.Handle(ctx, rec)
}

// WithAttrs implements slog.Handler.
func (l lowered) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lowered{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (l lowered) WithGroup(name string) slog.Handler { return lowered{l.Handler.WithGroup(name)} }
