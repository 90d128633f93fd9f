package ending

import (
	"cmp"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
)

// Bounds of what Goroutines names.
const (
	maxGoroutines = 10_000
	maxGroups     = 40
)

// Goroutines names what the goroutines of this process are doing, the most frequent first: how
// many, the innermost function that is not of the runtime, its place, and where the goroutine
// began.
func Goroutines() string {
	records := make([]runtime.StackRecord, maxGoroutines)
	n, _ := runtime.GoroutineProfile(records) // with more than that, none is given
	groups := map[string]int{}
	for _, r := range records[:min(n, len(records))] {
		if what := describe(r.Stack()); what != "" {
			groups[what]++
		}
	}
	lines := make([]string, 0, len(groups))
	for what, count := range groups {
		lines = append(lines, fmt.Sprintf("%4d × %s", count, what))
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Or(cmp.Compare(b[:4], a[:4]), cmp.Compare(a, b)) })
	if more := len(lines) - maxGroups; more > 0 {
		lines = append(lines[:maxGroups], fmt.Sprintf("and %d more kinds", more))
	}
	return strings.Join(lines, "\n")
}

// describe is empty for goroutines of the runtime itself.
func describe(stack []uintptr) string {
	frames := runtime.CallersFrames(stack)
	inner, outer := "", ""
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			if inner == "" {
				inner = fmt.Sprintf("%s (%s:%d)", short(f.Function), path.Base(f.File), f.Line)
			}
			outer = short(f.Function)
		}
		if !more {
			break
		}
	}
	if inner == "" {
		return ""
	}
	return inner + ", begun in " + outer
}

// short leaves out the folders of a function's package.
func short(function string) string { return path.Base(function) }
