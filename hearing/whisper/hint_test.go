package whisper_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
)

// TestHintTokens: names are a sentence, as many as fit, none in part.
func TestHintTokens(t *testing.T) {
	_, v := installedTokenizer(t)
	long := strings.Repeat("Llanfairpwllgwyngyll", 12)
	many := slices.Repeat([]string{"Iris", "Bella"}, 40)
	for _, c := range []struct {
		name  string
		names []string
		want  []int
	}{
		{"none", nil, nil},
		{"blank ones", []string{"", " \n", "\xff"}, nil},
		{"one", []string{"Iris"}, []int{34230, 13}},
		{"three", []string{"Iris", "Bella", "Otto"}, []int{34230, 11, 39304, 11, 30755, 13}},
		{"in small letters", []string{"iris", "otto"}, []int{34230, 11, 30755, 13}},
		{"with space around it", []string{" Iris\n"}, []int{34230, 13}},
		{"one that does not fit", []string{"Iris", long, "Otto"}, []int{34230, 11, 30755, 13}},
		{"one that is no name", []string{"Iris", strings.Repeat("a", 257), "Otto"}, []int{34230, 11, 30755, 13}},
		{"more than fit", many, append(slices.Repeat([]int{34230, 11, 39304, 11}, 16)[:63], 13)},
		{"room for a shorter one", append(slices.Clone(many[:31]), "Siobhan", "Otto"), append(slices.Repeat([]int{34230, 11, 39304, 11}, 16)[:62], 30755, 13)},
	} {
		if got := v.HintOf(c.names); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if n := len(v.HintOf([]string{long[:240]})); n != 0 {
		t.Errorf("a name of more tokens than fit: %d", n)
	}
}

// TestHintOfAVocabularyWithoutTheSigns: such names are left out.
func TestHintOfAVocabularyWithoutTheSigns(t *testing.T) {
	v, err := whisper.ParseVocabulary([]byte(`{"a":0,"Ġ":1,",":2,"Ġa":3}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := v.HintOf([]string{"b", "a", "aa"}); !slices.Equal(got, []int{3, 2, 3, 0, 2}) {
		t.Error(got)
	}
}

// TestNamesAreHeard: who is called is written as their name; without it they are misheard.
func TestNamesAreHeard(t *testing.T) {
	m := open(t, installed.Weights8, 2)
	names := []string{"Luna", "Theo", "Juno"}
	for _, c := range []struct {
		name string
		pcm  []float32
	}{
		{"Luna", scripted.Flite(t, "slt", "Luna, what is the capital of France?", 1)},
		{"Theo", scripted.Espeak(t, "Theo, what is the capital of France?")},
		{"Juno", scripted.Flite(t, "slt", "Juno, what is the capital of France?", 1)},
	} {
		pcm := scripted.AsHeard(c.pcm)
		without, err := m.Transcribe(t.Context(), pcm)
		if err != nil {
			t.Fatal(err)
		}
		with, err := m.TranscribeHinted(t.Context(), pcm, names)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(without.Text, c.name) || !strings.HasPrefix(with.Text, c.name+", what is the capital") {
			t.Errorf("%s: %q without names, %q with them", c.name, without.Text, with.Text)
		}
		if with.AvgLogProb <= without.AvgLogProb || with.NoSpeech > 0.3 {
			t.Errorf("%s: log probability %.2f without names, %.2f with them; no speech %.2f", c.name, without.AvgLogProb, with.AvgLogProb, with.NoSpeech)
		}
	}
}

// TestWithoutANameNothingChanges: what does not hold one of the names is what it is without them,
// to the bit, also between others: a text before makes the model surer of noise than it should be.
func TestWithoutANameNothingChanges(t *testing.T) {
	m := open(t, installed.Weights8, 2)
	all := []string{"Iris", "Bella", "Otto"}
	for _, c := range []struct {
		name  string
		pcm   []float32
		names []string
	}{
		{"a question", scripted.AsHeard(scripted.Flite(t, "slt", scripted.Question, 1)), all},
		{"a question, no names", scripted.AsHeard(scripted.Flite(t, "slt", scripted.Question, 1)), []string{" "}},
		{"hiss", scripted.Noise(2*time.Second, 0.01, 1), all},
		{"silence", scripted.Silence(time.Second), all},
	} {
		want, err := m.Transcribe(t.Context(), c.pcm)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.TranscribeHinted(t.Context(), c.pcm, c.names); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, want)
		}
	}
}

// TestNamesInOnePieceOfTwo: each piece is judged by itself.
func TestNamesInOnePieceOfTwo(t *testing.T) {
	m := open(t, installed.Weights8, 2)
	call := scripted.AsHeard(scripted.Flite(t, "slt", "Luna, what is the capital of France?", 1))
	pcm := scripted.Join(call, scripted.Noise(26*time.Second, 0.0005, 1), scripted.Flite(t, "slt", scripted.Question, 1))
	got, err := m.TranscribeHinted(t.Context(), pcm, []string{"Luna"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Text, "Luna") || !strings.Contains(got.Text, "capital of France? What") || !strings.Contains(got.Text, "large triangle") || got.Tokens < 15 || got.NoSpeech > 0.1 {
		t.Errorf("%+v", got)
	}
}

func TestSays(t *testing.T) {
	names := []string{"Iris", "Mary Ann", "GPT-4o", "Zoë", "!"}
	for text, want := range map[string]bool{
		"":                          false,
		"Iris, what is that?":       true,
		"I asked IRIS.":             true,
		"That is Iris's.":           true,
		"What does irises mean?":    false,
		"Mary, where is Ann?":       false,
		"Is mary ann here?":         true,
		"Mary":                      false,
		"Hello, GPT 4o!":            true,
		"Hello, zoë.":               true,
		"Nothing of the sort! No!!": false,
	} {
		if whisper.Says(text, names) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}
