package compute_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// The limits that validate.go states.
const (
	year    = 365 * 24 * time.Hour
	longest = 100 * year
	most    = int64(1) << 50
)

// whole is a request with one of everything, which is valid.
func whole() compute.Request {
	cpu := compute.Pool{Silicon: compute.SiliconCPU}
	return compute.Request{
		Budgets: []compute.Budget{{Pool: cpu, Slots: 1, Units: 1}, {Pool: compute.Pool{Silicon: compute.SiliconCloud, Provider: "p"}, Slots: 1, Units: 1}},
		Ready:   []string{"a"},
		Held:    []compute.Held{{Artifact: "b", Pool: cpu}},
		Jobs:    []compute.Job{{ID: "j", Artifact: "c", Class: compute.CPU, Pool: cpu, Holder: "h", Needs: []string{"a"}}},
	}
}

// TestEveryFieldHasItsBounds puts one value at a time just inside and just outside of what is
// allowed: inside it is planned, outside the error names the field.
func TestEveryFieldHasItsBounds(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("x", 512)
	many := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint(i)
		}
		return list
	}
	for _, c := range []struct {
		field           string
		inside, outside func(r *compute.Request)
	}{
		{"now_ms", func(r *compute.Request) { r.Now = longest }, func(r *compute.Request) { r.Now = longest + 1 }},
		{"now_ms", func(r *compute.Request) { r.Now = -longest }, func(r *compute.Request) { r.Now = -longest - 1 }},
		{
			"policy.aging_step_ms", func(r *compute.Request) { r.Policy.AgingStep = time.Hour },
			func(r *compute.Request) { r.Policy.AgingStep = time.Hour + 1 },
		},
		{"policy.aging_step_ms", func(r *compute.Request) { r.Policy.AgingStep = 0 }, func(r *compute.Request) { r.Policy.AgingStep = -1 }},
		{
			"policy.reserve_after_ms", func(r *compute.Request) { r.Policy.ReserveAfter = longest },
			func(r *compute.Request) { r.Policy.ReserveAfter = longest + 1 },
		},
		{"policy.reserve_after_ms", func(r *compute.Request) { r.Policy.ReserveAfter = 0 }, func(r *compute.Request) { r.Policy.ReserveAfter = -1 }},
		{"budgets[0].slots", func(r *compute.Request) { r.Budgets[0].Slots = most }, func(r *compute.Request) { r.Budgets[0].Slots = most + 1 }},
		{"budgets[0].slots", func(r *compute.Request) { r.Budgets[0].Slots = 1 }, func(r *compute.Request) { r.Budgets[0].Slots = 0 }},
		{"budgets[0].units", func(r *compute.Request) { r.Budgets[0].Units = most }, func(r *compute.Request) { r.Budgets[0].Units = most + 1 }},
		{"budgets[1].units", func(r *compute.Request) { r.Budgets[1].Units = 1 }, func(r *compute.Request) { r.Budgets[1].Units = 0 }},
		{"budgets[0].bytes", func(r *compute.Request) { r.Budgets[0].Bytes = most }, func(r *compute.Request) { r.Budgets[0].Bytes = most + 1 }},
		{"budgets[0].bytes", func(r *compute.Request) { r.Budgets[0].Bytes = 0 }, func(r *compute.Request) { r.Budgets[0].Bytes = -1 }},
		{
			"budgets[0].silicon", func(r *compute.Request) { r.Budgets[0].Silicon = compute.SiliconBackground },
			func(r *compute.Request) { r.Budgets[0].Silicon = compute.SiliconBackground + 1 },
		},
		{"budgets[0].silicon", nil, func(r *compute.Request) { r.Budgets[0].Silicon = 0 }},
		{"budgets[1].provider", func(r *compute.Request) { r.Budgets[1].Provider = name }, func(r *compute.Request) { r.Budgets[1].Provider = name + "x" }},
		{"ready[0]", func(r *compute.Request) { r.Ready[0] = name }, func(r *compute.Request) { r.Ready[0] = name + "x" }},
		{"ready[0]", func(r *compute.Request) { r.Ready[0] = "x" }, func(r *compute.Request) { r.Ready[0] = "" }},
		{"held[0].artifact", func(r *compute.Request) { r.Held[0].Artifact = name }, func(r *compute.Request) { r.Held[0].Artifact = "" }},
		{"held[0].silicon", nil, func(r *compute.Request) { r.Held[0].Silicon = 0 }},
		{"held[0].cost.units", func(r *compute.Request) { r.Held[0].Cost.Units = most }, func(r *compute.Request) { r.Held[0].Cost.Units = most + 1 }},
		{"held[0].cost.bytes", func(r *compute.Request) { r.Held[0].Cost.Bytes = most }, func(r *compute.Request) { r.Held[0].Cost.Bytes = -1 }},
		{"jobs[0].id", func(r *compute.Request) { r.Jobs[0].ID = name }, func(r *compute.Request) { r.Jobs[0].ID = name + "x" }},
		{"jobs[0].artifact", func(r *compute.Request) { r.Jobs[0].Artifact = "a" }, func(r *compute.Request) { r.Jobs[0].Artifact = "" }},
		{
			"jobs[0].class", func(r *compute.Request) { r.Jobs[0].Class = compute.Background },
			func(r *compute.Request) { r.Jobs[0].Class = compute.Background + 1 },
		},
		{"jobs[0].class", nil, func(r *compute.Request) { r.Jobs[0].Class = 0 }},
		{"jobs[0].silicon", nil, func(r *compute.Request) { r.Jobs[0].Silicon = 0 }},
		{"jobs[0].provider", nil, func(r *compute.Request) { r.Jobs[0].Provider = "p" }},
		{"jobs[0].holder", func(r *compute.Request) { r.Jobs[0].Holder = name }, func(r *compute.Request) { r.Jobs[0].Holder = "" }},
		{"jobs[0].priority", func(r *compute.Request) { r.Jobs[0].Priority = 1000 }, func(r *compute.Request) { r.Jobs[0].Priority = 1001 }},
		{"jobs[0].priority", func(r *compute.Request) { r.Jobs[0].Priority = -1000 }, func(r *compute.Request) { r.Jobs[0].Priority = -1001 }},
		{"jobs[0].cost.units", func(r *compute.Request) { r.Jobs[0].Cost.Units = most }, func(r *compute.Request) { r.Jobs[0].Cost.Units = most + 1 }},
		{"jobs[0].cost.bytes", func(r *compute.Request) { r.Jobs[0].Cost.Bytes = most }, func(r *compute.Request) { r.Jobs[0].Cost.Bytes = most + 1 }},
		{"jobs[0].cost.bytes", func(r *compute.Request) { r.Jobs[0].Cost.Bytes = 0 }, func(r *compute.Request) { r.Jobs[0].Cost.Bytes = -1 }},
		{"jobs[0].needs", func(r *compute.Request) { r.Jobs[0].Needs = many(256) }, func(r *compute.Request) { r.Jobs[0].Needs = many(257) }},
		{"jobs[0].needs[1]", nil, func(r *compute.Request) { r.Jobs[0].Needs = []string{"a", ""} }},
		{"jobs[0].created_at_ms", func(r *compute.Request) { r.Jobs[0].Created = longest }, func(r *compute.Request) { r.Jobs[0].Created = longest + 1 }},
		{"jobs[0].created_at_ms", func(r *compute.Request) { r.Jobs[0].Created = -longest }, func(r *compute.Request) { r.Jobs[0].Created = -longest - 1 }},
		{
			"jobs[0].stale_after_ms", func(r *compute.Request) { r.Jobs[0].StaleAfter = longest },
			func(r *compute.Request) { r.Jobs[0].StaleAfter = longest + 1 },
		},
		{"jobs[0].stale_after_ms", nil, func(r *compute.Request) { r.Jobs[0].StaleAfter = -1 }},
		{"jobs[0].stale_after_ms", nil, func(r *compute.Request) { r.Jobs[0].Perishable = true }},
	} {
		if c.inside != nil {
			r := whole()
			c.inside(&r)
			if err := r.Validate(); err != nil {
				t.Errorf("%s: what is just allowed is refused: %v", c.field, err)
			}
			if _, err := compute.Plan(r); err != nil {
				t.Errorf("%s: what is just allowed is not planned: %v", c.field, err)
			}
		}
		r := whole()
		c.outside(&r)
		var wrong *compute.FieldError
		if err := r.Validate(); !errors.As(err, &wrong) || !errors.Is(err, compute.ErrInvalid) || wrong.Field != c.field || wrong.Problem == "" {
			t.Errorf("%s: got %v", c.field, err)
		}
		if _, err := compute.Plan(r); !errors.Is(err, compute.ErrInvalid) {
			t.Errorf("%s: planned: %v", c.field, err)
		}
	}
}

