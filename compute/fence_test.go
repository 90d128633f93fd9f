package compute_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestFence refuses results of older leases wherever they end up.
func TestFence(t *testing.T) {
	t.Parallel()
	var fence compute.Fence
	for _, step := range []struct {
		token uint64
		ok    bool
	}{{3, true}, {3, true}, {2, false}, {7, true}, {6, false}, {7, true}} {
		if err := fence.Pass(step.token); (err == nil) != step.ok || err != nil && !errors.Is(err, compute.ErrFenced) {
			t.Errorf("token %d: %v", step.token, err)
		}
	}
	var shared compute.Fence
	var group sync.WaitGroup
	for token := range uint64(200) {
		group.Go(func() { _ = shared.Pass(token) })
	}
	group.Wait()
	if shared.Pass(198) == nil || shared.Pass(199) != nil {
		t.Error("the highest of 200 tokens did not win")
	}
}
