package config

import (
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
)

// dialect is the edition of JSON Schema that the schemas are written in.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema returns the shape of the configuration file as a JSON Schema, for editors: its keys, what
// they mean, and what their values look like. It takes every file that Parse takes. What only the
// whole file shows (a name that is taken, a seat for nobody) it cannot know: doctor says that.
func Schema() *jsonschema.Schema {
	s := object()
	s.Schema, s.Title = dialect, "sensory-agent configuration"
	s.Defs = map[string]*jsonschema.Schema{"persona": personaShape(), "room": roomShape()}
	for _, k := range Keys() {
		section, name, _ := strings.Cut(k.Name, ".")
		if s.Properties[section] == nil {
			put(s, section, optional(object()))
		}
		put(s.Properties[section].AnyOf[0], name, described(k.shape, k.Doc))
	}
	worker := s.Properties[workerSection].AnyOf[0]
	put(worker, "agents", described(listOf(&jsonschema.Schema{Ref: "#/$defs/room"}, MaxAgents), "names that dispatches come for, each with those who come"))
	put(s.Properties[tokenSection].AnyOf[0], "origins", originsShape())
	put(s, "budgets", optional(described(&jsonschema.Schema{Type: "array", Items: budgetShape()}, "what there is of each silicon; derived from the machine without it")))
	put(s, "personas", optional(described(listOf(&jsonschema.Schema{Ref: "#/$defs/persona"}, persona.MaxPersonas), "who there is")))
	put(s, "rooms", optional(described(listOf(&jsonschema.Schema{Ref: "#/$defs/room"}, persona.MaxRooms), "who sits where")))
	return s
}

// PolicySchema is the same of a policy file.
func PolicySchema() *jsonschema.Schema {
	s := policyShape()
	s.Schema, s.Title = dialect, "how the conversation in a room of sensory-agent goes"
	return s
}

// optional is a section whose keys may all be commented out.
func optional(s *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, {Type: "null"}}}
}

func policyShape() *jsonschema.Schema {
	s := object()
	for _, k := range PolicyKeys() {
		in, name := s, k.Name
		if section, inner, nested := strings.Cut(k.Name, "."); nested {
			if s.Properties[section] == nil {
				put(s, section, object())
			}
			in, name = s.Properties[section], inner
		}
		put(in, name, described(k.shape, k.Doc))
	}
	return s
}

func modeWords() []string {
	return []string{
		string(turn.ModeAuto), string(turn.ModeFront), string(turn.ModeMentions), string(turn.ModeAll), string(turn.ModeSpecialty),
	}
}

func wordsShape() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: lineOf(maxText)}
}

func nameShape(doc string) *jsonschema.Schema {
	return described(lineOf(persona.MaxName), doc)
}

func personaShape() *jsonschema.Schema {
	s := object("name")
	put(s, "name", nameShape("how people and rooms call it; unique"))
	put(s, "identity", nameShape("who it is in a room; its name without it"))
	put(s, "profile", defaulted(nameShape("what it must be able to do: a requirement profile"), "embedded"))
	put(s, "voice", nameShape("the voice it speaks with, such as piper:en_US-joe-medium; that of the profile without it"))
	put(s, "prompt", described(lineOf(persona.MaxPrompt), "what it is told to be"))
	put(s, "prompt_file", described(lineOf(maxPath), "a file with the prompt, relative to this one"))
	put(s, "greeting", described(lineOf(persona.MaxGreeting), "what it says once, when the first person is there"))
	idle := object()
	put(idle, "after", described(spanShape(), "how long nobody has said anything before it speaks"))
	put(idle, "say", described(lineOf(persona.MaxGreeting), "what it says then, once in each silence"))
	put(s, "idle", idle)
	put(s, "aliases", described(listOf(lineOf(persona.MaxName), persona.MaxNames), "other names that it answers to"))
	put(s, "specialty", described(listOf(lineOf(persona.MaxName), persona.MaxNames), "words for what it knows about: see mode specialty"))
	answer := object()
	put(answer, "tokens", described(wholeFrom(0, persona.MaxTokens), "tokens of one answer at most; 0 leaves it to the program"))
	put(s, "answer", answer)
	put(s, "history", defaulted(described(oneWordOf("room", "off", "stored"), "what it knows of what was said before"), "room"))
	put(s, "remember", defaulted(described(
		oneWordOf(string(memory.Never), string(memory.OnRequest), string(memory.Auto)),
		"what it remembers beyond a conversation, where there is a store"), string(memory.OnRequest)))
	s.Not = &jsonschema.Schema{Required: []string{"prompt", "prompt_file"}}
	return s
}

// maxPath is the longest path of Linux, in bytes.
const maxPath = 4096

func roomShape() *jsonschema.Schema {
	s := object("name", "personas")
	put(s, "name", nameShape("the room's name at the server, or the name that dispatches come for"))
	seats := described(listOf(lineOf(persona.MaxName), persona.MaxSeats), "who sits there, in order")
	seats.MinItems, seats.UniqueItems = jsonschema.Ptr(1), true
	put(s, "personas", seats)
	put(s, "mode", described(oneWordOf(modeWords()...), "who answers what names nobody"))
	put(s, "front", nameShape("the persona in front; the first one without it"))
	put(s, "policy", described(policyShape(), "how the conversation goes"))
	put(s, "policy_file", described(lineOf(maxPath), "a file with the policy, relative to this one"))
	return s
}

func budgetShape() *jsonschema.Schema {
	s := object("silicon")
	var known []string
	for _, silicon := range compute.Silicons() {
		known = append(known, silicon.String())
	}
	put(s, "silicon", described(oneWordOf(known...), "what work runs on"))
	put(s, "provider", described(lineOf(maxText), "of CLOUD only: whose"))
	put(s, "slots", described(wholeFrom(1, most), "pieces of work at once"))
	put(s, "units", described(wholeFrom(1, most), "of its power"))
	put(s, "bytes", described(asSize().shape, "of its memory"))
	return s
}
