package house_test

import (
	"maps"
	"slices"
	"testing"
)

// upward lists the arrows that point up in the best order of the files that is found: files are put
// where they do least harm until none can be put better. It is the smallest number or close above
// it, and the same for the same arrows.
func upward(arrows uses) (up [][2]string) {
	order := names(arrows)
	for better := true; better; {
		better = false
		for _, file := range slices.Clone(order) {
			if moved := place(order, file, arrows); harm(moved, arrows) < harm(order, arrows) {
				order, better = moved, true
			}
		}
	}
	return against(order, arrows)
}

// names lists all files in order.
func names(arrows uses) []string {
	set := map[string]bool{}
	for from, to := range arrows {
		set[from] = true
		for name := range to {
			set[name] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// place returns the order with one file where it does least harm.
func place(order []string, file string, arrows uses) []string {
	rest := slices.DeleteFunc(slices.Clone(order), func(name string) bool { return name == file })
	best := order
	for i := range len(order) {
		if try := slices.Insert(slices.Clone(rest), i, file); harm(try, arrows) < harm(best, arrows) {
			best = try
		}
	}
	return best
}

func harm(order []string, arrows uses) int { return len(against(order, arrows)) }

// against lists the arrows that point from a file to one above it.
func against(order []string, arrows uses) (up [][2]string) {
	above := map[string]int{}
	for i, name := range order {
		above[name] = i
	}
	for _, from := range order {
		for _, to := range slices.Sorted(maps.Keys(arrows[from])) {
			if above[to] < above[from] {
				up = append(up, [2]string{from, to})
			}
		}
	}
	return up
}

// TestUpward: what can be ordered has no arrow that points up, a circle has one.
func TestUpward(t *testing.T) {
	for name, c := range map[string]struct {
		arrows map[string][]string
		want   int
	}{
		"none":         {nil, 0},
		"a chain":      {map[string][]string{"c": {"b"}, "b": {"a"}, "a": {"z"}}, 0},
		"a fork":       {map[string][]string{"c": {"a", "b"}, "b": {"a"}, "d": {"a", "c"}}, 0},
		"two in love":  {map[string][]string{"a": {"b"}, "b": {"a"}}, 1},
		"a circle":     {map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"a"}}, 1},
		"two circles":  {map[string][]string{"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}}, 2},
		"a hub":        {map[string][]string{"a": {"hub"}, "b": {"hub"}, "c": {"hub"}, "hub": {"a", "b"}}, 2},
		"everybody":    {map[string][]string{"a": {"b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}}, 3},
		"a long chain": {map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"e"}, "e": {"f"}, "f": {"g"}, "g": {"h"}}, 0},
	} {
		if got := upward(usesOf(c.arrows)); len(got) != c.want {
			t.Errorf("%s: %v, want %d", name, got, c.want)
		}
	}
}

func usesOf(arrows map[string][]string) uses {
	u := uses{}
	for from, files := range arrows {
		for _, to := range files {
			u.add(from, to, "name")
		}
	}
	return u
}
