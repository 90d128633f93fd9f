package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// scrapeEvery is how often a bench is scraped: three times as often as Prometheus does by default.
const scrapeEvery = 5 * time.Second

// scraped counts and traces as serve does, and asks for the metrics over HTTP while it lasts: by whom is
// measured too.
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
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	var failed error
	work.Go(func() {
		tick := time.NewTicker(scrapeEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := scrape(ctx, pages.Address()); err != nil && ctx.Err() == nil {
					failed = err
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return r.telling(nil), func() error {
		stop()
		work.Wait()
		return errors.Join(failed, pages.Close(), sent())
	}, nil
}

// scrape asks for the metrics as Prometheus does.
func scrape(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+telemetry.Path, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && (resp.StatusCode != http.StatusOK || n == 0) {
		err = fmt.Errorf("%s: %s, %d bytes", telemetry.Path, resp.Status, n)
	}
	return err
}
