package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Keys of a persona and of a room.
const (
	personaKeys = "name, identity, profile, voice, prompt, prompt_file, greeting, idle, aliases, specialty, answer, history, remember"
	roomKeys    = "name, personas, mode, front, policy, policy_file"
)

// promptFile is a prompt, or a policy, that stands in a file of its own.
type promptFile struct {
	owner int // the persona; 0 for a policy
	path  string
	field string
	line  int
}

// Set returns the personas and rooms of the file; both are empty where it has none. The caller may
// change it.
func (c *Config) Set() persona.Set {
	if c == nil {
		return persona.Set{}
	}
	out := persona.Set{Personas: slices.Clone(c.set.Personas), Rooms: slices.Clone(c.set.Rooms)}
	for i := range out.Rooms {
		p := c.Policy(out.Rooms[i].Name)
		out.Rooms[i].Policy = &p
	}
	return out
}

// Where returns "FILE:LINE" of a field of Set, such as "personas[1].voice", or of the nearest thing
// around it that the file has.
func (c *Config) Where(field string) string {
	if n := c.lineOf(field); n > 0 {
		return c.at(n)
	}
	return c.Path
}

func (c *Config) lineOf(field string) int {
	for field != "" {
		if n, ok := c.lines[field]; ok {
			return n
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return 0
}

// personas reads the section.
func (r *reader) personas(c *Config, section field) {
	for i, item := range r.list(section.value, "personas", "one entry for each persona") {
		at := fmt.Sprintf("personas[%d]", i)
		c.lines[at] = line(item)
		var p persona.Persona
		for _, f := range r.mapping(item, at) {
			r.persona(c, &p, at, i, f)
		}
		if file, found := c.promptFile(i); found && p.Prompt != "" {
			r.problem(file.line, file.field, "prompt is given too: leave one of them out")
		}
		c.set.Personas = append(c.set.Personas, p)
	}
}

func (c *Config) promptFile(i int) (promptFile, bool) {
	n := slices.IndexFunc(c.prompts, func(p promptFile) bool { return p.owner == i })
	if n < 0 {
		return promptFile{}, false
	}
	return c.prompts[n], true
}

// persona reads one field of a persona.
func (r *reader) persona(c *Config, p *persona.Persona, at string, index int, f field) {
	path := join(at, f.name)
	c.lines[path] = line(f.value)
	switch f.name {
	case "name":
		p.Name = r.words(f.value, path)
	case "identity":
		p.Identity = r.words(f.value, path)
	case "profile":
		p.Profile = r.words(f.value, path)
	case "voice":
		p.Voice = r.words(f.value, path)
	case "prompt":
		p.Prompt = r.words(f.value, path)
	case "prompt_file":
		c.lines[at+".prompt"] = line(f.value)
		c.prompts = append(c.prompts, promptFile{index, r.words(f.value, path), path, line(f.value)})
	case "greeting":
		p.Greeting = r.words(f.value, path)
	case "idle":
		r.idle(c, f, path, &p.Idle)
	case "aliases":
		p.Aliases = r.names(c, f.value, path)
	case "specialty":
		p.Specialty = r.names(c, f.value, path)
	case "answer":
		for _, g := range r.mapping(f.value, path) {
			if g.name != "tokens" {
				r.fail(g.key, join(path, g.name), "unknown key; known is tokens")
				continue
			}
			c.lines[path+".tokens"] = line(g.value)
			if v := r.number(g.value, path+".tokens", upTo(persona.MaxTokens), 0); v != nil {
				p.AnswerTokens = int(v.Number)
			}
		}
	case "history":
		p.History = choose(r, f.value, path, persona.ParseHistory, "room, off, stored")
	case "remember":
		p.Remember = choose(r, f.value, path, memory.ParseMode, "never, on_request, auto")
	default:
		r.fail(f.key, path, "unknown key; known are "+personaKeys)
	}
}

// idle reads what a persona says where nobody says anything.
func (r *reader) idle(c *Config, f field, path string, to *turn.Idle) {
	for _, g := range r.mapping(f.value, path) {
		at := join(path, g.name)
		c.lines[at] = line(g.value)
		switch g.name {
		case "say":
			to.Say = r.words(g.value, at)
		case "after":
			if v := r.number(g.value, at, duration, 0); v != nil {
				to.After = time.Duration(v.Number)
			}
		default:
			r.fail(g.key, at, "unknown key; known are after and say")
		}
	}
}

// rooms reads the section.
func (r *reader) rooms(c *Config, section field) {
	for i, item := range r.list(section.value, "rooms", "one entry for each room") {
		c.set.Rooms = append(c.set.Rooms, r.room(c, item, fmt.Sprintf("rooms[%d]", i)))
	}
}

// room reads an entry that says who sits somewhere, and how the conversation goes there.
func (r *reader) room(c *Config, item ast.Node, at string) persona.Room {
	c.lines[at] = line(item)
	var room persona.Room
	var policy policyRoom
	for _, f := range r.mapping(item, at) {
		path := join(at, f.name)
		c.lines[path] = line(f.value)
		switch f.name {
		case "name":
			room.Name = r.words(f.value, path)
		case "personas":
			room.Personas = r.names(c, f.value, path)
		case "mode":
			room.Mode = choose(r, f.value, path, persona.ParseMode, "auto, front, mentions, all, specialty")
		case "front":
			room.Front = r.words(f.value, path)
		case "policy":
			policy.block, policy.lines = r.policy(f.value, path)
		case "policy_file":
			policy.file = promptFile{path: r.words(f.value, path), field: path, line: line(f.value)}
		default:
			r.fail(f.key, path, "unknown key; known are "+roomKeys)
		}
	}
	c.roomPolicies[at] = policy
	return room
}

// words reads a text that may have several lines.
func (r *reader) words(n ast.Node, path string) string {
	text, isNumber, ok := r.scalar(n, path)
	switch {
	case !ok:
	case isNumber:
		r.fail(n, path, "is a number; put it into quotes if a text is meant")
	case strings.TrimSpace(text) == "":
		r.fail(n, path, "is empty; leave the key out instead")
	}
	return text
}

// names reads a list of texts.
func (r *reader) names(c *Config, n ast.Node, path string) []string {
	var out []string
	for i, item := range r.list(n, path, "for example [iris, max]") {
		at := path + "[" + strconv.Itoa(i) + "]"
		c.lines[at] = line(item)
		out = append(out, r.words(item, at))
	}
	return out
}

func (r *reader) list(n ast.Node, path, shape string) []ast.Node {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, path, "must be a list, "+shape)
		return nil
	}
	return list.Values
}

