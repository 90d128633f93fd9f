package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// maxPolicy bounds a policy file, in bytes: one with every key is under 2 KiB.
const maxPolicy = 64 << 10

// said is what a text says of a policy, over the one that holds otherwise.
type said []func(*turn.Policy)

func (s said) over(p turn.Policy) turn.Policy {
	for _, set := range s {
		set(&p)
	}
	return p
}

// ReadPolicy reads how a room's conversation goes: one YAML document with the keys of PolicyKeys.
// What it does not say is as in turn.Default. name is used in messages. Errors: *FieldError, or
// FieldErrors where there are several; each names its key.
func ReadPolicy(name string, data []byte) (turn.Policy, error) {
	r := &reader{file: name}
	s := r.policyFile(data)
	if err := r.mistakes.err(); err != nil {
		return turn.Policy{}, err
	}
	return s.over(turn.Default()), nil
}

// LoadPolicy reads such a file. Errors: those of ReadPolicy, or ErrConfig with the reader's error.
func LoadPolicy(path string) (turn.Policy, error) {
	data, err := readFile(path, maxPolicy)
	if err != nil {
		return turn.Policy{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return ReadPolicy(path, data)
}

// policyFile reads a document that is a policy.
func (r *reader) policyFile(data []byte) (s said) {
	// As in Parse: a text that crashes the YAML library must not take the program down.
	defer func() {
		if cause := recover(); cause != nil {
			s = nil
			r.problem(0, "", fmt.Sprintf("unreadable YAML: %v", cause))
		}
	}()
	if len(data) > maxPolicy {
		r.problem(0, "", fmt.Sprintf("longer than %d bytes", maxPolicy))
		return nil
	}
	body, err := document(r.file, data)
	switch {
	case err != nil:
		r.mistakes = append(r.mistakes, err)
	case body != nil && !empty(body):
		s, _ = r.policy(body, "")
	}
	return s
}

// policy reads a mapping of the keys of a policy, and returns where each of them stands.
func (r *reader) policy(n ast.Node, at string) (s said, lines map[string]int) {
	lines = map[string]int{}
	before := len(r.mistakes)
	for _, f := range r.mapping(n, at) {
		if k, ok := policyKey(f.name); ok {
			s = append(s, r.policySetting(k, f, at, lines)...)
			continue
		}
		inner := policyNames(f.name + ".")
		if len(inner) == 0 {
			r.fail(f.key, join(at, f.name), "unknown key; known are "+strings.Join(policyNames(""), ", "))
			continue
		}
		for _, g := range r.mapping(f.value, join(at, f.name)) {
			k, ok := policyKey(join(f.name, g.name))
			if !ok {
				r.fail(g.key, join(at, join(f.name, g.name)), "unknown key; known are "+strings.Join(inner, ", "))
				continue
			}
			s = append(s, r.policySetting(k, g, at, lines)...)
		}
	}
	if len(r.mistakes) == before { // each value is right by itself
		p := s.over(turn.Default())
		if key, problem := wrongIn(&p); key != "" {
			r.problem(max(lines[key], line(n)), join(at, key), problem)
		}
	}
	return s, lines
}

// policySetting reads one value, and finds out whether it is right by itself.
func (r *reader) policySetting(k PolicyKey, f field, at string, lines map[string]int) said {
	at = join(at, k.Name)
	lines[k.Name] = line(f.value)
	set := k.read(r, f.value, at)
	if set == nil {
		return nil
	}
	p := turn.Default()
	p.TurnsSoft = 0 // that hard is less is said once both are known
	set(&p)
	if key, problem := wrongIn(&p); key == k.Name {
		r.fail(f.value, at, problem)
		return nil
	}
	return said{set}
}

// policyRoom is what the file says of the conversation of one room, where it says anything.
type policyRoom struct {
	file  promptFile // path is empty where there is none
	block said
	lines map[string]int // of the block's keys
}

// Policy returns how the conversation in a room of the file goes: turn.Default, under its
// policy_file, its policy, and its mode and front. A room that is not there has the default.
func (c *Config) Policy(room string) turn.Policy {
	p := turn.Default()
	if c == nil {
		return p
	}
	i := slices.IndexFunc(c.set.Rooms, func(r persona.Room) bool { return r.Name == room })
	return c.policies[roomAt("rooms", i)].over(p)
}

// roomAt is where a room of a list stands.
func roomAt(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// roomPolicies puts together what each room's conversation is said to be, and reads policy files
// where files is true.
func (r *reader) roomPolicies(c *Config, files bool) {
	c.policies = map[string]said{}
	for i := range c.set.Rooms {
		r.roomPolicy(c, &c.set.Rooms[i], roomAt("rooms", i), files)
	}
	for i := range c.agents {
		r.roomPolicy(c, &c.agents[i], roomAt(agentsField, i), files)
	}
}

func (r *reader) roomPolicy(c *Config, room *persona.Room, at string, files bool) {
	own := c.roomPolicies[at]
	var s said
	if files && own.file.path != "" {
		s = r.sharedPolicy(own.file, filepath.Dir(c.Path))
	}
	s = append(s, own.block...)
	place := at
	at += "."
	for _, k := range []struct {
		name string
		set  func(*turn.Policy)
	}{
		{"mode", func(p *turn.Policy) { p.Mode = turn.Mode(room.Mode.String()) }},
		{"front", func(p *turn.Policy) { p.Front = room.Front }},
	} {
		if c.lines[at+k.name] == 0 {
			continue
		}
		if n := own.lines[k.name]; n > 0 {
			r.problem(n, at+"policy."+k.name, "is given by the room too: leave one of them out")
		}
		s = append(s, k.set)
	}
	p := s.over(turn.Default())
	if p.Front != "" && p.Front != room.Front && !slices.Contains(room.Personas, p.Front) {
		r.problem(max(own.lines["front"], own.file.line), at+"policy.front", fmt.Sprintf("%q has no seat in this room", p.Front))
	}
	if key, problem := wrongIn(&p); key != "" && len(r.mistakes) == 0 {
		r.problem(max(own.lines[key], own.file.line), at+"policy."+key, problem)
	}
	c.policies[place] = s
}

// sharedPolicy reads a policy that stands in a file of its own.
func (r *reader) sharedPolicy(f promptFile, folder string) said {
	path := f.path
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	data, err := readFile(path, maxPolicy)
	if err != nil {
		r.problem(f.line, f.field, err.Error())
		return nil
	}
	own := &reader{file: path}
	s := own.policyFile(data)
	r.mistakes = append(r.mistakes, own.mistakes[:min(len(own.mistakes), max(0, maxMistakes-len(r.mistakes)))]...)
	return s
}
