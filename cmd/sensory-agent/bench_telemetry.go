package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// scrapeEvery is how often a bench is scraped: three times as often as Prometheus does by default.
const scrapeEvery = 5 * time.Second

// scraped counts and traces as serve does, and asks for the metrics over HTTP while it lasts: by
// whom is measured too.
func scraped(ctx context.Context, on *sensory.Machine, log *slog.Logger) (tell func(room.Origin, room.Event), end func() error, err error) {
	r := &resident{}
	r.machine.Store(on.Engine())
	metrics, sent, err := r.watched(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	pages, err := ops.Start(ops.Config{Address: anyPort, Mounts: []ops.Mount{metrics}}, log, func() ops.Readiness { return ops.Readiness{Ready: true, State: "listening"} })
	if err != nil {
		return nil, nil, errors.Join(err, sent())
	}
	scrapes := ops.Poll(ctx, pages.Address(), telemetry.Path, scrapeEvery)
	return r.telling(nil), func() error { return errors.Join(scrapes(), pages.Close(), sent()) }, nil
}
