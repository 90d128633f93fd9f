package hearing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/internal/sounds"
	"github.com/sensory-agent/sensory-agent/media"
)

// count is what came of the sounds of one kind.
type count struct {
	length                time.Duration
	turns, before, untrue int // utterances; those with a transcript; those with one that nothing speaks against
}

// roomTone is what a quiet room has between sounds: −66 dBFS.
const roomTone = 0.0005

// noises plays sounds in which nobody speaks to the persona.
func (s *studio) noises() (takes []take) {
	if s.replay != nil {
		speech := map[string]bool{"answer": true, "sentence": true, "backchannel": true, "interruption": true, "slow": true}
		return s.again(func(kind string) bool { return !speech[kind] })
	}
	play := func(kind, name string, pcm []float32) {
		const before = 600 * time.Millisecond
		room := float32(scripted.Choose(roomTone, roomTone, 2*roomTone))
		pcm = scripted.Join(scripted.Noise(before, room, 1), laid(pcm, room), scripted.Noise(1200*time.Millisecond, room, 2))
		takes = append(takes, s.hear(take{Kind: kind, Name: name, Begins: before}, pcm, false))
	}
	packagedSounds(s.t, play)
	drawnSounds(play)
	talkingElsewhere(s.t, play)
	return takes
}

// TestFiguresNonSpeech plays sounds in which nobody speaks to the persona, at least an hour with
// the packaged ones, and counts the utterances that would be answered. Wanted is at most one in 30
// minutes.
func TestFiguresNonSpeech(t *testing.T) {
	counts, kinds := map[string]*count{}, []string(nil)
	for _, k := range openStudio(t).noises() {
		c := counts[k.Kind]
		if c == nil {
			c = &count{}
			counts[k.Kind], kinds = c, append(kinds, k.Kind)
		}
		c.length += k.Length - 1800*time.Millisecond
		for _, v := range k.verdicts(t) {
			c.turns++
			if v.why != hearing.DoubtNothing {
				c.before++
			}
			if v.why == hearing.DoubtNone {
				c.untrue++
				t.Logf("%s %s: %q", k.Kind, k.Name, v.Text)
			}
		}
	}
	var all count
	for _, kind := range kinds {
		c := counts[kind]
		t.Logf("%-12s %5.1f min: %3d turns, %3d with a transcript, %d answered", kind, c.length.Minutes(), c.turns, c.before, c.untrue)
		all = count{all.length + c.length, all.turns + c.turns, all.before + c.before, all.untrue + c.untrue}
	}
	t.Logf("all %.1f min: %d turns, with a transcript %.1f in 30 minutes, answered %.2f in 30 minutes",
		all.length.Minutes(), all.turns, float64(all.before)*30/all.length.Minutes(), float64(all.untrue)*30/all.length.Minutes())
	if all.length == 0 || float64(all.untrue)*30 > all.length.Minutes() {
		t.Error("more than one false turn in 30 minutes")
	}
}

// mixed lays the tone of a quiet room under pcm.
func mixed(pcm []float32) []float32 { return laid(pcm, roomTone) }

// laid lays the tone of a room under pcm.
func laid(pcm []float32, level float32) []float32 {
	room := scripted.Noise(time.Duration(len(pcm))*time.Second/hearing.SampleRate, level, 3)
	for i, x := range pcm[:len(room)] {
		room[i] = min(1, max(-1, room[i]+x))
	}
	return room
}

// drawnSounds plays everything of package sounds, loud and soft, in one go or in pieces of 0.4 s to
// 6 s.
func drawnSounds(play func(kind, name string, pcm []float32)) {
	for _, k := range sounds.Kinds() {
		for seed := range uint64(6) {
			dbfs := scripted.Choose(-14.0, -14, -17) - 6*float64(seed)
			if k.Steady {
				play(k.Name, fmt.Sprint(seed), k.Make(scripted.Seed(1000+seed), 25, dbfs))
				continue
			}
			var pcm []float32
			for i, seconds := range []float64{0.4, 0.6, 0.8, 1, 1.3, 1.7, 2.5, 3, 4, 6} {
				pcm = scripted.Join(pcm, k.Make(scripted.Seed(1000+100*seed+uint64(i)), seconds, dbfs), scripted.Silence(1200*time.Millisecond))
			}
			play(k.Name, fmt.Sprint(seed), pcm)
		}
	}
}

