package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/sensory-agent/sensory-agent/compute"
)

// override is one entry of the section budgets: what it does not say stays as derived from the
// machine.
type override struct {
	pool                compute.Pool
	line                int
	field               string
	slots, units, bytes *Value
}

// Budget is an effective budget, and where each of its numbers comes from.
type Budget struct {
	compute.Budget
	// SlotsFrom, UnitsFrom and BytesFrom are FromHost, or "FILE:LINE".
	SlotsFrom, UnitsFrom, BytesFrom string
}

// Budgets puts the file's budgets over the derived ones. A pool that the machine does not have,
// such as a cloud provider, needs slots and units in the file. The result is sorted as derived, new
// pools behind. A nil Config changes nothing. Errors: *FieldError.
func (c *Config) Budgets(derived []compute.Budget) ([]Budget, error) {
	out := make([]Budget, len(derived))
	for i, b := range derived {
		out[i] = Budget{Budget: b, SlotsFrom: FromHost, UnitsFrom: FromHost, BytesFrom: FromHost}
	}
	if c == nil {
		return out, nil
	}
	for _, o := range c.budgets {
		i := slices.IndexFunc(out, func(b Budget) bool { return b.Pool == o.pool })
		if i < 0 {
			if err := o.complete(c.Path); err != nil {
				return nil, err
			}
			i = len(out)
			out = append(out, Budget{Budget: compute.Budget{Pool: o.pool}, BytesFrom: FromDefault})
		}
		for _, part := range []struct {
			value *Value
			to    *int64
			from  *string
		}{
			{o.slots, &out[i].Slots, &out[i].SlotsFrom}, {o.units, &out[i].Units, &out[i].UnitsFrom}, {o.bytes, &out[i].Bytes, &out[i].BytesFrom},
		} {
			if part.value != nil {
				*part.to, *part.from = part.value.Number, c.at(part.value.Line)
			}
		}
	}
	return out, nil
}

// complete refuses an entry that nothing can be derived for and that does not say enough itself.
func (o *override) complete(file string) error {
	field := ".slots"
	if o.slots != nil {
		field = ".units"
	}
	if o.slots != nil && o.units != nil {
		return nil
	}
	return &FieldError{File: file, Line: o.line, Field: o.field + field, Problem: fmt.Sprintf("missing: this machine has no %s to derive it from", o.pool)}
}

// Plain returns the budgets without their origins.
func Plain(budgets []Budget) []compute.Budget {
	out := make([]compute.Budget, len(budgets))
	for i, b := range budgets {
		out[i] = b.Budget
	}
	return out
}

// budgets reads the section.
func (r *reader) budgets(c *Config, n ast.Node) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, "budgets", "must be a list, one entry for each silicon")
		return
	}
	for i, item := range list.Values {
		path := fmt.Sprintf("budgets[%d]", i)
		o := override{line: line(item), field: path}
		before := len(r.mistakes)
		provider := r.budget(&o, item, path)
		if len(r.mistakes) > before {
			continue
		}
		r.check(c, &o, item, provider)
		c.budgets = append(c.budgets, o)
	}
}

// budget reads one entry and returns the node of its provider, nil without one.
func (r *reader) budget(o *override, item ast.Node, path string) (provider ast.Node) {
	for _, f := range r.mapping(item, path) {
		at := join(path, f.name)
		switch f.name {
		case "silicon":
			r.silicon(o, f.value, at)
		case "provider":
			value, isNumber, ok := r.scalar(f.value, at)
			if _, problem := text(value, isNumber); ok && problem != "" {
				r.fail(f.value, at, problem)
			}
			o.pool.Provider, provider = value, f.value
		case "slots":
			o.slots = r.number(f.value, at, count, 1)
		case "units":
			o.units = r.number(f.value, at, count, 1)
		case "bytes":
			o.bytes = r.number(f.value, at, size, 0)
		default:
			r.fail(f.key, at, "unknown key; known are silicon, provider, slots, units, bytes")
		}
	}
	return provider
}

// check refuses an entry without a silicon, a provider where none belongs, and a pool that is there
// twice.
func (r *reader) check(c *Config, o *override, item, provider ast.Node) {
	cloud := o.pool.Silicon == compute.SiliconCloud
	switch {
	case o.pool.Silicon == 0:
		r.fail(item, o.field+".silicon", "missing")
	case cloud && provider == nil:
		r.fail(item, o.field+".provider", "missing: a CLOUD budget is per provider")
	case !cloud && provider != nil:
		r.fail(provider, o.field+".provider", fmt.Sprintf("%s has no providers, only CLOUD has", o.pool.Silicon))
	case slices.ContainsFunc(c.budgets, func(other override) bool { return other.pool == o.pool }):
		r.fail(item, o.field, fmt.Sprintf("%s is there twice", o.pool))
	}
}

func (r *reader) silicon(o *override, n ast.Node, at string) {
	name, _, ok := r.scalar(n, at)
	if !ok {
		return
	}
	silicon, err := compute.ParseSilicon(name)
	var wrong *compute.FieldError
	if errors.As(err, &wrong) {
		r.fail(n, at, wrong.Problem)
		return
	}
	o.pool.Silicon = silicon
}

// most is the largest number of a budget.
const most = 1 << 50

// number reads a number of at least least.
func (r *reader) number(n ast.Node, at string, read func(string, bool) (Value, string), least int64) *Value {
	text, isNumber, ok := r.scalar(n, at)
	if !ok {
		return nil
	}
	value, problem := read(text, isNumber)
	if problem == "" && (value.Number < least || value.Number > most) {
		problem = fmt.Sprintf("%d is not between %d and %d", value.Number, least, int64(most))
	}
	if problem != "" {
		r.fail(n, at, problem)
		return nil
	}
	value.Line = line(n)
	return &value
}
