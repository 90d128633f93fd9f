package onnx

import (
	"fmt"
	"io"
	"slices"
)

// Outline is what a file says of its graph without its weights.
type Outline struct {
	// Opset is the version of the standard operators; 0 where the file does not say.
	Opset int64
	// Nodes are those of the graph itself, in the order of the file; nodes of branches are not
	// among them.
	Nodes []NodeAt
	// External lists the files that hold weights, by their path from the graph's own folder,
	// wherever the graph names them: sorted, each once.
	External []string
}

// NodeAt is a node as it stands in a file, without its attributes. Both names of the standard
// operators, "" and "ai.onnx", are "".
type NodeAt struct {
	Node
	At     []int64 // for each input, the offset in bytes at which its name begins
	Nested bool    // holds graphs of its own
}

// Bounds of what Scan reads. Published graphs have some ten thousand nodes, names of a few hundred
// bytes, and one file of weights beside them, or one for each tensor.
const (
	maxText      = 4096    // bytes of a name
	maxDepth     = 64      // messages that lie in each other
	maxLocations = 10_000  // mentions of files of weights
	maxNodes     = 1 << 20 // of the graph itself
)

// Scan reads the outline of a file from its beginning to its end. It passes over tensors, reading
// none of them, so that it costs little for a file of any size. An error is ErrCorrupt, or of
// reading, wrapped; the outline then holds what was found before it.
func Scan(r io.ReadSeeker) (*Outline, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return &Outline{}, fmt.Errorf("read a graph: %w", err)
	}
	s := &scanner{in: newReader(r)}
	err = s.model(size)
	slices.Sort(s.out.External)
	s.out.External = slices.Compact(s.out.External)
	return &s.out, err
}

// scanner goes down through the messages of a file: one method for each kind, from where it begins
// up to an offset. depth counts the messages around it.
type scanner struct {
	in  *reader
	out Outline
}

func (s *scanner) model(end int64) error {
	return s.in.each(end, 0, func(f head) error {
		switch {
		case f.is(modelGraph):
			return s.graph(f.end, 1, func(n NodeAt) error {
				s.out.Nodes = append(s.out.Nodes, n)
				return atMost(maxNodes, len(s.out.Nodes))
			})
		case f.is(modelOpset):
			return s.opset(f.end, 1)
		}
		return s.in.pass(f)
	})
}

func (s *scanner) opset(end int64, depth int) error {
	var set Opset
	err := s.in.each(end, depth, func(f head) (err error) {
		switch {
		case f.is(opsetDomain):
			set.Domain, err = s.in.text(f)
			return err
		case f.field == opsetVersion:
			set.Version = int64(f.number)
		}
		return s.in.pass(f)
	})
	if standard(set.Domain) == "" {
		s.out.Opset = set.Version
	}
	return err
}

// graph hands its nodes to keep.
func (s *scanner) graph(end int64, depth int, keep func(NodeAt) error) error {
	return s.in.each(end, depth, func(f head) error {
		switch {
		case f.is(graphNode):
			n, err := s.node(f.end, depth+1)
			if err != nil {
				return err
			}
			return keep(n)
		case f.is(graphInitializer):
			return s.tensor(f.end, depth+1)
		}
		return s.in.pass(f)
	})
}

func (s *scanner) node(end int64, depth int) (n NodeAt, err error) {
	err = s.in.each(end, depth, func(f head) (err error) {
		at, name := s.in.at, ""
		switch {
		case f.is(nodeInput):
			name, err = s.in.text(f)
			n.Inputs, n.At = append(n.Inputs, name), append(n.At, at)
		case f.is(nodeOutput):
			name, err = s.in.text(f)
			n.Outputs = append(n.Outputs, name)
		case f.is(nodeName):
			n.Name, err = s.in.text(f)
		case f.is(nodeOpType):
			n.Op, err = s.in.text(f)
		case f.is(nodeDomain):
			n.Domain, err = s.in.text(f)
		case f.is(nodeAttribute):
			return s.attribute(f.end, depth+1, &n.Nested)
		default:
			return s.in.pass(f)
		}
		return err
	})
	n.Domain = standard(n.Domain)
	return n, err
}

func (s *scanner) attribute(end int64, depth int, nested *bool) error {
	return s.in.each(end, depth, func(f head) error {
		switch {
		case f.is(attrTensor), f.is(attrTensors):
			return s.tensor(f.end, depth+1)
		case f.is(attrGraph), f.is(attrGraphs):
			*nested = true
			return s.graph(f.end, depth+1, func(NodeAt) error { return nil })
		}
		return s.in.pass(f)
	})
}

func (s *scanner) tensor(end int64, depth int) error {
	return s.in.each(end, depth, func(f head) error {
		if !f.is(tensorExternal) {
			return s.in.pass(f)
		}
		file, err := s.location(f.end, depth+1)
		if file == nil || err != nil {
			return err
		}
		s.out.External = append(s.out.External, *file)
		return atMost(maxLocations, len(s.out.External))
	})
}

// location is what an entry of a tensor's external data says of its file; nil where it says
// something else, such as an offset.
func (s *scanner) location(end int64, depth int) (*string, error) {
	var key, value string
	err := s.in.each(end, depth, func(f head) (err error) {
		switch {
		case f.is(entryKey):
			key, err = s.in.text(f)
		case f.is(entryValue):
			value, err = s.in.text(f)
		default:
			return s.in.pass(f)
		}
		return err
	})
	if key != "location" {
		return nil, err
	}
	return &value, err
}

func atMost(limit, have int) error {
	if have > limit {
		return corrupt("more parts than any model has")
	}
	return nil
}

// standard is the domain of an operator; the standard one has two names.
func standard(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}
