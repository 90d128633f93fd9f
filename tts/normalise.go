package tts

import (
	"log/slog"
	"strings"

	"github.com/sensory-agent/sensory-agent/tts/spoken"
)

// Speakable turns written English into the words and punctuation that are spoken: numbers, signs,
// amounts, dates, times, units, addresses, abbreviations and code become words, marks of Markdown,
// HTML and chat templates go, as do emoji. Package spoken has the rules. The result holds no
// digits, brackets, quotes, backslashes or control characters. It is empty where nothing is left to
// say. Speakable is pure.
func Speakable(text string) string { return spoken.English(text).Text }

// HasWords answers whether text holds a letter or a digit, so that something can be said.
func HasWords(text string) bool { return spoken.HasWords(text) }

// sayIn says a clause for a voice of espeak-ng's language: English in words, any other language
// without marks only, since espeak-ng knows its numbers and signs. unsaid counts what an English
// voice cannot say.
func sayIn(language, clause string) (text string, unsaid int) {
	if language == "en" || strings.HasPrefix(language, "en-") || strings.HasPrefix(language, "en_") {
		said := spoken.English(clause)
		return said.Text, said.Unsaid
	}
	return spoken.Marks(clause), 0
}

// reportUnsaid logs how many characters a voice left out.
func reportUnsaid(log *slog.Logger, count int) {
	if count > 0 {
		log.Info("characters that an English voice cannot say were left out", "count", count)
	}
}
