package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

// TestAPageOfDigitsLeavesRoomForAnAnswer: in a window of 2048 tokens that a conversation fills,
// whatever comes into the picture after its prompt was made, and that there is none, has the room
// that was kept for it.
func TestAPageOfDigitsLeavesRoomForAnAnswer(t *testing.T) {
	const answer = 128
	traits := remote.Traits(2048)
	room := engine.ToldRoom(traits, answer)
	talk, err := prompt.NewConversation(prompt.Persona{Name: "Iris", Instructions: "You are Iris. You answer in one sentence."}, traits, prompt.Limits{Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 400 {
		talk.Append(time.Time{}, prompt.Line{Seq: uint64(i + 1), Speaker: "Ada", Text: fmt.Sprintf("This is line %d of what was said.", i)})
	}
	asked, err := talk.Ask(time.Time{}, prompt.Line{Seq: 401, Speaker: "Ada", Text: "What stands there?"}, prompt.Tail{PartTokens: room.Tokens + 1})
	if err != nil {
		t.Fatal(err)
	}
	page := &prompt.Perceived{Looked: []prompt.PerceptKind{prompt.SeenText}}
	for range 60 {
		page.List = append(page.List, prompt.Percept{Kind: prompt.SeenText, What: strings.Repeat("4711 ", 24), Where: "at the bottom right", Sure: 0.7})
	}
	seen := engine.Seen{{Sight: &engine.Sight{Perceived: page}, Ago: 80 * time.Second}}
	for name, told := range map[string]string{"a page": seen.Told(room), "none ready": engine.Unseen(true), "none shown": engine.Unseen(false)} {
		total := traits.Empty
		for _, m := range engine.Tell(asked.Messages, told) {
			total += traits.Count(m.Text) + traits.Frame
		}
		if traits.Count(told) > room.Tokens || total+answer > traits.Window || told == "" {
			t.Errorf("%s: %d tokens told of %d, %d of the window beside an answer of %d", name, traits.Count(told), room.Tokens, total, answer)
		}
	}
	if told := seen.Told(room); !strings.Contains(told, "4711") || !strings.Contains(told, "more text that is in the picture") || !strings.Contains(told, "80 seconds old") {
		t.Errorf("told %q", told)
	}
}

// TestWhatAdaptersSeeIsKeptRoomFor before there is anything to see, and while nothing is shown.
func TestWhatAdaptersSeeIsKeptRoomFor(t *testing.T) {
	m, _ := assisted(t, func(fixture.Asked) string { return "I see a sign." })
	kept := m.SightTokens(nil)
	if kept != m.Told().Tokens+1 || m.Traits().Count(engine.Unseen(false)+"\n") > kept || m.Traits().Count(engine.Unseen(true)+"\n") > kept ||
		kept > m.Traits().Window/4+1 {
		t.Errorf("%d tokens are kept of a window of %d", kept, m.Traits().Window)
	}
}
