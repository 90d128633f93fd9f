package torch

import (
	"cmp"
	"slices"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// element is what a storage of a class holds: bytes of one value, and the type, where weights are
// read of it.
type element struct {
	size    int64
	kind    ggml.Type
	weights bool
}

// elements are the storages that a state dictionary may name.
func elements(c class) (element, bool) {
	switch c {
	case "torch FloatStorage":
		return element{4, ggml.F32, true}, true
	case "torch HalfStorage":
		return element{2, ggml.F16, true}, true
	case "torch BFloat16Storage":
		return element{2, ggml.BF16, true}, true
	case "torch DoubleStorage", "torch LongStorage":
		return element{size: 8}, true
	case "torch IntStorage":
		return element{size: 4}, true
	case "torch ShortStorage":
		return element{size: 2}, true
	case "torch ByteStorage", "torch CharStorage", "torch BoolStorage":
		return element{size: 1}, true
	}
	return element{}, false
}

// made is what a call of a known class gives: an empty dictionary, or a part of a storage.
func (m *machine) made(of, with any) any {
	args, ok := with.(tuple)
	if !ok {
		m.fail("a call without arguments")
		return nil
	}
	switch of {
	case class("collections OrderedDict"):
		if len(args) == 0 {
			return &dict{}
		}
	case class("torch._utils _rebuild_parameter"):
		if len(args) > 0 {
			if v, ok := args[0].(view); ok {
				return v
			}
		}
	case class("torch._utils _rebuild_tensor_v2"):
		if v, ok := rebuilt(args); ok {
			return v
		}
	}
	name, _ := of.(class)
	m.fail("a call of %.80q with %d arguments", string(name), len(args))
	return nil
}

// rebuilt is the weight that the arguments (storage, offset, sizes, strides, …) describe.
func rebuilt(args tuple) (view, bool) {
	if len(args) < 4 {
		return view{}, false
	}
	s, a := args[0].(storage)
	offset, b := args[1].(int64)
	dims, c := integers(args[2])
	strides, d := integers(args[3])
	ok := a && b && c && d && len(dims) == len(strides) && offset >= 0
	return view{of: s, offset: offset, dims: dims, strides: strides}, ok
}

// integers copies a tuple of so many at most as a weight has axes: a pickle may name a long one
// many times.
func integers(of any) ([]int64, bool) {
	t, ok := of.(tuple)
	if len(t) > maxAxes {
		return nil, false
	}
	out := make([]int64, len(t))
	for i := range t {
		var is bool
		out[i], is = t[i].(int64)
		ok = ok && is
	}
	return out, ok
}

// reference is the storage that a persistent id ("storage", class, key, device, count, …) names.
func (m *machine) reference(id any) any {
	t, _ := id.(tuple)
	if len(t) < 5 || t[0] != "storage" {
		m.fail("a reference to no storage")
		return nil
	}
	c, a := t[1].(class)
	key, b := t[2].(string)
	count, d := t[4].(int64)
	_, known := elements(c)
	if !a || !b || !d || !known || count < 0 || len(t) > 5 && t[5] != nil {
		m.fail("a reference to the storage %.80q of %.80q", key, string(c))
		return nil
	}
	out := storage{class: c, key: key, count: count}
	if before, twice := m.stored[key]; twice && before != out {
		m.fail("storage %.80q is %d values of %q, and %d of %q", key, before.count, string(before.class), count, string(c))
		return nil
	}
	m.stored[key] = out
	return out
}

// dense tells whether values lie one behind another, in whatever order of the axes.
func (v *view) dense() bool {
	axes := make([]int, len(v.dims))
	for i := range axes {
		axes[i] = i
	}
	slices.SortStableFunc(axes, func(a, b int) int { return cmp.Compare(v.strides[a], v.strides[b]) })
	next := int64(1)
	for _, i := range axes {
		if v.dims[i] < 0 || v.dims[i] > 1 && v.strides[i] != next {
			return false
		}
		if v.dims[i] > 0 && next > (1<<40)/v.dims[i] {
			return false // larger than any file
		}
		next *= v.dims[i]
	}
	return true
}
