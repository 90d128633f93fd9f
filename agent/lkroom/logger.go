package lkroom

import (
	"context"
	"log/slog"

	"github.com/go-logr/logr"
	protologger "github.com/livekit/protocol/logger"
)

// bridge passes what the SDK logs on to slog, one level down: its Info is our Debug, since a joined room is not news.
func bridge(log *slog.Logger) protologger.Logger {
	return protologger.LogRLogger(logr.FromSlogHandler(lowered{log.Handler()}))
}

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
