package wer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing/wer"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"What colour is the car?":            "what color is the car",
		"It's 42 o'clock, isn't it":          "it is forty two oclock is not it",
		"I can't; you won't. They've 1,205!": "i can not you will not they have one two hundred five",
		"The keeper’s lamp -- 100% grey":     "the keeper s lamp one hundred percent gray",
		"300 and 20019":                      "three hundred and twenty thousand nineteen",
		" ... ' ":                            "",
	} {
		if got := wer.Words(text); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for _, c := range []struct {
		said, heard   string
		sub, del, ins int
	}{
		{"one two three", "One, two, three.", 0, 0, 0},
		{"one two three", "one four three", 1, 0, 0},
		{"one two three", "one three", 0, 1, 0},
		{"one two three", "one two two three", 0, 0, 1},
		{"one two three", "", 0, 3, 0},
		{"", "thank you", 0, 0, 2},
		{"the cat sat on the mat", "a cat sat the mat now", 1, 1, 1},
	} {
		got := wer.Count(c.said, c.heard)
		if got.Substituted != c.sub || got.Deleted != c.del || got.Inserted != c.ins || got.Words != len(strings.Fields(c.said)) {
			t.Errorf("%q heard as %q: %+v", c.said, c.heard, got)
		}
	}
}

func TestAdd(t *testing.T) {
	sum := wer.Count("one two three four", "one two three five").Add(wer.Count("six seven eight nine", "six seven eight nine"))
	if sum.Percent() != 12.5 || sum.Sentences != 2 || sum.SentenceMiss != 1 {
		t.Errorf("%v %+v", sum.Percent(), sum)
	}
	if !strings.HasPrefix(sum.String(), "12.5 % (1 of 8 words") {
		t.Errorf("%s", sum)
	}
}

func TestSentences(t *testing.T) {
	all := wer.Sentences()
	if len(all) < 60 {
		t.Errorf("%d sentences", len(all))
	}
	seen := map[string]bool{}
	for _, s := range all {
		if len(wer.Words(s)) < 3 || seen[s] {
			t.Errorf("%q is too short or there twice", s)
		}
		seen[s] = true
	}
}

func TestTrial(t *testing.T) {
	broken := errors.New("broken")
	texts := []string{"one two three", "four five six"}
	trial := wer.Trial{
		Speak: func(_ context.Context, text string) ([]float32, error) { return make([]float32, len(text)), nil },
		Link:  func(_ context.Context, pcm []float32) ([]float32, error) { return pcm[1:], nil },
		Hear: func(_ context.Context, pcm []float32) (string, error) {
			if len(pcm) != len(texts[0])-1 {
				t.Errorf("%d samples arrived", len(pcm))
			}
			return "four two three", nil
		},
	}
	sum, misses, err := trial.Run(t.Context(), texts)
	if err != nil || sum.Total() != 1+2 || sum.Words != 6 || len(misses) != 2 {
		t.Errorf("%+v %+v %v", sum, misses, err)
	}
	trial.Link = func(context.Context, []float32) ([]float32, error) { return nil, broken }
	if _, _, err := trial.Run(t.Context(), texts); !errors.Is(err, broken) || !strings.Contains(err.Error(), "link") {
		t.Errorf("%v", err)
	}
}
