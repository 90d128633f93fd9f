package turn_test

import (
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

// Two personas are in a room, and Ada calls one of them.
func Example() {
	table, err := turn.New(turn.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	table.Step(0, turn.Seated{Seat: "iris"})
	table.Step(0, turn.Seated{Seat: "max"})
	table.Step(0, turn.PersonJoined{Who: "ada"})
	for _, effect := range table.Step(time.Second, turn.Typed{Who: "ada", Text: "Max, do you agree with Iris?"}) {
		fmt.Println(script.FormatEffect(effect))
	}
	// Output:
	// keep ada turn=1
	// silence 1/iris mentioned_only
	// plan 1 max/1 print=f30406656fd51bb1ce248940
	// start 1/max for ada "Max, do you agree with Iris?" typed
	// state max thinking
}

// Who is meant is decided by rules; see Address.
func ExampleAddress() {
	for _, text := range []string{"What do you think, Max?", "Max is wrong.", "Everybody, hello!", "Bob, look!"} {
		a := turn.Address(turn.Call{
			From: "ada", Text: text, Mode: turn.ModeMentions,
			Personas: []turn.Persona{{Name: "iris"}, {Name: "max"}}, Humans: []turn.Human{{Identity: "ada"}, {Identity: "bob"}},
		})
		fmt.Println(a.Rule, a.Responders, a.Silences)
	}
	// Output:
	// name [max] [{iris not_addressed}]
	// mode [] [{iris not_addressed} {max mentioned_only}]
	// group [iris max] []
	// human [] [{iris addressed_to_human} {max addressed_to_human}]
}
