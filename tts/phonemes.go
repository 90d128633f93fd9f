package tts

import (
	"context"
	"log/slog"
	"regexp"
	"strings"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// segment is a stretch of text up to a punctuation mark, and the mark. espeak-ng drops punctuation,
// the models want it.
type segment struct {
	text string
	mark string // one of , . ; : ! ?
}

// Read-only pattern.
var segmentEnd = regexp.MustCompile(`([,.;:!?])(\s+|$)`)

// segments divides speakable text at its punctuation. Text that ends without a mark gets a full
// stop: models were trained on whole sentences and swallow the last sound otherwise.
func segments(text string) []segment {
	var out []segment
	add := func(s, mark string) {
		s = strings.TrimSpace(s)
		if HasWords(s) {
			out = append(out, segment{s, mark})
		} else if len(out) > 0 && mark != "" {
			out[len(out)-1].mark = mark
		}
	}
	rest := text
	for {
		at := segmentEnd.FindStringSubmatchIndex(rest)
		if at == nil {
			add(rest, ".")
			return out
		}
		add(rest[:at[0]], rest[at[2]:at[3]])
		rest = rest[at[1]:]
		if rest == "" {
			return out
		}
	}
}

// languageSwitch is what espeak-ng writes where it changes to another language inside a line.
//
// Read-only pattern.
var languageSwitch = regexp.MustCompile(`\([a-z]{2,3}(?:-[A-Za-z0-9-]+)?\)`)

// transcribe turns a clause into phonemes with its punctuation kept, as one string: "həlˈoʊ,
// wˈɜːld!". It returns ErrNothingToSay where nothing is left to say. How much of the clause the
// voice cannot say goes to the log, not the text.
func transcribe(ctx context.Context, p *espeak.Phonemizer, log *slog.Logger, clause string) (string, error) {
	text, unsaid := sayIn(p.Voice(), clause)
	reportUnsaid(log, unsaid)
	segs := segments(text)
	if len(segs) == 0 {
		return "", ErrNothingToSay
	}
	lines := make([]string, len(segs))
	for i, s := range segs {
		lines[i] = s.text
	}
	spoken, err := p.Phonemes(ctx, lines)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, s := range spoken {
		s = strings.TrimSpace(languageSwitch.ReplaceAllString(s, ""))
		if s == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s)
		b.WriteString(segs[i].mark)
	}
	if b.Len() == 0 {
		return "", ErrNothingToSay
	}
	return b.String(), nil
}

// cutPhonemes divides a long transcription into parts of at most limit runes, at the last mark
// followed by a space, else at the last space, else anywhere.
func cutPhonemes(s string, limit int) []string {
	var parts []string
	runes := []rune(s)
	for len(runes) > limit {
		mark, space := 0, 0
		for i := 1; i < limit; i++ {
			if runes[i] != ' ' {
				continue
			}
			space = i
			if strings.ContainsRune(",.;:!?", runes[i-1]) {
				mark = i
			}
		}
		cut := limit
		switch {
		case mark > 0:
			cut = mark
		case space > 0:
			cut = space
		}
		parts = append(parts, strings.TrimSpace(string(runes[:cut])))
		runes = []rune(strings.TrimSpace(string(runes[cut:])))
	}
	if len(runes) > 0 {
		parts = append(parts, string(runes))
	}
	return parts
}
