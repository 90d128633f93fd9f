package tts

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

func TestSpeakable(t *testing.T) {
	for text, want := range map[string]string{
		"**x** >= $19.99 😀": "x is greater than or equal to nineteen dollars and ninety-nine cents",
		"🇩🇪👍🏽 ⚠️":           "",
	} {
		if got := Speakable(text); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
	if HasWords("…!") || !HasWords("5") || !HasWords("é") {
		t.Error("words are letters and digits")
	}
}

// A voice of another language keeps its numbers and signs, which espeak-ng says in that language;
// English voices get words.
func TestWordsAreThoseOfTheVoice(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"en-us", "**5** > 3", "five is greater than three"},
		{"en", "5%", "five percent"},
		{"en-gb-scotland", "5 kg", "five kilograms"},
		{"de", "**Es** kostet 5 € und 3 % 😀, siehe [hier](https://a.b/c).", "Es kostet 5 € und 3 %, siehe hier."},
		{"ru", "# Москва\n- 5", "Москва, 5"},
		{"eng", "5", "5"},
	} {
		if got, _ := sayIn(c.language, c.text); got != c.want {
			t.Errorf("%s: %q\n got %q\nwant %q", c.language, c.text, got, c.want)
		}
	}
}

// What a voice leaves out is counted in the log, and is not in it.
func TestUnsaidIsCounted(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	p := phonemizer(t, espeak.Config{Voice: "en-us"})
	ipa, err := transcribe(t.Context(), p, log, "Moscow is Москва.")
	if err != nil || ipa != "mˈɑːskoʊ ɪz." {
		t.Errorf("%q, %v", ipa, err)
	}
	if got := out.String(); !strings.Contains(got, "count=6") || strings.Contains(got, "Москва") {
		t.Errorf("log: %s", got)
	}
	out.Reset()
	if _, err := transcribe(t.Context(), p, log, "Hello 😀."); err != nil || out.Len() > 0 {
		t.Errorf("%v, log: %s", err, out.String())
	}
}
