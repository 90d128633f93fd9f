package generate

import (
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// Names of the tensors of key/value caches, and the operator that can append to them where they
// lie.
const (
	prefixPast     = "past_key_values."
	prefixPresent  = "present."
	runtimeOps     = "com.microsoft"
	appendingOp    = "GroupQueryAttention"
	appendingPast  = 3 // its inputs 3 and 4 are past key and past value
	appendingReady = 1 // its outputs 1 and 2 are present key and present value
)

// appends reports whether a decoder graph may be given one piece of memory as past and present:
// each cache goes into one GroupQueryAttention and comes out of the same one, and nothing else
// looks at it. That operator then takes the length of the past from the attention mask and writes
// only the new tokens (ONNX Runtime, contrib operators, "past_present_share_buffer").
func (s graphScan) appends() bool {
	caches := 0
	for i := range s.Nodes {
		count, ok := appendsTo(&s.Nodes[i])
		if !ok {
			return false
		}
		caches += count
	}
	return caches > 0
}

// appendsTo counts the caches that a node appends to; ok is false where it does anything else with
// one.
func appendsTo(n *onnx.NodeAt) (count int, ok bool) {
	if n.Nested {
		return 0, false
	}
	for i, name := range n.Inputs {
		if strings.HasPrefix(name, prefixPresent) {
			return 0, false // a layer that shares the cache would find it as long as its memory
		}
		rest, cache := strings.CutPrefix(name, prefixPast)
		if !cache {
			continue
		}
		out := i - appendingPast + appendingReady
		if n.Op != appendingOp || n.Domain != runtimeOps || i < appendingPast || i > appendingPast+1 ||
			out >= len(n.Outputs) || n.Outputs[out] != prefixPresent+rest {
			return 0, false
		}
		count++
	}
	return count, true
}

// grouped reports whether the graph uses the operator at all.
func (s graphScan) grouped() bool {
	return slices.ContainsFunc(s.Nodes, func(n onnx.NodeAt) bool { return n.Op == appendingOp && n.Domain == runtimeOps })
}

// fitProvider refuses a graph that the runtime would run in part on the processor, without a word:
// on CUDA, GroupQueryAttention exists for float16 only (ONNX Runtime 1.31,
// contrib_ops/cuda/bert/group_query_attention.cc).
func (d *decoder) fitProvider(p ort.Provider) error {
	if p == ort.CUDA && d.grouped && d.kvKind == ort.TypeFloat32 {
		return graphError(graphDecoder, appendingOp, "does not exist in float32 on %v; take a float16 export", p)
	}
	return nil
}
