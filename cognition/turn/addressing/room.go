package addressing

import (
	"errors"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// roomLabel begins a line that says where those behind it are said.
const roomLabel = "room"

var errRoom = errors.New("write it as room | iris/irish max | ada user-7=Mary Ann, bob | ada: personas, people, and who speaks")

// Room is where lines are said that name no other: three personas, three people, and nobody was
// answered lately.
func Room() turn.Call {
	return turn.Call{
		From: "ada", Mode: turn.ModeMentions, Front: "iris",
		Personas: []turn.Persona{{Name: "iris", Aliases: []string{"irish", "eyeris"}}, {Name: "max"}, {Name: "otto"}},
		Humans:   []turn.Human{{Identity: "ada"}, {Identity: "bob"}, {Identity: "user-7", Name: "Mary Ann"}},
	}
}

// readRoom reads what stands behind the label: personas with their aliases behind slashes, people
// by their identities with commas between them and their names behind a sign of equality, and who
// of them speaks.
func readRoom(text string) (*turn.Call, error) {
	parts := strings.Split(text, "|")
	if len(parts) != 3 {
		return nil, errRoom
	}
	c := turn.Call{From: strings.TrimSpace(parts[2]), Mode: turn.ModeMentions}
	for _, p := range strings.Fields(parts[0]) {
		names := strings.Split(p, "/")
		c.Personas = append(c.Personas, turn.Persona{Name: names[0], Aliases: names[1:]})
	}
	here := false
	for _, p := range strings.Split(parts[1], ",") {
		identity, name, _ := strings.Cut(strings.TrimSpace(p), "=")
		c.Humans = append(c.Humans, turn.Human{Identity: identity, Name: name})
		here = here || identity == c.From
	}
	if len(c.Personas) == 0 || !here || c.From == "" {
		return nil, errRoom
	}
	if err := turn.CheckNames(c.Personas); err != nil {
		return nil, err
	}
	c.Front = c.Personas[0].Name
	return &c, nil
}
