package torch

import (
	"encoding/binary"
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// The values of a pickle, beside string, int64, bool and nil.
type (
	mark  struct{}
	class string // module and name, as in "torch FloatStorage"
	tuple []any
	long  []byte // an integer of more than 8 bytes, little-endian
	list  struct{ items []any }
	dict  struct{ keys, values []any }

	// storage is where values lie; view is a part of one, and what a weight is.
	storage struct {
		class class
		key   string
		count int64 // values
	}
	view struct {
		of            storage
		offset        int64 // values from the start of the storage
		dims, strides []int64
	}
)

// maxLine bounds the name of a class, maxMemo what is remembered, maxAxes the axes of a weight.
// maxPickle bounds the bytes of a pickle: a weight takes some 150 of them, a network has thousands
// at most.
const (
	maxLine   = 256
	maxMemo   = 1 << 20
	maxAxes   = 4
	maxPickle = 16 << 20
)

// machine reads one pickle.
type machine struct {
	s      *ggml.Scanner
	start  int64 // of the pickle in the scanner
	stack  []any
	memo   map[uint32]any
	stored map[string]storage // by key
	done   bool
}

// unpickle reads one pickle from where the scanner stands. Errors are the scanner's.
func unpickle(s *ggml.Scanner) any {
	m := &machine{s: s, start: s.Pos(), memo: map[uint32]any{}, stored: map[string]storage{}}
	for !m.done && s.Err() == nil {
		m.step()
	}
	out := m.pop()
	if len(m.stack) > 0 {
		m.fail("values are left over")
	}
	if s.Err() != nil {
		return nil
	}
	return out
}

func (m *machine) fail(format string, args ...any) {
	m.s.Fail("pickle", fmt.Errorf("%w: %s", ErrPickle, fmt.Sprintf(format, args...)))
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() any {
	if len(m.stack) == 0 {
		m.fail("a value is missing")
		return nil
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v
}

// marked takes what stands above the last mark, and the mark.
func (m *machine) marked() []any {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, is := m.stack[i].(mark); is {
			out := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return out
		}
	}
	m.fail("a mark is missing")
	return nil
}

// taken takes so many values, the last one last.
func (m *machine) taken(n int) tuple {
	out := make(tuple, n)
	for i := n - 1; i >= 0; i-- {
		out[i] = m.pop()
	}
	return out
}

// bytes reads so many.
func (m *machine) bytes(n int64) []byte {
	if n > maxPickle-(m.s.Pos()-m.start) {
		m.fail("more than %d bytes", maxPickle)
	}
	return m.s.Bytes("pickle", n)
}

// number reads a little-endian integer of so many bytes.
func (m *machine) number(bytes int64) uint64 {
	var b [8]byte
	copy(b[:], m.bytes(bytes))
	return binary.LittleEndian.Uint64(b[:])
}

// line reads up to the next line break.
func (m *machine) line() string {
	var out []byte
	for len(out) < maxLine {
		b := byte(m.number(1))
		if m.s.Err() != nil || b == '\n' {
			return string(out)
		}
		out = append(out, b)
	}
	m.fail("a name of more than %d bytes", maxLine)
	return ""
}

// long reads the integer of so many bytes.
func (m *machine) long(bytes int64) {
	raw := m.bytes(bytes)
	if len(raw) > 8 {
		m.push(long(raw))
		return
	}
	var b [8]byte
	copy(b[:], raw)
	v := int64(binary.LittleEndian.Uint64(b[:]))
	if n := len(raw); n > 0 && n < 8 && raw[n-1]&0x80 != 0 {
		v -= 1 << (8 * n)
	}
	m.push(v)
}

func (m *machine) remember(at uint32) {
	if len(m.stack) == 0 || len(m.memo) >= maxMemo {
		m.fail("nothing to remember, or too much")
		return
	}
	m.memo[at] = m.stack[len(m.stack)-1]
}

func (m *machine) recall(at uint32) {
	v, ok := m.memo[at]
	if !ok {
		m.fail("nothing is remembered as %d", at)
		return
	}
	m.push(v)
}

// step reads one opcode and does what it says.
func (m *machine) step() {
	op := byte(m.number(1))
	if m.s.Err() != nil || m.value(op) || m.container(op) {
		return
	}
	switch op {
	case 0x80: // PROTO
		if v := m.number(1); v > 4 {
			m.fail("protocol %d", v)
		}
	case '.': // STOP
		m.done = true
	case 'q': // BINPUT
		m.remember(uint32(m.number(1)))
	case 'r': // LONG_BINPUT
		m.remember(uint32(m.number(4)))
	case 'h': // BINGET
		m.recall(uint32(m.number(1)))
	case 'j': // LONG_BINGET
		m.recall(uint32(m.number(4)))
	case 'c': // GLOBAL
		module := m.line()
		m.push(class(module + " " + m.line()))
	case 'R': // REDUCE
		args := m.pop()
		m.push(m.made(m.pop(), args))
	case 'b': // BUILD: the attributes of an object; nothing of a state dictionary is in them
		m.pop()
	case 'Q': // BINPERSID
		m.push(m.reference(m.pop()))
	default:
		m.fail("opcode %#02x", op)
	}
}

// value does the opcodes that push a plain value, and says whether op is one.
func (m *machine) value(op byte) bool {
	switch op {
	case 'N': // NONE
		m.push(nil)
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		m.push(op == 0x88)
	case 'K': // BININT1
		m.push(int64(m.number(1)))
	case 'M': // BININT2
		m.push(int64(m.number(2)))
	case 'J': // BININT
		m.push(int64(int32(m.number(4))))
	case 0x8a: // LONG1
		m.long(int64(m.number(1)))
	case 'X': // BINUNICODE
		m.push(string(m.bytes(int64(m.number(4)))))
	default:
		return false
	}
	return true
}

// container does the opcodes of tuples, lists and dictionaries, and says whether op is one.
func (m *machine) container(op byte) bool {
	switch op {
	case '(': // MARK
		m.push(mark{})
	case ')': // EMPTY_TUPLE
		m.push(tuple{})
	case ']': // EMPTY_LIST
		m.push(&list{})
	case '}': // EMPTY_DICT
		m.push(&dict{})
	case 't': // TUPLE
		m.push(tuple(m.marked()))
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		m.push(m.taken(int(op - 0x84)))
	case 'a': // APPEND
		m.appended(m.taken(1))
	case 'e': // APPENDS
		m.appended(m.marked())
	case 's': // SETITEM
		m.set(m.taken(2))
	case 'u': // SETITEMS
		m.set(m.marked())
	default:
		return false
	}
	return true
}

func (m *machine) appended(values []any) {
	l, ok := m.pop().(*list)
	if !ok {
		m.fail("values for no list")
		return
	}
	l.items = append(l.items, values...)
	m.push(l)
}

func (m *machine) set(pairs []any) {
	d, ok := m.pop().(*dict)
	if !ok || len(pairs)%2 != 0 {
		m.fail("pairs for no dictionary, or half a pair")
		return
	}
	for i := 0; i < len(pairs); i += 2 {
		d.keys, d.values = append(d.keys, pairs[i]), append(d.values, pairs[i+1])
	}
	m.push(d)
}
