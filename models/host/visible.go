package host

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The variables by which CUDA chooses and numbers the GPUs of a process. NVIDIA's management
// library heeds neither: it lists all of them, by their place on the PCI bus.
const (
	hideEnv  = "CUDA_VISIBLE_DEVICES"
	orderEnv = "CUDA_DEVICE_ORDER"
	// busOrder numbers GPUs by their place on the bus. Package compute/ort sets it unless somebody
	// has said otherwise; what CUDA does by itself, the fastest one first, only CUDA knows.
	busOrder = "PCI_BUS_ID"
)

// wanted is what the variable asks for: GPUs by number or by the beginning of their UUID.
type wanted struct {
	numbers []int
	uuids   []string
}

// none tells whether no GPU is asked for at all.
func (w *wanted) none() bool { return len(w.numbers)+len(w.uuids) == 0 }

// read takes the variable apart as CUDA does: what stands behind the first name that is none does
// not count, and one that stands there twice hides all. Errors: *VisibleError for parts of GPUs.
func read(value string) (w wanted, err error) {
	switch {
	case strings.HasPrefix(value, "MIG-"):
		return w, &VisibleError{hideEnv, value, "parts of GPUs are not told apart here: name whole ones"}
	case strings.HasPrefix(value, "GPU-"):
		for _, name := range strings.Split(value, ",") {
			if !strings.HasPrefix(name, "GPU-") {
				return w, nil
			}
			if slices.Contains(w.uuids, name) {
				return wanted{}, nil
			}
			w.uuids = append(w.uuids, name)
		}
		return w, nil
	}
	for _, name := range strings.Split(value, ",") {
		n, ok := number(strings.TrimSpace(name))
		if !ok {
			return w, nil
		}
		if slices.Contains(w.numbers, n) {
			return wanted{}, nil
		}
		w.numbers = append(w.numbers, n)
	}
	return w, nil
}

// number is the number that a name begins with, as C reads one; ok is false for none, and for one
// below zero.
func number(name string) (n int, ok bool) {
	name = strings.TrimPrefix(name, "+")
	end := strings.IndexFunc(name+" ", func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(name[:end])
	return n, err == nil
}

// visible maps the numbers by which CUDA knows the GPUs of a process to their places on the bus, by
// the UUIDs of all that are there in the order of the bus. Where they are named by number the UUIDs
// may be empty. It is pure.
func (w *wanted) visible(uuids []string) []int {
	var out []int
	for _, n := range w.numbers {
		if n >= len(uuids) {
			return out
		}
		out = append(out, n)
	}
	for _, begin := range w.uuids {
		at := -1
		for i, uuid := range uuids {
			if !strings.HasPrefix(uuid, begin) {
				continue
			}
			if at >= 0 {
				return out // it may be either
			}
			at = i
		}
		if at < 0 {
			return out
		}
		if slices.Contains(out, at) {
			return nil
		}
		out = append(out, at)
	}
	return out
}

// ordered refuses numbers of several GPUs in an order that only CUDA knows; UUIDs need none.
// Errors: *VisibleError.
func (w *wanted) ordered(env func(string) (string, bool), gpus int) error {
	value, _ := env(orderEnv)
	if value == "" || value == busOrder || gpus < 2 || len(w.uuids) > 0 {
		return nil
	}
	return &VisibleError{orderEnv, value, fmt.Sprintf("only CUDA knows which of the %d is which then: leave it out, or name them by UUID in %s", gpus, hideEnv)}
}
