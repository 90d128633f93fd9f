package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/lines"
)

// line is one thing that happened.
type line = lines.Line

// timeline prints lines on standard output.
type timeline struct{ *lines.Printer }

func newTimeline(out io.Writer, asJSON bool) *timeline { return &timeline{lines.New(out, asJSON)} }

func (t *timeline) print(l line) { t.Print(l) }

func (t *timeline) whileRead(ctx context.Context) (context.Context, func()) { return t.WhileRead(ctx) }

// close prints what still waits, for a while.
func (t *timeline) close(log *slog.Logger) error { return t.Close(outputLimit, log) }

// agentLine describes an event of a room.
func agentLine(who string, e room.Event) (line, bool) { return lines.OfAgent(who, e) }

// maxShown bounds a text on one line for people, in bytes.
const maxShown = lines.MaxShown