// TestADemandHasItsBounds is the same for what a broker is asked for.
func TestADemandHasItsBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field string
		spoil func(d *compute.Demand)
	}{
		{"demand.artifact", func(d *compute.Demand) { d.Artifact = "" }},
		{"demand.class", func(d *compute.Demand) { d.Class = 0 }},
		{"demand.silicon", func(d *compute.Demand) { d.Silicon = 99 }},
		{"demand.holder", func(d *compute.Demand) { d.Holder = "" }},
		{"demand.revocation", func(d *compute.Demand) { d.Revocation = compute.Pinned + 1 }},
		{"demand.from", func(d *compute.Demand) { d.From = []*compute.Lease{nil} }},
		{"demand.ttl", func(d *compute.Demand) { d.TTL = -1 }},
		{"demand.ttl", func(d *compute.Demand) { d.TTL = longest + 1 }},
	} {
		broker := cpuBroker(t, 1)
		d := cpuDemand("a")
		c.spoil(&d)
		for name, ask := range map[string]func() (*compute.Lease, error){
			"try":     func() (*compute.Lease, error) { return broker.TryAcquire(d) },
			"acquire": func() (*compute.Lease, error) { return broker.Acquire(t.Context(), d) },
		} {
			lease, err := ask()
			var wrong *compute.FieldError
			if lease != nil || !errors.As(err, &wrong) || wrong.Field != c.field {
				t.Errorf("%s of %s: %v, %v", name, c.field, lease, err)
			}
		}
		if s := broker.Snapshot(); s.Pools[0].Held != 0 || s.Pools[0].Waiting != 0 {
			t.Errorf("%s: something is held or waits: %+v", c.field, s.Pools[0])
		}
	}
	broker, other := cpuBroker(t, 2), cpuBroker(t, 1)
	from, err := other.TryAcquire(cpuDemand("b"))
	if err != nil {
		t.Fatal(err)
	}
	d := cpuDemand("a")
	d.From = []*compute.Lease{from}
	var wrong *compute.FieldError
	if _, err := broker.TryAcquire(d); !errors.As(err, &wrong) || wrong.Field != "demand.from" {
		t.Errorf("a lease of another broker: %v", err)
	}
	d.From, d.TTL = nil, longest
	if _, err := broker.TryAcquire(d); err != nil {
		t.Errorf("the longest time to live: %v", err)
	}
}
