package whisper_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// installedTokenizer is the tokenizer.json of the ear that is used.
func installedTokenizer(tb testing.TB) ([]byte, *whisper.Vocabulary) {
	tb.Helper()
	data, err := os.ReadFile(testmodels.Path(tb, "whisper-base.en", "tokenizer.json"))
	if err != nil {
		tb.Fatal(err)
	}
	v, err := whisper.ParseVocabulary(data)
	if err != nil {
		tb.Fatal(err)
	}
	return data, v
}

// golden are texts with the tokens that the reference implementation (tokenizers 0.21.0) makes of
// them.
func golden() map[string][]int {
	return map[string][]int{
		" Iris, Bella, Otto.":                          {34230, 11, 39304, 11, 30755, 13},
		" Siobhan Xiomara":                             {15638, 672, 7637, 21313, 296, 3301},
		"O'Brien and D'Arcy":                           {46, 6, 20118, 290, 360, 6, 3163, 948},
		" Zoë, Łukasz, Nguyễn":                         {31645, 26689, 11, 25370, 223, 2724, 292, 89, 11, 399, 22932, 157, 119, 227, 77},
		" 李雷 🤖":                                        {10545, 251, 236, 37239, 115, 12520, 97, 244},
		" R2D2, GPT-4o, K9":                            {371, 17, 35, 17, 11, 402, 11571, 12, 19, 78, 11, 509, 24},
		" Anna's they'll I'm 'tis 'd":                  {11735, 338, 484, 1183, 314, 1101, 705, 48010, 705, 67},
		" Dr. No, J.R.R. Tolkien-Smith":                {1583, 13, 1400, 11, 449, 13, 49, 13, 49, 13, 32447, 12, 17919},
		" <startofprev> <| Iris |>":                    {1279, 9688, 1659, 47050, 29, 1279, 91, 34230, 930, 29},
		"12345 ½ Ⅷ":                                    {10163, 2231, 25208, 2343, 227, 100},
		"a\u0301e\u0301":                               {64, 136, 223, 68, 136, 223},
		" internationalisation of Rhabarberbarbarabar": {3230, 5612, 286, 371, 5976, 283, 527, 5657, 5657, 397, 283},
		"\u0007bell":                                   {195, 7923},
		"":                                             {},
	}
}

func TestEncode(t *testing.T) {
	_, v := installedTokenizer(t)
	for text, want := range golden() {
		if got, ok := v.Encode(text); !ok || !slices.Equal(got, want) {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
	// White space of any kind and length is one space, and none at the end.
	if got, ok := v.Encode("\n Iris,\u00a0\t Bella, Otto.\u2003"); !ok || !slices.Equal(got, golden()[" Iris, Bella, Otto."]) {
		t.Errorf("white space: %v %v", got, ok)
	}
}

// TestEncodeWritesNoSpecialToken: a name that reads like one is text, so that no name begins a
// transcript.
func TestEncodeWritesNoSpecialToken(t *testing.T) {
	_, v := installedTokenizer(t)
	for _, text := range []string{"<|endoftext|>", " <|startoftranscript|>", "<|0.00|>"} {
		got, ok := v.Encode(text)
		if !ok || len(got) < 3 || slices.Max(got) >= 50256 {
			t.Errorf("%q: %v %v", text, got, ok)
		}
		if back, err := v.Text(got); err != nil || back != strings.TrimSpace(text) {
			t.Errorf("%q: %q, %v", text, back, err)
		}
	}
}

func TestEncodeWhatTheVocabularyCannotWrite(t *testing.T) {
	v, err := whisper.ParseVocabulary([]byte(`{"a":0,"b":1,"ab":2,"Ġ":3,"aba":4,"c":5,"bc":6}`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int{"ab": {2}, "abab": {2, 2}, "aab": {0, 2}, " abab": {3, 2, 2}, "abc": {2, 5}, "bcab": {6, 2}} {
		if got, ok := v.Encode(text); !ok || !slices.Equal(got, want) {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
	if got, ok := v.Encode("abd"); ok || got != nil {
		t.Errorf("no d: %v", got)
	}
}

// FuzzEncode compares with the tokenizer of language models, which is checked against the
// reference.
func FuzzEncode(f *testing.F) {
	data, v := installedTokenizer(f)
	other, err := tokenizer.Parse(data)
	if err != nil {
		f.Fatal(err)
	}
	for text := range golden() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 || !utf8.ValidString(text) || strings.Contains(text, "<|") || !oneSpace(text) {
			t.Skip()
		}
		want, err := other.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := v.Encode(text); !ok || !slices.Equal(got, want) {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	})
}

// oneSpace tells whether words of a text are parted by single spaces, as Encode has them.
func oneSpace(text string) bool {
	for i, r := range text {
		if unicode.IsSpace(r) && (r != ' ' || strings.HasSuffix(text[:i], " ") || i == len(text)-1) {
			return false
		}
	}
	return true
}