// newsread is what people say in babble and on television.
func newsread() []string {
	return scripted.Choose(
		[]string{
			"The committee will meet again on Thursday to talk about the new budget.",
			"Scientists have found that the river is warmer than it was ten years ago.",
			"And now to the weather, which will be cold with some rain in the north.",
			"I told him that he should never have sold the old house by the lake.",
			"Our guest tonight has written three books about the history of bread.",
			"The train to the coast leaves at half past nine from platform four.",
			"She opened the window and saw that the garden was full of snow.",
			"Police are looking for two men who were seen near the bank this morning.",
		},
		[]string{
			"The bakery on the corner opens at six and closes when the bread is sold.",
			"In the second half the visitors scored twice within five minutes.",
			"My sister has moved to a small village near the mountains.",
			"Experts say that prices will rise again before the end of the year.",
			"He put the letter back into the drawer and locked it.",
			"Heavy winds have closed the bridge to trucks since this afternoon.",
			"You will need two eggs, some flour and a little salt.",
			"The museum shows paintings that nobody has seen for a century.",
		},
		[]string{
			"The library is closed on Mondays and opens again at ten on Tuesday.",
			"Their youngest son plays the violin in the school orchestra.",
			"Sales of bicycles have doubled since the spring of last year.",
			"Please remember to close the gate when you leave the field.",
			"A storm is expected to reach the islands late on Sunday night.",
			"We had soup and fish, and the dessert was made of plums.",
			"The judge asked the witness to describe the car once more.",
			"Nobody knew why the lights in the tower had been left on.",
		},
	)
}

// talkingElsewhere plays babble and a television in another room: behind a wall that lets through
// what lies below 300 Hz to 600 Hz, 20 dB to 30 dB softer than somebody who speaks in this one.
func talkingElsewhere(t *testing.T, play func(kind, name string, pcm []float32)) {
	t.Helper()
	var speech [][]float32
	for i, text := range newsread() {
		for _, voice := range []string{"slt", "rms", "awb", "kal16"} { // held out, other words are enough: a wall leaves little of a voice
			if (i+len(voice))%2 == 0 {
				speech = append(speech, sounds.Level(scripted.Flite(t, voice, text, 0.9+0.05*float64(i%4)), -20))
			}
		}
		speech = append(speech, sounds.Level(scripted.Espeak(t, text), -20))
	}
	for seed := range uint64(4) {
		for _, voices := range []int{6, 10, 16} {
			play("babble", fmt.Sprint(seed, voices), sounds.Babble(scripted.Seed(seed), 20, scripted.Choose(-20.0, -20, -23)-5*float64(seed), speech, voices))
		}
		for _, cut := range []float64{300, 450, 600} {
			play("television", fmt.Sprint(seed, cut), sounds.Television(scripted.Seed(seed), 20, scripted.Choose(-42.0, -42, -40)-3*float64(seed), cut, speech))
		}
	}
}

// packagedSounds plays the files of a folder, short ones as they are, long ones in pieces of 20 s.
func packagedSounds(t *testing.T, play func(kind, name string, pcm []float32)) {
	t.Helper()
	folder := os.Getenv(soundsEnv)
	if folder == "" {
		t.Log(soundsEnv + " is not set: only drawn sounds are played")
		return
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.wav"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(paths), err)
	}
	for _, path := range paths {
		wav := readWAV(t, path)
		pcm := scripted.To16k(t, wav.Samples, wav.Rate)
		for n := 0; len(pcm) > 0; n++ {
			piece := pcm[:min(len(pcm), 20*hearing.SampleRate)]
			pcm = pcm[len(piece):]
			play("packaged", fmt.Sprint(filepath.Base(path), " ", n), piece)
		}
	}
}

func readWAV(t *testing.T, path string) media.WAV {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	wav, err := media.ReadWAV(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return wav
}
