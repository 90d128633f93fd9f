package telemetry_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// idle is a process of which nothing has happened yet.
func idle(t *testing.T) *telemetry.Telemetry {
	t.Helper()
	broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconDisk}, Slots: 1, Units: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	tel, err := telemetry.New(telemetry.Config{Sources: telemetry.Sources{
		Ledger: func() (compute.Snapshot, bool) { return broker.Snapshot(), true },
		Store: func() (telemetry.StoreStatus, bool) {
			out := telemetry.StoreStatus{Failures: map[string]uint64{}, Written: map[string]uint64{"turns": 0}}
			for _, why := range store.Whys() {
				out.Failures[string(why)] = 0
			}
			return out, true
		},
		Drops:  func() map[string]uint64 { return map[string]uint64{"store": 0} },
		Frames: new(senses.Frames).Counted,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// TestSeriesAreThereFromTheStart: Prometheus takes no increase from what a series begins with, so
// that the first refusal, or the first reply that fails, would be missed. Where a label names
// models nobody knows them beforehand.
func TestSeriesAreThereFromTheStart(t *testing.T) {
	t.Parallel()
	got := scrape(t, idle(t), "text/plain")
	want := func(series string) {
		t.Helper()
		if !strings.Contains(got, "\n"+series+" 0\n") {
			t.Errorf("no %s", series)
		}
	}
	for _, end := range room.ReplyEnds() {
		want(fmt.Sprintf("sensory_turn_replies_total{outcome=%q}", end))
	}
	for _, why := range turn.Reasons() {
		want(fmt.Sprintf("sensory_turn_silences_total{reason=%q}", why))
	}
	for _, reason := range []string{"queue_full", "pressure", "stale", "never_fits", "dependency_lost"} {
		want(fmt.Sprintf(`sensory_lease_refused_total{provider="",reason=%q,silicon="DISK"}`, reason))
	}
	want(`sensory_lease_refused_total{provider="",reason="no_budget",silicon="GPU"}`)
	want(`sensory_problems_total{stage="voice"}`)
	want(`sensory_problems_total{stage="other"}`)
	want(`sensory_turn_unclear_total{why="muffled"}`)
	want(`sensory_sight_frames_total{step="stale"}`)
	page, err := os.ReadFile("../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^sensory_track_dropped_total\{hop="(\w+)"\} 0$`).FindAllStringSubmatch(got, -1) {
		if !strings.Contains(string(page), "`"+m[1]+"`") {
			t.Errorf("docs/telemetry.md lacks the hop %s", m[1])
		}
	}

	asked := ""
	for _, path := range []string{"grafana/dashboard.json", "alerts.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "deploy", "monitoring", path))
		if err != nil {
			t.Fatal(err)
		}
		asked += string(data)
	}
	found := 0
	for _, n := range telemetry.Names() {
		if n.Kind == telemetry.Gauge || !strings.Contains(asked, n.Prometheus()) || slices.ContainsFunc(n.Labels, func(l string) bool { return strings.Contains(l, "model") }) {
			continue
		}
		name := n.Prometheus()
		if n.Kind == telemetry.Histogram {
			name += "_count"
		}
		if found++; !regexp.MustCompile(`(?m)^` + name + `(\{.*\})? 0$`).MatchString(got) {
			t.Errorf("%s is asked for, and has no series before something happens", name)
		}
	}
	if found < 15 {
		t.Errorf("%d metrics are asked for", found)
	}
}

// TestRepliesThatWereEndedHaveNotFailed: neither what is counted nor a span says so.
func TestRepliesThatWereEndedHaveNotFailed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"finished":  {reply.ErrFinished, "ended"},
		"muted":     {&room.SilentError{Why: turn.ReasonMuted}, "ended"},
		"stopped":   {&room.SilentError{Why: turn.ReasonStopped}, "ended"},
		"withdrawn": {room.ErrWithdrawn, "ended"},
		"closed":    {room.ErrClosed, "ended"},
		"written":   {room.ErrWritten, "written"},
		"yielded":   {room.ErrYielded, "yielded"},
		"broken":    {errors.New("the model"), "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := tracetest.NewInMemoryExporter()
			spans := trace.NewTracerProvider(trace.WithSyncer(kept))
			defer func() { _ = spans.Shutdown(t.Context()) }()
			tel, err := telemetry.New(telemetry.Config{Spans: spans})
			if err != nil {
				t.Fatal(err)
			}
			done := answered()
			done.Err = c.err
			tel.Observe(from(), room.TurnDone{Trace: done})
			got := scrape(t, tel, "text/plain")
			for _, end := range room.ReplyEnds() {
				n := 0
				if string(end) == c.want {
					n = 1
				}
				if want := fmt.Sprintf("sensory_turn_replies_total{outcome=%q} %d\n", end, n); !strings.Contains(got, want) {
					t.Errorf("no %s", want)
				}
			}
			all := kept.GetSpans()
			if s := all[len(all)-1]; (s.Status.Code == codes.Error) != (c.want == "failed") {
				t.Errorf("the span says %+v", s.Status)
			}
		})
	}
}
