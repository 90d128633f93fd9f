package hearing_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/hesitant"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/hearing/smartturn"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/tts"
)

// Environment of the figures of turns; scripts/bench-turns sets it.
const (
	turnsEnv   = "SENSORY_AGENT_TURNS"   // a file of takes: it is judged, and made first where it is not there
	promptsEnv = "SENSORY_AGENT_PROMPTS" // a folder of sentences that a person said, see hesitant.Prompts
)

// turnTakes reads the takes, or makes them.
func turnTakes(t *testing.T) (takes []turnTake) {
	t.Helper()
	path := os.Getenv(turnsEnv)
	if path == "" {
		t.Skip(turnsEnv + " is not set: this takes half an hour")
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		recordTurns(t, path)
		f, err = os.Open(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := json.NewDecoder(f); ; {
		var k turnTake
		if err := lines.Decode(&k); errors.Is(err, io.EOF) {
			return takes
		} else if err != nil {
			t.Fatal(err)
		}
		takes = append(takes, k)
	}
}

// recordTurns speaks all turns of the set and hears them.
func recordTurns(t *testing.T, path string) {
	t.Helper()
	rt := installed.Runtime(t)
	s := &studio{t: t, rt: rt}
	hears := turnEars{installed.Silero(t, rt), installed.SmartTurn(t, rt), installed.OpenEars(t, rt).Fast}
	f, err := os.Create(path + ".part")
	if err != nil {
		t.Fatal(err)
	}
	out := json.NewEncoder(f)
	s.hesitantTurns(func(turn hesitant.Turn, pace int) {
		k := hears.take(t, turn.PCM)
		k.Name, k.Text, k.Pace, k.Ends, k.Pauses = turn.Name, turn.Text, pace, turn.Ends, turn.Pauses
		if err := out.Encode(k); err != nil {
			t.Fatal(err)
		}
	})
	if err := errors.Join(f.Close(), os.Rename(path+".part", path)); err != nil {
		t.Fatal(err)
	}
}

// hesitantTurns speaks the turns of the set. Every voice says every sentence, with pauses of a
// length that changes from turn to turn; the sentences of a person have pauses put between their
// words.
func (s *studio) hesitantTurns(each func(turn hesitant.Turn, pace int)) {
	s.t.Helper()
	judge := scripted.Set() == 2
	var cast []scripted.Speaker
	flite := func(voice string) scripted.Speaker {
		return scripted.Speaker{Name: voice, Say: func(tb testing.TB, text string) []float32 {
			tb.Helper()
			return scripted.Flite(tb, voice, text, 1)
		}}
	}
	if judge {
		cast = []scripted.Speaker{flite("awb"), flite("kal16"), {Name: "espeak-gb-f3", Say: func(tb testing.TB, text string) []float32 {
			tb.Helper()
			return scripted.EspeakVoice(tb, "en-gb+f3", text)
		}}, s.kokoro("bf_emma")}
	} else {
		piper := scripted.OpenPiper(s.t, s.rt, testmodels.Path(s.t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx"))
		cast = []scripted.Speaker{flite("slt"), flite("rms"), {Name: "espeak", Say: scripted.Espeak}, {Name: "piper", Say: piper.Speak}}
	}
	for k, text := range hesitant.Texts(judge) {
		for c, by := range cast {
			pace := (k + c) % 3
			each(hesitant.Speak(s.t, by, text, hesitant.Paces()[pace], (k+c/2)%2 == 0, uint64(1000*c+k)), pace)
		}
	}
	folder := os.Getenv(promptsEnv)
	if folder == "" {
		s.t.Log(promptsEnv + " is not set: nobody speaks but synthesizers")
		return
	}
	for i, p := range hesitant.Prompts(s.t, folder, judge) {
		text, parts := strings.Join(p.Pieces, " | "), hesitant.Cut(s.t, p.PCM, p.Pieces)
		each(hesitant.Paused("person", text, parts, hesitant.Paces()[i%3], uint64(5000+i)), i%3)
	}
}

// kokoro is a voice of Kokoro as a speaker.
func (s *studio) kokoro(name string) scripted.Speaker {
	s.t.Helper()
	testmodels.Path(s.t, "kokoro-82m", "voices/"+name+".bin")
	voice, err := tts.Open(s.t.Context(), s.rt, "kokoro:"+name, tts.FilesIn(testmodels.Dir()))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := voice.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return scripted.Speaker{Name: name, Say: func(tb testing.TB, text string) []float32 {
		tb.Helper()
		var pcm []float32
		err := voice.Synthesize(tb.Context(), text, func(p []float32) error {
			pcm = append(pcm, p...)
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
		return scripted.Trim(scripted.To16k(tb, pcm, voice.SampleRate()))
	}}
}

// turnEars are what turns are heard with.
type turnEars struct {
	voice *silero.Model
	turn  *smartturn.Model
	fast  hearing.Transcriber
}

// Windows of silence after which the engines are asked: as a listener asks, and once more.
const textAt = 2

func judgeAt(n int) bool { return n == 3 || n == 7 || n == 14 }

// take hears a turn. The thresholds of speech are those of an Endpointer.
func (e turnEars) take(t *testing.T, pcm []float32) (k turnTake) {
	t.Helper()
	detector, err := e.voice.NewDetector()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = detector.Close() }()
	begun, silent := -1, 0 // the first window of speech; the windows of the present silence
	for i := 0; (i+1)*hearing.WindowSamples <= len(pcm); i++ {
		p, err := detector.Probability(pcm[i*hearing.WindowSamples:][:hearing.WindowSamples])
		if err != nil {
			t.Fatal(err)
		}
		k.Voice = append(k.Voice, int(100*p+0.5))
		switch {
		case p >= 0.5:
			silent = 0
			if begun < 0 {
				begun = i
			}
		case begun < 0:
		case silent > 0:
			silent++
		case p < 0.35:
			silent = 1
			k.Stops = append(k.Stops, stopTake{At: i, Over: map[int]float32{}})
		}
		if silent > 0 {
			from := max(0, begun*hearing.WindowSamples-hearing.SampleRate/2)
			e.ask(t, &k.Stops[len(k.Stops)-1], silent, pcm[from:(i+1)*hearing.WindowSamples])
		}
	}
	return k
}

// ask has the engines judge a clip that ends after some windows of silence.
func (e turnEars) ask(t *testing.T, stop *stopTake, silent int, clip []float32) {
	t.Helper()
	if judgeAt(silent) {
		over, err := e.turn.EndOfTurn(t.Context(), clip)
		if err != nil {
			t.Fatal(err)
		}
		stop.Over[silent] = over
	}
	if silent == textAt {
		text, err := e.fast.Transcribe(t.Context(), clip)
		if err != nil {
			t.Fatal(err)
		}
		stop.Text = text.Text
	}
}
