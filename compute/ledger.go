package compute

import "math"

// ledger is one pool and what is taken from it.
type ledger struct {
	budget Budget
	slots  int64
	units  int64
	bytes  int64
	// pinned parts of the above, not expected to come back soon.
	pinnedSlots, pinnedUnits, pinnedBytes int64
	// reservedFor is the job that the pool is kept free for in the plan being made.
	reservedFor string
}

// neverFits returns the resource of which the cost exceeds the whole budget.
func (l *ledger) neverFits(cost Cost) *Shortage {
	switch {
	case cost.Units > l.budget.Units:
		return &Shortage{Resource: Units, Need: cost.Units, Free: l.budget.Units, Limit: l.budget.Units}
	case l.budget.Bytes > 0 && cost.Bytes > l.budget.Bytes:
		return &Shortage{Resource: Bytes, Need: cost.Bytes, Free: l.budget.Bytes, Limit: l.budget.Bytes}
	default:
		return nil
	}
}

// fits reports whether one more job of that cost has room. A job that takes nothing of a resource
// does not wait for it, even where more is held than the budget allows.
func (l *ledger) fits(cost Cost) bool {
	return l.slots < l.budget.Slots && room(cost.Units, l.units, l.budget.Units) &&
		(l.budget.Bytes == 0 || room(cost.Bytes, l.bytes, l.budget.Bytes))
}

// fitsBesidePinned reports whether the job will have room once everything that is not pinned has
// ended.
func (l *ledger) fitsBesidePinned(cost Cost) bool {
	return l.pinnedSlots < l.budget.Slots && room(cost.Units, l.pinnedUnits, l.budget.Units) &&
		(l.budget.Bytes == 0 || room(cost.Bytes, l.pinnedBytes, l.budget.Bytes))
}

func room(need, used, limit int64) bool { return need == 0 || need <= limit-used }

// shortage explains why a job does not fit.
func (l *ledger) shortage(cost Cost) *Shortage {
	switch {
	case l.slots >= l.budget.Slots:
		return &Shortage{Resource: Slots, Need: 1, Free: max(l.budget.Slots-l.slots, 0), Limit: l.budget.Slots}
	case !room(cost.Units, l.units, l.budget.Units):
		return &Shortage{Resource: Units, Need: cost.Units, Free: max(l.budget.Units-l.units, 0), Limit: l.budget.Units}
	default:
		return &Shortage{Resource: Bytes, Need: cost.Bytes, Free: max(l.budget.Bytes-l.bytes, 0), Limit: l.budget.Bytes}
	}
}

// take counts a job in. Sums stop at the largest number instead of wrapping.
func (l *ledger) take(cost Cost, done, pinned bool) {
	slot := int64(1)
	if done {
		slot, cost.Units = 0, 0
	}
	l.slots = plus(l.slots, slot)
	l.units = plus(l.units, cost.Units)
	l.bytes = plus(l.bytes, cost.Bytes)
	if pinned {
		l.pinnedSlots = plus(l.pinnedSlots, slot)
		l.pinnedUnits = plus(l.pinnedUnits, cost.Units)
		l.pinnedBytes = plus(l.pinnedBytes, cost.Bytes)
	}
}

// give takes a job out again.
func (l *ledger) give(cost Cost, done, pinned bool) {
	slot := int64(1)
	if done {
		slot, cost.Units = 0, 0
	}
	l.slots, l.units, l.bytes = l.slots-slot, l.units-cost.Units, l.bytes-cost.Bytes
	if pinned {
		l.pinnedSlots, l.pinnedUnits, l.pinnedBytes = l.pinnedSlots-slot, l.pinnedUnits-cost.Units, l.pinnedBytes-cost.Bytes
	}
}

func (l *ledger) use() PoolUse {
	return PoolUse{Budget: l.budget, UsedSlots: l.slots, UsedUnits: l.units, UsedBytes: l.bytes}
}

func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
