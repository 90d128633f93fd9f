package context_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

var noon = time.Date(2026, 11, 28, 12, 3, 0, 0, time.UTC)

// segment is one of a user's.
func segment(kind prompt.Kind, text string) prompt.Segment {
	return prompt.Segment{Kind: kind, Role: prompt.User, Text: text}
}

// TestKeyIsADigestOfLengthsAndBytes computes one by hand.
func TestKeyIsADigestOfLengthsAndBytes(t *testing.T) {
	first := context.Next("", prompt.KindTools, "")
	sum := sha256.Sum256([]byte("\x00\x00\x00\x00\x00\x00\x00\x18" + string(first) + "\x00\x00\x00\x00\x00\x00\x00\x07persona\x00\x00\x00\x00\x00\x00\x00\x03abc"))
	if got, want := context.Next(first, prompt.KindPersona, "abc"), hex.EncodeToString(sum[:12]); string(got) != want || len(got) != 24 {
		t.Errorf("%s, want %s", got, want)
	}
	// Where one field ends and the next begins is part of the key.
	keys := map[context.Key]bool{}
	for _, k := range []context.Key{
		context.Next("ab", "c", "d"), context.Next("a", "bc", "d"), context.Next("a", "b", "cd"), context.Next("", "abc", "d"), context.Next("abc", "", "d"),
	} {
		keys[k] = true
	}
	if len(keys) != 5 {
		t.Errorf("%d different keys of 5 prompts", len(keys))
	}
}

// TestKeysChangeFromTheChangedSegmentOn changes one segment of a random prompt.
func TestKeysChangeFromTheChangedSegmentOn(t *testing.T) {
	kinds := []prompt.Kind{prompt.KindTools, prompt.KindPersona, prompt.KindMemory, prompt.KindTranscript, prompt.KindTail}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "segments")
		a := make([]prompt.Segment, n)
		for i := range a {
			a[i] = prompt.Segment{
				Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Role: rapid.SampledFrom([]prompt.Role{prompt.User, prompt.Assistant}).Draw(t, "role"),
				Text: rapid.String().Draw(t, "text"), Note: rapid.String().Draw(t, "note"),
			}
		}
		at := rapid.IntRange(0, n-1).Draw(t, "changed")
		b := slices.Clone(a)
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			b[at].Text += "x"
		case 1:
			b[at].Kind += "x"
		case 2:
			b[at].Role += "x"
		}
		for i := range b {
			b[i].Note += "!"
		}
		before := context.ChainOf(a, context.Chain{})
		fresh := context.ChainOf(b, context.Chain{})
		helped := context.ChainOf(b, before)
		if !slices.Equal(fresh.Keys(), helped.Keys()) {
			t.Fatalf("with the chain before %v, without %v", helped.Keys(), fresh.Keys())
		}
		for i := range b {
			if same := before.Keys()[i] == fresh.Keys()[i]; same != (i < at) {
				t.Fatalf("segment %d of %d, changed at %d: same key %v", i, n, at, same)
			}
		}
	})
}

func TestPersonaAndPrefix(t *testing.T) {
	who := prompt.Persona{Name: "Iris", Instructions: "You are Iris.", Tools: []string{"b", "a"}, Memory: "m"}
	traits := prompt.Traits{Window: 1000, Instructions: true, History: true, Frame: 4, Empty: 3, Count: func(text string) int { return len(text) }}
	chain := func(who prompt.Persona, lines int, tail prompt.Tail) context.Chain {
		c, err := prompt.NewConversation(who, traits, prompt.Limits{Answer: 10})
		if err != nil {
			t.Fatal(err)
		}
		var asked prompt.Line
		for i := range uint64(lines) {
			asked = prompt.Line{Seq: i, Speaker: "Ada", Text: fmt.Sprint("line ", i)}
			c.Append(noon, asked)
		}
		p, err := c.Ask(noon, asked, tail)
		if err != nil {
			t.Fatal(err)
		}
		return context.ChainOf(p.Segments, context.Chain{})
	}
	one := chain(who, 1, prompt.Tail{})
	later := chain(who, 5, prompt.Tail{})
	noted := chain(who, 5, prompt.Tail{Time: "noon"})
	if one.Persona() != later.Persona() || one.Persona() != one.Keys()[1] {
		t.Error("the persona's key depends on what was said")
	}
	if one.Prefix() != one.Keys()[2] || later.Prefix() != later.Keys()[6] || later.Prefix() != noted.Prefix() {
		t.Error("the prefix is not what stands before the tail")
	}
	slices.Reverse(who.Tools)
	if chain(who, 1, prompt.Tail{}).Persona() != one.Persona() {
		t.Error("the order of tools is in the key")
	}
	who.Memory = "n"
	if got := chain(who, 1, prompt.Tail{}); got.Persona() != one.Persona() || got.Prefix() == one.Prefix() {
		t.Error("the memory is in the persona's key, or not in the prefix")
	}
	who.Instructions = "You are Max."
	if chain(who, 1, prompt.Tail{}).Persona() == one.Persona() {
		t.Error("two personas have one key")
	}
	only := context.ChainOf([]prompt.Segment{segment(prompt.KindPersona, "x")}, context.Chain{})
	if key := only.Keys()[0]; only.Persona() != key || only.Prefix() != key {
		t.Errorf("keys of one segment %s: %q, %q", key, only.Persona(), only.Prefix())
	}
	none := context.ChainOf([]prompt.Segment{segment(prompt.KindTail, "x")}, context.Chain{})
	if none.Persona() != "" || none.Prefix() != "" {
		t.Errorf("keys of what is not there: %q, %q", none.Persona(), none.Prefix())
	}
}
