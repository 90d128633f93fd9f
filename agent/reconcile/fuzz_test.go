package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
)

// FuzzLook: attributes of dispatches are anybody's to write. Whatever stands there, a look ends,
// and what it does concerns dispatches that were there, of names that are ours, each at most once.
func FuzzLook(f *testing.F) {
	f.Add("a", "", "", "1", "b", "a", "ours", "x")
	f.Add("a", "b", "ours", "-1", "b", "a", "ours", "99999999999999999999")
	f.Add("a", "a", "other", "", "a", "a", "", "")
	f.Add("", "", "", "", "b", "", "", "")
	f.Fuzz(func(t *testing.T, id1, root1, agent1, attempt1, id2, root2, agent2, attempt2 string) {
		d := func(id, agent, root, of, attempt string) reconcile.Dispatch {
			return reconcile.Dispatch{ID: id, Room: "lobby", Agent: agent, Attributes: map[string]string{
				reconcile.AttributeDispatch: root, reconcile.AttributeAgent: of, reconcile.AttributeAttempt: attempt,
			}}
		}
		all := []reconcile.Dispatch{
			d(id1, "ours", root1, agent1, attempt1), d(id2, reconcile.ClaimAgent, root2, agent2, attempt2), d("z"+id1, agent2, root2, "", attempt1),
		}
		if id1 == id2 || id2 == "z"+id1 {
			return // no server gives an id twice
		}
		known := map[string]bool{}
		for _, d := range all {
			known[d.ID] = true
		}
		for _, acts := range reconcile.Looks("ours", all, time.Minute, 3) {
			done := map[string]bool{}
			for _, a := range acts {
				if !known[a.Target] || done[a.Target] || !a.Ours || strings.TrimSpace(a.Kind) == "" {
					t.Errorf("%+v of %+v", a, all)
				}
				done[a.Target] = true
			}
		}
	})
}
