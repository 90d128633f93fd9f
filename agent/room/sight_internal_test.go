package room

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestAKeptPictureIsItself: between an answer's look and its report another picture of the track is
// reported. What is kept is the one that was looked at, under its number and for its answer alone;
// only what was said of it is not known any more.
func TestAKeptPictureIsItself(t *testing.T) {
	var s sights
	shown := engine.Sent(&remote.Picture{Data: []byte("picture")})
	first, second := &engine.Sight{Key: "TR_A/1", Shown: shown}, &engine.Sight{Key: "TR_A/2", Shown: shown}
	s.saw(Saw{SID: "TR_A", Encoder: "e", Number: 1, Reason: "first", Width: 64})
	s.saw(Saw{SID: "TR_A", Encoder: "e", Number: 2, Reason: "change", Width: 96})
	keep := func(number uint64, seen *engine.Sight) {
		known := s.described("TR_A", "e", seen)
		known.UsedBy = nil
		s.pin(turn.Reply{Turn: number, Seat: "iris"}, known)
	}
	keep(1, first)
	keep(2, second)
	s.saw(Saw{SID: "TR_A", Encoder: "e", Number: 3, Reason: "change"})
	keep(3, second)
	for number, want := range map[uint64]struct {
		number uint64
		reason string
		width  int
		by     []uint64
	}{1: {1, "", 0, []uint64{1}}, 2: {2, "change", 96, []uint64{2, 3}}, 3: {2, "", 0, []uint64{2, 3}}} {
		got, ok := s.of("iris", number)
		var by []uint64
		for _, r := range got.UsedBy {
			by = append(by, r.Turn)
		}
		if !ok || got.Number != want.number || got.Reason != want.reason || got.Width != want.width || !slices.Equal(by, want.by) {
			t.Errorf("of turn %d: %+v, used by %v, want %+v", number, got, by, want)
		}
	}
	if n := sightNumber(""); n != 0 {
		t.Errorf("a picture of no track has number %d", n)
	}
}

// TestRoomForASightYieldsToTheQuestion: a window that holds a persona and a question, but not all
// that may be seen beside them, keeps for that what is left; only a question that does not fit by
// itself is too long.
func TestRoomForASightYieldsToTheQuestion(t *testing.T) {
	traits := prompt.Traits{Window: 1000, Instructions: true, History: true, Count: func(text string) int { return len(text) }}
	prompts, err := prompt.NewConversation(prompt.Persona{Name: "Iris", Instructions: strings.Repeat("i", 600)}, traits, prompt.Limits{Answer: 100})
	if err != nil {
		t.Fatal(err)
	}
	c := &conversation{prompts: prompts, log: slog.New(slog.DiscardHandler)}
	c.said(prompt.Line{Seq: 1, Speaker: "Ada", Text: "Something that was said before."})
	got, err := c.ask(prompt.Line{Seq: 2, Speaker: "Ada", Text: strings.Repeat("?", 150)}, Given{}, prompt.Tail{PartTokens: 250})
	total := 0
	for _, m := range got.Messages {
		total += len(m.Text)
	}
	if err != nil || total > 800 || !strings.HasSuffix(got.Messages[len(got.Messages)-1].Text, "???") {
		t.Errorf("%d of 900 are used, %v: %+v", total, err, got.Messages)
	}
	if _, err := c.ask(prompt.Line{Seq: 3, Speaker: "Ada", Text: strings.Repeat("?", 400)}, Given{}, prompt.Tail{PartTokens: 250}); !errors.Is(err, prompt.ErrTooLong) {
		t.Errorf("a question that does not fit: %v", err)
	}
}
