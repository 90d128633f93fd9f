package hearing_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// TestDoubt holds evidence as it was measured: of crowds, knocks, laughter, music and a television,
// and of short true answers.
func TestDoubt(t *testing.T) {
	for _, c := range []struct {
		name string
		e    hearing.Evidence
		want hearing.Doubt
	}{
		{"a crowd of 0.6 s", heard("Thank you.", -0.68, 96, 0.55, -8.7, "Okay."), hearing.DoubtTooFast},
		{"a crowd, longer", heard("Thank you.", -0.75, 192, 0.51, -10.1, "Okay"), hearing.DoubtPhantom},
		{"a crowd, surer", heard("Thank you.", -0.68, 400, 0.8, -8.7, "Okay."), hearing.DoubtPhantom},
		{"an orchestra", heard("I'm not sure.", -2.08, 64, 0.6, -12, "You"), hearing.DoubtTooFast},
		{"a hummed note", heard("be", -2.16, 96, 0.56, -20, "Yeah"), hearing.DoubtUnsure},
		{"knocks", heard("the", -3.14, 192, 0.76, -20, "You"), hearing.DoubtPhantom},
		{"laughter", heard("Heh heh heh", -0.9, 480, 0.77, -6.3, "With it."), hearing.DoubtNoWords},
		{"laughter, in one word", heard("Hehehehe!", -0.91, 640, 0.9, -6.3, "You."), hearing.DoubtNoWords},
		{"a long laugh", heard("The The", -2.59, 2784, 0.97, -5, "You can take it, you can take it."), hearing.DoubtUnsure},
		{"babble", heard("the place of the", -2.43, 19900, 0.97, -20, "the place of the"), hearing.DoubtUnsure},
		{"signs", heard(". . . . .", -0.58, 3840, 0.9, -20, "This is the first time I've ever seen a movie."), hearing.DoubtNoWords},
		{"a television, misheard", heard("Please, sir, listen, but you're not your senior effective model.", -1.48, 3840, 0.92, -20, "I'm going to tell you about it."), hearing.DoubtUnsure},
		{"a television, well heard", heard("He opened the window and saw that the garden was full of snow.", -0.25, 3040, 0.93, -36, "The opening window is installed."), hearing.DoubtMuffled},
		{"a television, a loop", heard("In the second half the video gets first wide within 5 minutes, in the open half the video gets first wide within 5 minutes",
			-0.62, 6816, 0.928, 0, "In the fourth and half of the division of the fourth class, we will find the meaning."), hearing.DoubtLoop},
		{"a giggle", heard("P", -3.3, 672, 0.917, -3.9, "You can't get me"), hearing.DoubtUnsure},
		{"a jingle", heard("I", -1.34, 384, 0.62, -8, "Ah, yeah."), hearing.DoubtUnsure},
		{"a game that is over", heard("Oh", -1.6, 512, 0.8, -37.7, "Oh"), hearing.DoubtPhantom},
		{"nothing", heard(" ", 0, 128, 0.9, 0, ""), hearing.DoubtNothing},

		{"no", heard("No", -0.47, 448, 0.9, -25.9, "No."), hearing.DoubtNone},
		{"two, in the room's noise", heard("2", -0.6, 288, 0.92, 0, "Two."), hearing.DoubtNone},
		{"a poor voice", heard("Blue", -2.6, 320, 0.72, -11, "Blue."), hearing.DoubtNone},
		{"both ears wrong", heard("Dumber", -2.54, 416, 0.99, -9, "Never."), hearing.DoubtNone},
		{"too short for the fast ear", heard("Who?", -1.02, 256, 0.95, -10, ""), hearing.DoubtNone},
		{"hi, both ears wrong", heard("bye", -2.17, 320, 0.93, 0, "Height,"), hearing.DoubtNone},
		{"fine, a phantom to one ear", heard("I", -1.54, 416, 0.94, -10.4, "Pine."), hearing.DoubtNone},
		{"there, of a robot", heard("there", -0.58, 320, 0.65, -15.3, "There"), hearing.DoubtNone},
		{"a sentence in noise", heard("Can anybody explain why the screen is still blank?", -0.59, 2300, 0.91, 0, "And I need to explain why the spring is so grand."), hearing.DoubtNone},
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
	long := heard("Tell me what you see", -0.5, 1200, 0.875, 0, "") // 3.0
	short := heard("blue", -2.3, 400, 0.875, 0, "")                 // 1.2
	for _, c := range []struct {
		name   string
		base   hearing.Evidence
		change func(e *hearing.Evidence)
		want   hearing.Doubt
	}{
		{"just sure enough", long, func(*hearing.Evidence) {}, hearing.DoubtNone},
		{"words less sure", long, func(e *hearing.Evidence) { e.AvgLogProb = -0.51 }, hearing.DoubtUnsure},
		{"a voice less sure", long, func(e *hearing.Evidence) { e.Voice = 0.874 }, hearing.DoubtUnsure},
		{"a voice less sure, surer words", long, func(e *hearing.Evidence) { e.Voice, e.AvgLogProb = 0.78, -0.1 }, hearing.DoubtNone},
		{"shorter", long, func(e *hearing.Evidence) { e.AvgLogProb, e.Voiced = -2.3, 1199*time.Millisecond }, hearing.DoubtNone},
		{"agreed", long, func(e *hearing.Evidence) { e.AvgLogProb, e.Interim = -1.5, "Tell me what you see" }, hearing.DoubtNone},
		{"agreed, and yet", long, func(e *hearing.Evidence) { e.AvgLogProb, e.Interim = -1.51, "Tell me what you see" }, hearing.DoubtUnsure},
		{"three quarters agreed", long, func(e *hearing.Evidence) { e.AvgLogProb, e.Interim = -1, "Tell me what yo xxxx" }, hearing.DoubtNone},
		{"and less", long, func(e *hearing.Evidence) { e.AvgLogProb, e.Interim = -1, "Tell me what y xxxxx" }, hearing.DoubtUnsure},
		{"half agreed: chance", long, func(e *hearing.Evidence) { e.AvgLogProb, e.Interim = -0.51, "Tell me wxxxxxxxxx" }, hearing.DoubtUnsure},
		{"ears that disagree take nothing away", long, func(e *hearing.Evidence) { e.Interim = "Good morning" }, hearing.DoubtNone},
		{"dull", long, func(e *hearing.Evidence) { e.Treble, e.Interim = -29.1, "Good morning" }, hearing.DoubtMuffled},
		{"dull, no witness", long, func(e *hearing.Evidence) { e.Treble = -29.1 }, hearing.DoubtNone},
		{"dull and clear", long, func(e *hearing.Evidence) { e.Treble, e.AvgLogProb, e.Voice, e.Interim = -29.1, 0, 1, "Good morning" }, hearing.DoubtNone},
		{"dull and a little less clear", long, func(e *hearing.Evidence) {
			e.Treble, e.AvgLogProb, e.Voice, e.Interim = -29.1, -0.01, 1, "Good morning"
		}, hearing.DoubtMuffled},
		{"hardly dull", long, func(e *hearing.Evidence) { e.Treble, e.Interim = -29, "Good morning" }, hearing.DoubtNone},
		{"dull, but short: some voices are", short, func(e *hearing.Evidence) { e.Treble = -33 }, hearing.DoubtNone},
		{"a word, just sure enough", short, func(*hearing.Evidence) {}, hearing.DoubtNone},
		{"less sure", short, func(e *hearing.Evidence) { e.AvgLogProb = -2.31 }, hearing.DoubtUnsure},
		{"too fast", long, func(e *hearing.Evidence) { e.Voiced = 430 * time.Millisecond }, hearing.DoubtTooFast},
		{"just possible", long, func(e *hearing.Evidence) { e.Voiced = 440 * time.Millisecond }, hearing.DoubtNone},
		{"a number is as long as its words", long, func(e *hearing.Evidence) { e.Text, e.Voiced = "1234", 420*time.Millisecond }, hearing.DoubtTooFast},
		{"half again", long, func(e *hearing.Evidence) { e.Text = "a b c d a b c d a b c" }, hearing.DoubtLoop},
		{"not so much", long, func(e *hearing.Evidence) { e.Text = "a b c d e f g a b c d" }, hearing.DoubtNone},
		{"just a quarter", long, func(e *hearing.Evidence) { e.Text = "a b c d a b c" }, hearing.DoubtNone},
		{"four in a row, again and again", long, func(e *hearing.Evidence) { e.Text = "A, b. A b a b!" }, hearing.DoubtLoop},
		{"three words, thrice", long, func(e *hearing.Evidence) { e.Text = "no no no" }, hearing.DoubtNone},
		{"a phantom, no witness", short, func(e *hearing.Evidence) { e.Text = "Thank you." }, hearing.DoubtPhantom},
		{"a phantom and another", short, func(e *hearing.Evidence) { e.Text, e.Interim = "Thank you.", "Okay" }, hearing.DoubtPhantom},
		{"a phantom and signs", short, func(e *hearing.Evidence) { e.Text, e.Interim = "Thank you.", "♪" }, hearing.DoubtPhantom},
		{"a phantom and words", short, func(e *hearing.Evidence) { e.Text, e.Interim = "Thank you.", "Fink" }, hearing.DoubtNone},
		{"thanks, sure", short, func(e *hearing.Evidence) { e.Text, e.AvgLogProb = "Thank you.", -0.5 }, hearing.DoubtNone},
		{"thanks, less sure", short, func(e *hearing.Evidence) { e.Text, e.AvgLogProb = "Thank you.", -0.51 }, hearing.DoubtPhantom},
		{"thanks, agreed", short, func(e *hearing.Evidence) { e.Text, e.Interim, e.AvgLogProb = "Thank you.", "Thank you", -1.5 }, hearing.DoubtNone},
		{"he, not laughter", short, func(e *hearing.Evidence) { e.Text = "He hid" }, hearing.DoubtNone},
		{"hi", short, func(e *hearing.Evidence) { e.Text = "Hi!" }, hearing.DoubtNone},
		{"ha", short, func(e *hearing.Evidence) { e.Text = "Ha! Ha." }, hearing.DoubtNoWords},
		{"laughter before words", long, func(e *hearing.Evidence) { e.Text = "Haha, tell me what you see" }, hearing.DoubtNone},
	} {
		e := c.base
		if c.change(&e); e.Doubt() != c.want {
			t.Errorf("%s: %v, want %v", c.name, e.Doubt(), c.want)
		}
	}
}

func TestDoubtsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for d := hearing.DoubtNone; d <= hearing.DoubtUnsure+1; d++ {
		if name := d.String(); seen[name] || name == "" || (name == "unknown") != (d > hearing.DoubtUnsure) {
			t.Errorf("%d is %q", d, name)
		}
		seen[d.String()] = true
	}
}
