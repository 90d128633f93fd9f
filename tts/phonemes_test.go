package tts

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		text string
		want []segment
	}{
		{"Well, I see 3.5; yes: a cat!", []segment{{"Well", ","}, {"I see 3.5", ";"}, {"yes", ":"}, {"a cat", "!"}}},
		{"no mark", []segment{{"no mark", "."}}},
		{"at 12:30 or 1,000.", []segment{{"at 12:30 or 1,000", "."}}},
		{"a, .", []segment{{"a", "."}}},
		{"", nil},
	} {
		if got := segments(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestTranscribeKeepsPunctuation(t *testing.T) {
	p := phonemizer(t, espeak.Config{Voice: "en-us"})
	for _, c := range []struct{ text, want string }{
		{"Hello, world!", "həlˈoʊ, wˈɜːld!"},
		{"Is it **red**?", "ɪz ɪt ɹˈɛd?"},
		{"Dr. Smith", "dˈɑːktɚ smˈɪθ."},
		{"It is 3.5", "ɪɾ ɪz θɹˈiː pˈɔɪnt fˈaɪv."},
	} {
		got, err := transcribe(t.Context(), p, slog.New(slog.DiscardHandler), c.text)
		if err != nil || got != c.want {
			t.Errorf("%q: got %q, %v, want %q", c.text, got, err, c.want)
		}
	}
	russian := phonemizer(t, espeak.Config{Voice: "ru"}) // it says which language a foreign word is in: "(en)…(ru)"
	if got, err := transcribe(t.Context(), russian, slog.New(slog.DiscardHandler), "hello, мир"); err != nil || strings.ContainsAny(got, "()") || !strings.Contains(got, ", ") || !strings.HasSuffix(got, ".") {
		t.Errorf("two languages: %q, %v", got, err)
	}
	for _, nothing := range []string{"", "😀", "...", "**"} {
		if _, err := transcribe(t.Context(), p, slog.New(slog.DiscardHandler), nothing); !errors.Is(err, ErrNothingToSay) {
			t.Errorf("%q: got %v", nothing, err)
		}
	}
}

// phonemizer opens one for a test and checks that its process has ended afterwards.
func phonemizer(t *testing.T, cfg espeak.Config) *espeak.Phonemizer {
	t.Helper()
	p, err := espeak.NewPhonemizer(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestCutPhonemes(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"abc", 5, []string{"abc"}},
		{"abc, def ghi", 8, []string{"abc,", "def ghi"}},
		{"abc def ghi", 8, []string{"abc def", "ghi"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"", 4, nil},
	} {
		if got := cutPhonemes(c.text, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%q at %d: got %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestCutPhonemesKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.StringMatching(`[a-zəˈ]{1,9}[,.]?`)).Draw(t, "words"), " ")
		limit := rapid.IntRange(2, 30).Draw(t, "limit")
		parts := cutPhonemes(s, limit)
		if got, want := strings.ReplaceAll(strings.Join(parts, ""), " ", ""), strings.ReplaceAll(s, " ", ""); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		for _, p := range parts {
			if n := len([]rune(p)); n > limit || n == 0 {
				t.Fatalf("part of %d", n)
			}
		}
	})
}

func TestKokoroAlphabet(t *testing.T) {
	symbols, err := parseKokoroSymbols(kokoroTable)
	if err != nil {
		t.Fatal(err)
	}
	if len(symbols) != 114 {
		t.Fatalf("%d symbols, want 114", len(symbols))
	}
	for _, c := range []struct {
		voice, text, want string
		british           bool
	}{
		{"en-us", "I know the boy's chair is about a judge's day.", "ˌI nˈO ðə bˈYz ʧˈɛɹ ɪz əbˌWt ə ʤˈʌʤᵻz dˈA.", false},
		{"en-us", "four birds, better butter", "fˈɔɹ bˈɜɹdz, bˈɛTəɹ bˈʌTəɹ.", false},
		{"en-gb", "I know the chair, four birds!", "ˌI nˈQ ðə ʧˈɛː, fˈɔː bˈɜːdz!", true},
	} {
		p := phonemizer(t, espeak.Config{Voice: c.voice, Tie: true})
		ipa, err := transcribe(t.Context(), p, slog.New(slog.DiscardHandler), c.text)
		if err != nil {
			t.Fatal(err)
		}
		got := newAlphabet(c.british).convert(ipa)
		if got != c.want {
			t.Errorf("%q (%s)\n got %q\nwant %q", c.text, ipa, got, c.want)
		}
		for _, r := range got {
			if _, ok := symbols[r]; !ok {
				t.Errorf("%q holds %q, which Kokoro does not know", got, r)
			}
		}
	}
}

func TestKokoroEncode(t *testing.T) {
	symbols, err := parseKokoroSymbols(kokoroTable)
	if err != nil {
		t.Fatal(err)
	}
	ids, known := kokoroEncode(symbols, "həl☃ˈO.")
	if want := []int64{0, 50, 83, 54, 156, 31, 4, 0}; !slices.Equal(ids, want) || known != 6 {
		t.Errorf("got %v (%d), want %v", ids, known, want)
	}
	for _, bad := range []string{"", "{}", "[]", `{"ab":1}`, `{"a":0}`, `{"a":178}`, `{"a":"x"}`} {
		if _, err := parseKokoroSymbols([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
