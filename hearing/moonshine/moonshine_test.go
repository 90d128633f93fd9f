package moonshine_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
)

func open(tb testing.TB) *moonshine.Model {
	tb.Helper()
	return installed.Moonshine(tb, installed.Runtime(tb), ort.Options{})
}

// long is a clip of 14 s. Its phrases below are words that the model is sure of: other levels,
// noise and starts of the clip do not change them.
const long = "My sister lives in a small town near the ocean. The library is closed on Sunday afternoon. " +
	"The children are playing football behind the old school. She bought three apples, two lemons and a loaf of bread. " +
	"Please write down the name and the address of the hotel."

func TestTranscribe(t *testing.T) {
	scripted.CheckTranscripts(t, open(t), []scripted.Clip{
		{Name: "slt", PCM: scripted.Flite(t, "slt", scripted.Question, 1), Phrases: []string{"what", "color", "triangle", "left"}},
		{Name: "espeak", PCM: scripted.Espeak(t, "How many people are in the room today?"), Phrases: []string{"how many people", "room"}},
		{Name: "shorter than a second", PCM: scripted.Flite(t, "slt", "Good morning.", 1), Phrases: []string{"good morning"}},
		{Name: "longer than nine seconds", PCM: scripted.AsHeard(scripted.Flite(t, "slt", long, 1)), Phrases: []string{
			"my sister lives in a small town near the ocean", "library is closed on sunday afternoon", "football behind the old school",
			"apples, two lemons and a loaf of bread", "write down the name and the address of the hotel",
		}},
	})
}

// The same samples give the same words and the same probabilities, however many threads and
// processors there are.
func TestTranscribeIsTheSameEveryTime(t *testing.T) {
	rt := installed.Runtime(t)
	pcm := scripted.Flite(t, "slt", long, 1)
	var want hearing.Transcript
	for _, threads := range []int{1, 2, 3} {
		m := installed.Moonshine(t, rt, ort.Options{Threads: threads})
		for _, processors := range []int{1, 4} {
			before := runtime.GOMAXPROCS(processors)
			got, err := m.Transcribe(t.Context(), pcm)
			runtime.GOMAXPROCS(before)
			if err != nil {
				t.Fatal(err)
			}
			if want.Text == "" {
				want = got
			}
			if got != want || got.Text == "" {
				t.Errorf("%d threads, %d processors: %+v, want %+v", threads, processors, got, want)
			}
		}
	}
}

func TestTranscribeIsTheSameConcurrently(t *testing.T) {
	m := open(t)
	pcm := scripted.Flite(t, "slt", "The quick brown fox jumps over the lazy dog.", 1)
	want, err := m.Transcribe(t.Context(), pcm)
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string, 3)
	for range cap(results) {
		go func() {
			got, err := m.Transcribe(t.Context(), pcm)
			results <- got.Text
			if err != nil {
				t.Error(err)
			}
		}()
	}
	for range cap(results) {
		if got := <-results; got != want.Text {
			t.Errorf("got %q, alone it was %q", got, want.Text)
		}
	}
}

func TestTranscribeRefuses(t *testing.T) {
	m := open(t)
	scripted.CheckRefusals(t, m, map[string][]float32{"too long": make([]float32, 65*hearing.SampleRate)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Transcribe(ctx, make([]float32, hearing.SampleRate)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func BenchmarkTranscribe(b *testing.B) { scripted.BenchmarkClip(b, open(b)) }
