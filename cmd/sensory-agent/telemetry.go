package main

import (
	"context"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// watched opens what counts and traces what happens here; end sends the last traces.
func (r *resident) watched(ctx context.Context, log *slog.Logger) (_ ops.Mount, end func() error, err error) {
	spans, err := telemetry.OTLP(ctx, version(), log)
	if err != nil {
		return ops.Mount{}, nil, usageError{err}
	}
	cfg := telemetry.Config{Sources: r.sources()}
	if spans != nil {
		cfg.Spans = spans
	}
	if r.told, err = telemetry.New(cfg); err != nil {
		return ops.Mount{}, nil, err
	}
	return ops.Mount{Prefix: telemetry.Path, Handler: r.told.Handler()}, spans.Close, nil
}

func (r *resident) sources() telemetry.Sources {
	return telemetry.Sources{
		Ledger: func() (s compute.Snapshot, ok bool) {
			if m := r.machine.Load(); m != nil {
				return m.Compute(), true
			}
			return s, false
		},
		Pool: func() (s ort.PoolStatus, ok bool) {
			if m := r.machine.Load(); m != nil {
				return m.Pool(), true
			}
			return s, false
		},
		Prompts: r.prompts, Drops: r.drops, Frames: r.frames.Counted, Store: r.writing,
		Seats: func() (map[string]int, int, bool) {
			if r.seated == nil {
				return nil, 0, false
			}
			return r.seated()
		},
	}
}

// writing is how what is said is being kept, as numbers.
func (r *resident) writing() (out telemetry.StoreStatus, ok bool) {
	kept := r.kept.Load()
	if kept == nil {
		return out, false
	}
	st := kept.Stats()
	out = telemetry.StoreStatus{
		Failures: map[string]uint64{}, Waiting: st.Writer.Waiting, WaitingBytes: st.Writer.WaitingBytes, Since: st.Health.Since,
		Written: map[string]uint64{"utterances": st.Writer.Written, "messages": st.Writer.Messages, "turns": st.Writer.Turns},
	}
	for why, n := range kept.DB().Failed() {
		out.Failures[string(why)] = n
	}
	return out, true
}

// telling counts and traces an event before it goes on.
func (r *resident) telling(next func(room.Origin, room.Event)) func(room.Origin, room.Event) {
	return func(from room.Origin, e room.Event) {
		r.told.Observe(from, e)
		if next != nil {
			next(from, e)
		}
	}
}

// states counts the seats by their state, and the rooms that are open.
func (s *served) states() (map[string]int, int, bool) {
	host := s.host.Load()
	if host == nil {
		return nil, 0, false
	}
	states := map[string]int{}
	for _, st := range host.Seats() {
		states[string(st.State)]++
	}
	return states, len(host.Rooms()), true
}
