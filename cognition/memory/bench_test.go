package memory_test

import (
	"fmt"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// many are memories about several people, as many about each as there may be.
func many() []memory.Memory {
	var out []memory.Memory
	for n := range 8 * memory.DefaultBudget {
		out = append(out, held(n, fmt.Sprintf("I like the dish number %d in Utrecht", n), memory.PersonSubject(fmt.Sprint("guest-", n%8)), nil))
	}
	return append(out, plainLast())
}

func plainLast() memory.Memory { return held(0, "I like tulips", "person:ada", nil) }

// BenchmarkHeard is one request to remember something beside 513 memories.
func BenchmarkHeard(b *testing.B) {
	known := many()
	k := memory.NewKeeper(*gate(), "lobby", memory.Auto)
	u := said(1, "Iris, please remember that I like yellow roses")
	for b.Loop() {
		d, _, err := k.Heard(u, known)
		if err != nil || len(d) != 1 || d[0].Outcome != memory.Admit {
			b.Fatalf("%+v, %v", d, err)
		}
	}
}

// BenchmarkRecall writes a block of the most bytes from 513 memories.
func BenchmarkRecall(b *testing.B) {
	known := many()
	q := memory.Query{Room: "lobby", Now: noon, Present: everybody(), Text: "where are the tulips, and what dish is number 7?"}
	for b.Loop() {
		if got := memory.Recall(known, q); len(got.IDs) == 0 {
			b.Fatal("nothing")
		}
	}
}

// BenchmarkConsolidate tidies 513 memories.
func BenchmarkConsolidate(b *testing.B) {
	known := many()
	for b.Loop() {
		gate().Consolidate(known, noon)
	}
}
