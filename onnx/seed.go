package onnx

import (
	"math"
	"math/rand/v2"

	"google.golang.org/protobuf/encoding/protowire"
)

// seedBits bounds a seed: ONNX holds it in a float, which counts to 2^24 without a gap.
const seedBits = 24

// Seed returns the model with a seed of its own in every node that draws random numbers and names
// none, and how many there were: without one, inference begins somewhere else in every process.
// Nodes of graphs inside of nodes are seeded too. The seeds follow from the given one and the order
// of the nodes in the file. A model that draws nothing comes back equal to the input.
func Seed(model []byte, seed uint64) ([]byte, int, error) {
	s := &seeder{source: rand.New(rand.NewPCG(seed, 0))}
	out, err := edited(model, s.graph)
	return out, s.nodes, err
}

type seeder struct {
	source *rand.Rand
	nodes  int
	within nesting
}

// draws reports whether an operator of ONNX makes random numbers.
func draws(op string) bool {
	switch op {
	case "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli":
		return true
	}
	return false
}

func (s *seeder) graph(msg []byte) ([]byte, error) {
	leave, err := s.within.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	return rewrite(msg, func(f field) (body []byte, replaced bool, err error) {
		if f.num != graphNode || f.kind != protowire.BytesType {
			return nil, false, nil
		}
		body, err = s.node(f.body)
		return body, true, err
	})
}

func (s *seeder) node(msg []byte) ([]byte, error) {
	op, err := nameOf(msg, nodeOpType)
	if err != nil {
		return nil, err
	}
	seeded := false
	out, err := rewrite(msg, func(f field) ([]byte, bool, error) {
		if f.num != nodeAttribute || f.kind != protowire.BytesType {
			return nil, false, nil
		}
		name, err := nameOf(f.body, attrName)
		seeded = seeded || name == "seed"
		if err != nil {
			return nil, false, err
		}
		body, err := rewrite(f.body, func(a field) ([]byte, bool, error) {
			if (a.num != attrGraph && a.num != attrGraphs) || a.kind != protowire.BytesType {
				return nil, false, nil
			}
			inner, err := s.graph(a.body)
			return inner, true, err
		})
		return body, true, err
	})
	if err != nil || seeded || !draws(op) {
		return out, err
	}
	s.nodes++
	return appendMessage(out, nodeAttribute, seedAttribute(s.source.Uint32N(1<<seedBits))), nil
}

// seedAttribute is an AttributeProto that is called seed.
func seedAttribute(seed uint32) []byte {
	out := appendMessage(nil, attrName, []byte("seed"))
	out = protowire.AppendTag(out, attrFloat, protowire.Fixed32Type)
	out = protowire.AppendFixed32(out, math.Float32bits(float32(seed)))
	return appendVarint(out, attrType, uint64(kindFloat))
}
