package context

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// Key identifies the beginning of a prompt up to the end of one of its segments, in 24 hexadecimal
// digits. The empty key is that of the beginning itself.
type Key string

// keyBytes is how much of a digest a key shows. 96 bits keep prompts of one installation apart;
// they do not withstand somebody who searches for two that collide.
const keyBytes = 12

// Next is the key behind one more segment: the first 12 bytes of SHA-256 over the key before it,
// the segment's kind and its bytes, each behind its length as eight bytes, most significant first.
func Next(before Key, kind prompt.Kind, bytes string) Key {
	h := sha256.New()
	var length [8]byte
	for _, field := range []string{string(before), string(kind), bytes} {
		binary.BigEndian.PutUint64(length[:], uint64(len(field)))
		h.Write(length[:])
		h.Write([]byte(field))
	}
	return Key(hex.EncodeToString(h.Sum(nil)[:keyBytes]))
}

// Chain is a prompt's segments, each with the key of everything up to its end.
type Chain struct {
	segments []prompt.Segment
	keys     []Key
}

// ChainOf computes the keys of a prompt's segments. What it begins with like before, an older chain
// of the same conversation or an empty one, is not computed again.
func ChainOf(segments []prompt.Segment, before Chain) Chain {
	c := Chain{segments: segments, keys: make([]Key, len(segments))}
	last, same := Key(""), true
	for i, s := range segments {
		same = same && i < len(before.segments) && equal(s, before.segments[i])
		if same {
			last = before.keys[i]
		} else {
			last = Next(last, s.Kind, s.Bytes())
		}
		c.keys[i] = last
	}
	return c
}

// equal tells whether a model reads the same.
func equal(a, b prompt.Segment) bool {
	return a.Kind == b.Kind && a.Role == b.Role && a.Text == b.Text
}

// Keys are the keys of all segments in order. They are the chain's, and not to be changed.
func (c Chain) Keys() []Key { return c.keys }

// Persona is the key behind the persona's prompt: prompts of one persona with one set of tools have
// it in common, whatever was said. It is empty where the prompt has no such segment.
func (c Chain) Persona() Key { return c.behind(prompt.KindPersona) }

// Prefix is the key behind everything before the tail. The tail, and with it whatever is new in
// every turn, is in no key that outlives the turn.
func (c Chain) Prefix() Key {
	for i := len(c.segments) - 1; i >= 0; i-- {
		if c.segments[i].Kind != prompt.KindTail {
			return c.keys[i]
		}
	}
	return ""
}

// behind is the key behind the last segment of a kind.
func (c Chain) behind(kind prompt.Kind) Key {
	for i := len(c.segments) - 1; i >= 0; i-- {
		if c.segments[i].Kind == kind {
			return c.keys[i]
		}
	}
	return ""
}