// choose reads one of several words.
func choose[T any](r *reader, n ast.Node, path string, parse func(string) (T, bool), known string) (value T) {
	text, _, ok := r.scalar(n, path)
	if !ok {
		return value
	}
	value, ok = parse(text)
	if !ok {
		r.fail(n, path, fmt.Sprintf("%q is unknown; known are %s", text, known))
	}
	return value
}

// checkSet adds what is wrong with personas and rooms to what is known already.
func (r *reader) checkSet(c *Config) {
	for _, p := range c.set.Check() {
		r.problem(c.lineOf(p.Field), p.Field, p.Text)
	}
	r.checkAgents(c)
}

// readPrompts reads the prompts that stand in files of their own, relative to the folder of the
// configuration file.
func (r *reader) readPrompts(c *Config) {
	for _, f := range c.prompts {
		text, err := readPrompt(f.path, filepath.Dir(c.Path))
		if err != nil {
			r.problem(f.line, f.field, err.Error())
			continue
		}
		if text == "" {
			r.problem(f.line, f.field, "the file is empty")
		}
		c.set.Personas[f.owner].Prompt = text
	}
}

func readPrompt(path, folder string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	data, err := readFile(path, persona.MaxPrompt)
	return strings.TrimRight(string(data), "\n"), err
}

// readFile reads a file, and one byte more than it may have of one that is too long. Its error
// names the file.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // it names the file
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, most+1)) // it names the file
}
