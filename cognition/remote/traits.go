package remote

import "github.com/sensory-agent/sensory-agent/cognition/prompt"

// What a server's chat template is taken to write around a message, and around all of them. The
// templates of the published models that this project's tests hold write 2 to 5 and 1 to 21 tokens.
const (
	frameTokens = 8
	emptyTokens = 32
)

// unknownWindow stands for a window that nobody declared: transcripts are then bounded by the
// limits of the conversation, and the server refuses what is too long with prompt.ErrTooLong.
const unknownWindow = 1 << 20

// Traits are what prompts for a model behind a server have to fit: its window in tokens as the
// catalog declares it, 0 where it does not, and an estimate of how a server counts, since no server
// says how. The server has the last word.
func Traits(window int) prompt.Traits {
	if window <= 0 {
		window = unknownWindow
	}
	return prompt.Traits{
		Window: window, Instructions: true, History: true, Count: estimate, Frame: frameTokens, Empty: emptyTokens,
	}
}

// estimate is how many tokens a text has at most with the tokenizers in use: those of published
// models take four to five letters of English a token, every digit or sign may be one of its own,
// and elsewhere one takes two bytes and more.
func estimate(text string) int {
	const letter, other, sign = 2, 3, 6 // sixths of a token a byte
	sixths := 0
	for i := range len(text) {
		switch b := text[i]; {
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == ' ':
			sixths += letter
		case b >= 0x80:
			sixths += other
		default:
			sixths += sign
		}
	}
	return (sixths + sign - 1) / sign
}
