package demo

import (
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/testmedia/roundtable"
)

const (
	tableRoom     = "roundtable"
	ada, bob      = "ada", "bob"
	secondSpeaker = "flite:rms"
	seeing        = "embedded" // the profile of those who see
)

// Cast are three personas with voices of their own: two that see, one that talks.
func Cast() persona.Set {
	return persona.Set{
		Personas: []persona.Persona{
			{Name: "max", Profile: seeing, Voice: "piper:en_US-joe-medium"},
			{ // a model of this size repeats what it is shown of a conversation of several people
				Name: "sophie", Profile: "text", Voice: "kokoro:af_bella", AnswerTokens: 48, History: persona.HistoryOff,
				Prompt: "You are a helpful assistant.",
			},
			{Name: "victor", Profile: seeing, Voice: "espeak"},
		},
		Rooms: []persona.Room{{Name: tableRoom, Personas: []string{"max", "sophie", "victor"}}},
	}
}

// script is what is said. Names come first: that is how people call somebody.
func (d *Demo) script() []roundtable.Line {
	return []roundtable.Line{
		{Who: ada, Says: "Max, " + lowerFirst(d.ask.Question), Answers: []string{"max"}, Wrong: func(_, answer string) string {
			return unless(d.scene.Check(d.ask, answer), "%q, expected %q", answer, d.ask.Answer)
		}},
		{Who: bob, Says: "Sophie, what is the capital of France?", Answers: []string{"sophie"}, Wrong: func(_, answer string) string {
			return unless(strings.Contains(answer, "Paris"), "%q, which does not name Paris", answer)
		}},
		{Who: ada, Says: "Bob, are you coming to lunch?"},
		{Who: bob, Says: "Max and Victor, what do you see?", Answers: []string{"max", "victor"}, Wrong: func(_, answer string) string {
			return unless(len(d.scene.StatedFacts(answer)) > 0, "%q, which is not true of the picture", answer)
		}},
	}
}

// speaker is the voice of a human.
func (d *Demo) speaker(who string) string {
	if who == bob {
		return secondSpeaker
	}
	return d.cfg.Speaker
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func unless(ok bool, format string, args ...any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf(format, args...)
}
