package heard_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/tts"
	"github.com/sensory-agent/sensory-agent/tts/spoken"
)

// voice and ear are the models of the test.
const (
	voice = "piper:en_US-joe-medium"
	ear   = "whisper-base.en"
	rate  = 16000 // Hz, what the ear takes

	// takes is how often a clause is said until it is understood. The voice says it a little
	// differently each time, and the ear errs on a few takes of a hundred; what is said in wrong
	// words is understood in none.
	takes = 3
)

// stage is a voice and an ear, loaded once for all clauses.
type stage struct {
	voice tts.Voice
	ear   *whisper.Model
}

func open(t *testing.T) stage {
	t.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, rt.Close) })
	testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	v, err := tts.Open(t.Context(), rt, voice, tts.FilesIn(testmodels.Dir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, v.Close) })
	encoder := testmodels.Path(t, ear, "encoder_model.onnx")
	files := whisper.Files{
		Encoder: encoder, Decoder: testmodels.Path(t, ear, "decoder_model_merged.onnx"), Config: os.DirFS(filepath.Dir(encoder)),
	}
	m, err := whisper.Open(t.Context(), rt, files, whisper.Options{Session: ort.Options{Threads: 2}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, m.Close) })
	return stage{v, m}
}

func closed(t *testing.T, release func() error) {
	if err := release(); err != nil {
		t.Error(err)
	}
}

// hear says a text and returns what the ear writes.
func (s stage) hear(t *testing.T, text string) string {
	t.Helper()
	convert, err := media.NewResampler(s.voice.SampleRate(), rate)
	if err != nil {
		t.Fatal(err)
	}
	var pcm []float32
	err = s.voice.Synthesize(t.Context(), text, func(p []float32) error {
		pcm = convert.Process(pcm, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	heard, err := s.ear.Transcribe(t.Context(), convert.Flush(pcm))
	if err != nil {
		t.Fatal(err)
	}
	return heard.Text
}

// words writes a transcript in words and without punctuation, so that "$19.99" and "nineteen
// dollars and ninety-nine cents" are equal. The words that are looked for are written by hand.
func words(transcript string) string {
	said := strings.ToLower(spoken.English(transcript).Text)
	return " " + strings.Join(strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(" ,.;:!?-", r) }), " ") + " "
}

func TestWhatIsMeantIsHeard(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		kind, text string
		want       []string // each has to be heard; alternatives stand between bars
	}{
		{"at least", "The speed has to be >= 50 today.", []string{"greater than or equal to fifty"}},
		{"at most", "The weight must be <= 30 in the end.", []string{"less than or equal to thirty"}},
		{"less", "We know that 3 < 5 is true.", []string{"three is less than five"}},
		{"greater", "The answer is that 12 > 7.", []string{"twelve is greater than seven"}},
		{"unequal", "The result is != 0 here.", []string{"not equal to zero"}},
		{"money", "The ticket costs $19.99 today.", []string{"nineteen dollars and ninety nine cents"}},
		{"large money", "The company paid $1.4 billion for it.", []string{"one point four billion dollars"}},
		{"negative", "It is -5 °C outside.", []string{"minus five degrees|negative five degrees"}},
		{"telephone", "My number is 555-1234.", []string{"five five five one two three four"}},
		{"date", "The meeting is on 2024-03-15.", []string{"march fifteenth twenty twenty four"}},
		{"time", "The train leaves at 14:30.", []string{"fourteen thirty|one thousand four hundred thirty"}},
		{"percent", "About 12.5% of them came.", []string{"twelve point five percent"}},
		{"unit", "The car drives at 100 km/h.", []string{"one hundred kilometers per hour"}},
		{"sum", "We know that 15 - 6 = 9.", []string{"fifteen minus six|fifteen to six", "nine"}},
		{"fraction", "The glass is 2/3 full of water.", []string{"two thirds|two over three"}},
		{"range", "It takes 10-20 minutes.", []string{"ten to twenty minutes"}},
		{"thousands", "There were 12,345 people.", []string{"twelve thousand three hundred forty five"}},
		{"version", "Please install v2.10 tonight.", []string{"version two point ten|version two point one zero"}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			var heard []string
			for range takes {
				transcript := s.hear(t, c.text)
				if understood(transcript, c.want) {
					return
				}
				heard = append(heard, transcript)
			}
			t.Errorf("%q was said as %q and heard as %q, without %q", c.text, tts.Speakable(c.text), heard, c.want)
		})
	}
}

// understood reports whether a transcript holds all that is wanted.
func understood(transcript string, want []string) bool {
	got := words(transcript)
	for _, w := range want {
		if !slices.ContainsFunc(strings.Split(w, "|"), func(w string) bool { return strings.Contains(got, " "+w+" ") }) {
			return false
		}
	}
	return true
}
