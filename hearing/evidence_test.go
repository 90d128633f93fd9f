package hearing_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// TestDoubt holds evidence as it was measured: of crowds, knocks, laughter, music and a television, and of short true answers.
func TestDoubt(t *testing.T) {
	for _, c := range []struct {
		name string
		e    hearing.Evidence
		want hearing.Doubt
	}{
		{"a crowd of 0.6 s", heard("Thank you.", -0.68, 96, 0.55, -8.7, "Okay."), hearing.DoubtTooFast},
		{"a crowd, longer", heard("Thank you.", -0.75, 192, 0.51, -10.1, "Okay"), hearing.DoubtVoice},
		{"a crowd, surer", heard("Thank you.", -0.68, 400, 0.8, -8.7, "Okay."), hearing.DoubtPhantom},
		{"an orchestra", heard("I'm not sure.", -2.08, 64, 0.6, -12, "You"), hearing.DoubtTooFast},
		{"a hummed note", heard("be", -2.16, 96, 0.56, -20, "Yeah"), hearing.DoubtVoice},
		{"knocks", heard("the", -3.14, 192, 0.76, -20, "You"), hearing.DoubtDisagree},
		{"laughter", heard("Heh heh heh", -0.9, 480, 0.77, -6.3, "With it."), hearing.DoubtNoWords},
		{"laughter, in one word", heard("Hehehehe!", -0.91, 640, 0.9, -6.3, "You."), hearing.DoubtNoWords},
		{"a long laugh", heard("The The", -2.59, 2784, 0.97, -5, "You can take it, you can take it."), hearing.DoubtTooSlow},
		{"babble", heard("the place of the", -2.43, 19900, 0.97, -20, "the place of the"), hearing.DoubtTooSlow},
		{"signs", heard(". . . . .", -0.58, 3840, 0.9, -20, "This is the first time I've ever seen a movie."), hearing.DoubtNoWords},
		{"a television, misheard", heard("Please, sir, listen, but you're not your senior effective model.", -1.48, 3840, 0.92, -20, "I'm going to tell you about it."), hearing.DoubtDisagree},
		{"a television, well heard", heard("He opened the window and saw that the garden was full of snow.", -0.25, 3040, 0.93, -36, "The opening window is installed."), hearing.DoubtMuffled},
		{"nothing", heard(" ", 0, 128, 0.9, 0, ""), hearing.DoubtNothing},

		{"no", heard("No", -0.47, 448, 0.9, -25.9, "No."), hearing.DoubtNone},
		{"two, in the room's noise", heard("2", -0.6, 288, 0.92, 0, "Two."), hearing.DoubtNone},
		{"a poor voice", heard("Blue", -2.6, 320, 0.72, -11, "Blue."), hearing.DoubtNone},
		{"both ears wrong", heard("Dumber", -2.54, 416, 0.99, -9, "Never."), hearing.DoubtNone},
		{"too short for the fast ear", heard("Who?", -1.02, 256, 0.95, -10, ""), hearing.DoubtNone},
		{"thanks", heard("Thank you.", -0.32, 704, 0.89, -10, "Thank you."), hearing.DoubtNone},
		{"a vowel held", heard("No.", -0.4, 1700, 0.95, -20, "No."), hearing.DoubtNone},
		{"a sentence", heard("What colour is the large triangle on the left?", -0.2, 2300, 0.96, -18, "What color is the large"), hearing.DoubtNone},
		{"hurried", heard("Tell me what you see in the picture", -0.3, 1250, 0.95, -18, "Tell me what you see"), hearing.DoubtNone},
		{"in noise", heard("Tell me what you see", -0.3, 1250, 0.65, -18, "Tell me what you see"), hearing.DoubtNone},
		{"a dull microphone", heard("Tell me what you see.", -0.3, 1250, 0.95, -33, "Tell me what you see."), hearing.DoubtNone},
	} {
		if got := c.e.Doubt(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func heard(text string, avgLogProb float32, voiced int, voice, treble float32, interim string) hearing.Evidence {
	return hearing.Evidence{
		Text: text, AvgLogProb: avgLogProb, Voiced: time.Duration(voiced) * time.Millisecond, Voice: voice, Treble: treble, Interim: interim,
	}
}

// TestDoubtAtItsThresholds moves one value of what is taken for said across each threshold.
func TestDoubtAtItsThresholds(t *testing.T) {
	good := heard("Tell me what you see", -0.3, 1300, 0.95, -18, "Tell me what you see")
	if why := good.Doubt(); why != hearing.DoubtNone {
		t.Fatal(why)
	}
	for _, c := range []struct {
		name   string
		change func(e *hearing.Evidence)
		want   hearing.Doubt
	}{
		{"a voice that is hardly one, sure words", func(e *hearing.Evidence) { e.Voice = 0.69 }, hearing.DoubtNone},
		{"and words that are not sure", func(e *hearing.Evidence) { e.Voice, e.AvgLogProb = 0.69, -0.55 }, hearing.DoubtVoice},
		{"and ears that disagree", func(e *hearing.Evidence) { e.Voice, e.Interim = 0.69, "Good morning" }, hearing.DoubtVoice},
		{"and no time", func(e *hearing.Evidence) { e.Voice, e.Text, e.Voiced = 0.69, "no", 190*time.Millisecond }, hearing.DoubtVoice},
		{"a voice above that", func(e *hearing.Evidence) { e.Voice, e.AvgLogProb = 0.71, -0.55 }, hearing.DoubtNone},
		{"dull, not sure, but agreed", func(e *hearing.Evidence) { e.Treble, e.AvgLogProb = -30, -0.65 }, hearing.DoubtNone},
		{"dull, not sure, no witness", func(e *hearing.Evidence) { e.Treble, e.AvgLogProb, e.Interim = -30, -0.65, "" }, hearing.DoubtMuffled},
		{"dull and half agreed", func(e *hearing.Evidence) { e.Treble, e.Interim = -30, "Tell him that you tea" }, hearing.DoubtMuffled},
		{"dull, but short: some voices are", func(e *hearing.Evidence) { e.Treble, e.Interim, e.Voiced = -33, "Good morning", 1190*time.Millisecond }, hearing.DoubtNone},
		{"dull, no witness", func(e *hearing.Evidence) { e.Treble, e.Interim = -30, "" }, hearing.DoubtNone},
		{"hardly dull, not sure", func(e *hearing.Evidence) { e.Treble, e.AvgLogProb = -28, -0.65 }, hearing.DoubtNone},
		{"disagreement, sure", func(e *hearing.Evidence) { e.Interim = "Good morning" }, hearing.DoubtNone},
		{"disagreement, not sure", func(e *hearing.Evidence) { e.Interim, e.AvgLogProb = "Good morning", -0.8 }, hearing.DoubtDisagree},
		{"disagreement, fairly sure, a clear voice", func(e *hearing.Evidence) { e.Interim, e.AvgLogProb = "Good morning", -0.7 }, hearing.DoubtNone},
		{"disagreement, fairly sure, a voice", func(e *hearing.Evidence) { e.Interim, e.AvgLogProb, e.Voice = "Good morning", -0.65, 0.88 }, hearing.DoubtDisagree},
		{"not sure, no witness", func(e *hearing.Evidence) { e.Interim, e.AvgLogProb = "", -0.8 }, hearing.DoubtNone},
		{"disagreement about a word", func(e *hearing.Evidence) {
			e.Interim, e.AvgLogProb, e.Voiced = "Good morning", -0.8, 1100*time.Millisecond
		}, hearing.DoubtNone},
		{"a guess, of no clear voice", func(e *hearing.Evidence) {
			e.Interim, e.AvgLogProb, e.Voiced, e.Voice = "Good morning", -1.9, 1100*time.Millisecond, 0.85
		}, hearing.DoubtDisagree},
		{"slow and not sure", func(e *hearing.Evidence) { e.Text, e.Voiced, e.AvgLogProb = "Tell", 1600*time.Millisecond, -0.55 }, hearing.DoubtTooSlow},
		{"slow and sure", func(e *hearing.Evidence) { e.Text, e.Voiced = "Tell", 1600*time.Millisecond }, hearing.DoubtNone},
		{"slow, but short", func(e *hearing.Evidence) { e.Text, e.Voiced, e.AvgLogProb = "Te", 1400*time.Millisecond, -0.55 }, hearing.DoubtNone},
		{"too fast", func(e *hearing.Evidence) { e.Voiced = 430 * time.Millisecond }, hearing.DoubtTooFast},
		{"just possible", func(e *hearing.Evidence) { e.Voiced = 440 * time.Millisecond }, hearing.DoubtNone},
		{"a number is as long as its words", func(e *hearing.Evidence) { e.Text, e.Voiced = "1234", 420*time.Millisecond }, hearing.DoubtTooFast},
		{"a phantom, no witness", func(e *hearing.Evidence) { e.Text, e.Interim, e.Voice = "Thank you.", "", 0.84 }, hearing.DoubtPhantom},
		{"a phantom, a guess", func(e *hearing.Evidence) { e.Text, e.Interim, e.AvgLogProb = "Thank you.", "", -1.25 }, hearing.DoubtPhantom},
		{"thanks, a clear voice", func(e *hearing.Evidence) { e.Text, e.Interim = "Thank you.", "" }, hearing.DoubtNone},
		{"thanks, agreed", func(e *hearing.Evidence) { e.Text, e.Interim, e.Voice = "Thank you.", "Thank you", 0.8 }, hearing.DoubtNone},
		{"he, not laughter", func(e *hearing.Evidence) { e.Text = "He hid" }, hearing.DoubtNone},
		{"hi", func(e *hearing.Evidence) { e.Text = "Hi!" }, hearing.DoubtNone},
		{"ha", func(e *hearing.Evidence) { e.Text = "Ha! Ha." }, hearing.DoubtNoWords},
		{"laughter before words", func(e *hearing.Evidence) { e.Text = "Haha, tell me what you see" }, hearing.DoubtNone},
	} {
		e := good
		if c.change(&e); e.Doubt() != c.want {
			t.Errorf("%s: %v, want %v", c.name, e.Doubt(), c.want)
		}
	}
}

func TestDoubtsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for d := hearing.DoubtNone; d <= hearing.DoubtPhantom+1; d++ {
		if name := d.String(); seen[name] || name == "" || (name == "unknown") != (d > hearing.DoubtPhantom) {
			t.Errorf("%d is %q", d, name)
		}
		seen[d.String()] = true
	}
}
