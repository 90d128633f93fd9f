package agent_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// TestThreeRoomsFivePersonas: three base models side by side in one process; each answers what it
// was asked and nobody else does, and what is shown and said is decoded once however many look and
// listen.
func TestThreeRoomsFivePersonas(t *testing.T) {
	h := openHouse(t, func(question string) string { return "You said: " + question[strings.LastIndexByte(question, '\n')+1:] })
	err := h.Apply(persona.Set{
		Personas: []persona.Persona{
			{Name: "iris", Profile: "calibration"},
			{Name: "max", Profile: "calibration"},
			{Name: "smol", Profile: "smollm", Prompt: "You are a helpful assistant."},
			{Name: "otto", Profile: "scripted"},
			{Name: "zoe", Profile: "scripted"},
		},
		Rooms: []persona.Room{
			{Name: "gallery", Personas: []string{"iris", "max"}, Mode: persona.ModeAll, Policy: everybody()},
			{Name: "library", Personas: []string{"smol", "otto"}},
			{Name: "office", Personas: []string{"zoe"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.until(t, "five personas are ready", full(5))

	gallery, library, office := h.enter(t, "gallery", "ada"), h.enter(t, "library", "ada"), h.enter(t, "office", "bob")
	if err := library.Chat("Smol, what is the capital of France?"); err != nil {
		t.Fatal(err)
	}
	if err := office.Chat("Good morning."); err != nil {
		t.Fatal(err)
	}
	if got := h.answers(t, "library", "smol", 1); !strings.Contains(got[0], "Paris") {
		t.Errorf("smol says %q", got[0])
	}
	if err := library.Chat("Otto, how are you?"); err != nil {
		t.Fatal(err)
	}
	if got := h.answers(t, "library", "otto", 1); !strings.Contains(got[0], "Otto, how are you?") {
		t.Errorf("otto says %q", got[0])
	}
	if got := h.answers(t, "office", "zoe", 1); !strings.Contains(got[0], "Good morning.") {
		t.Errorf("zoe says %q", got[0])
	}

	picture, err := scene.Draw(4, scene.Options{Kind: scene.KindQuadrants})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gallery.OpenCamera(t.Context(), participant.CameraConfig{}, picture.Image); err != nil {
		t.Fatal(err)
	}
	pcm, err := speech.Say(t.Context(), speech.Default, "what do you see in the picture?")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := gallery.Say(t.Context(), pcm); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"iris", "max"} {
		if got := h.answers(t, "gallery", who, 1); len(picture.StatedFacts(got[0])) < 4 {
			t.Errorf("%s says %q of %v", who, got[0], picture.Facts)
		}
	}
	opened, seen := map[string]int{}, map[uint64]int{}
	for _, e := range h.in("gallery", "") {
		switch e := e.(type) {
		case room.TrackOpened:
			opened[e.Source]++
		case room.Saw:
			seen[e.Number]++
		}
	}
	if opened["camera"] != 1 || opened["microphone"] != 1 || len(seen) == 0 {
		t.Errorf("opened %v, saw %v", opened, seen)
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("picture %d was looked at %d times by one encoder", n, times)
		}
	}
}

// everybody answers everything, in order.
func everybody() *turn.Policy {
	p := turn.Default()
	p.Mode, p.Responders.Group = turn.ModeAll, 0
	return &p
}

// TestAReloadTouchesWhatChanged: of two personas in a room one is changed; the other goes on with
// what it was doing, and what was said is known to it.
func TestAReloadTouchesWhatChanged(t *testing.T) {
	h := openHouse(t, func(question string) string { return "Yes." })
	set := persona.Set{
		Personas: []persona.Persona{{Name: "otto", Profile: "scripted"}, {Name: "zoe", Profile: "scripted"}},
		Rooms:    []persona.Room{{Name: "hall", Personas: []string{"otto", "zoe"}, Mode: persona.ModeMentions}},
	}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "both are ready", full(2))
	before := h.Seats()
	ada := h.enter(t, "hall", "ada")
	if err := ada.Chat("Otto, are you there?"); err != nil {
		t.Fatal(err)
	}
	h.answers(t, "hall", "otto", 1)

	set.Personas = slices.Clone(set.Personas)
	set.Personas[1].Greeting = "Hello, I am back."
	set.Rooms = []persona.Room{{Name: "hall", Personas: []string{"otto", "zoe"}, Mode: persona.ModeAll, Policy: everybody()}}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "both are ready again", full(2))
	after := h.Seats()
	if after[0].Persona != "otto" || !after[0].Since.Equal(before[0].Since) || after[0].Entered != 1 {
		t.Errorf("otto was touched: %+v, before %+v", after[0], before[0])
	}
	if after[1].Persona != "zoe" || after[1].Since.Equal(before[1].Since) {
		t.Errorf("zoe was not changed: %+v", after[1])
	}
	if got := h.answers(t, "hall", "zoe", 1); got[0] != "Hello, I am back." {
		t.Errorf("zoe says %q", got)
	}
	if err := ada.Chat("Is anybody there?"); err != nil { // the new policy: all answer
		t.Fatal(err)
	}
	h.answers(t, "hall", "otto", 2)
	if got := h.answers(t, "hall", "zoe", 2); got[1] != "Yes." {
		t.Errorf("zoe says %q", got)
	}
}
