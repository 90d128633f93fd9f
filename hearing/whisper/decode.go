package whisper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/seq2seq"
)

const (
	tokensPerSecond = 12   // faster than anybody speaks; more is a loop
	spareTokens     = 12   // on top, for short clips
	silentAbove     = 0.6  // probability of the no-speech token from which a doubtful transcript is dropped
	doubtfulBelow   = -1.0 // average log probability of a doubtful transcript
	secondsPerTime  = 0.02 // one timestamp token to the next
	sameTokens      = 3    // equal tokens at the start of two stretches that make the second a repetition
	repeatShare     = 0.65 // of the time of a stretch, too little to say it again
	endTolerance    = 0.6  // a timestamp this close to the end of a clip ends it, in seconds
)

// transcript collects tokens over the pieces of a clip.
type transcript struct {
	tokens   []int
	logProbs []float32 // of the tokens
	silence  []float64 // of each piece, the probability that nobody speaks in it
}

// add appends a token.
func (t *transcript) add(token int, logProb float32) {
	t.tokens, t.logProbs = append(t.tokens, token), append(t.logProbs, logProb)
}

// join appends another.
func (t *transcript) join(other *transcript) {
	t.tokens, t.logProbs = append(t.tokens, other.tokens...), append(t.logProbs, other.logProbs...)
	t.silence = append(t.silence, other.silence...)
}

// cut keeps the first n tokens.
func (t *transcript) cut(n int) { t.tokens, t.logProbs = t.tokens[:n], t.logProbs[:n] }

// average returns the mean log probability, 0 without tokens.
func (t *transcript) average() float32 {
	var sum float64
	for _, p := range t.logProbs {
		sum += float64(p)
	}
	return float32(sum / float64(max(1, len(t.logProbs))))
}

// noSpeech returns the probability that nobody speaks in any of the pieces: that of the piece where
// somebody most likely does.
func (t *transcript) noSpeech() float32 {
	if len(t.silence) == 0 {
		return 0
	}
	return float32(slices.Min(t.silence))
}

// limit returns how many tokens a piece of so many samples may have.
func limit(samples int) int {
	return samples*tokensPerSecond/hearing.SampleRate + spareTokens
}

// decode appends the best tokens until the end token, the end of the speech, the limit, or a loop,
// which is cut.
//
// Where the model has timestamps it is led to use them: on a clip that does not fill the window the
// end token is unreliable (the model would rather say everything again), the timestamp behind the
// last word is not.
//
// hint is fed before the prompt. What nobody speaks is told by the token behind the prompt's first,
// wherever that stands.
func (m *Model) decode(ctx context.Context, clip *seq2seq.Clip, samples int, hint []int64, all *transcript) error {
	var piece transcript
	noSpeech := 0.0
	most, length := limit(samples), float64(samples)/hearing.SampleRate
	feed, at := append(slices.Clone(hint), m.prompt()...), m.rules.FirstTime
	fed, earlier := 0, stretch{}
	for fresh := true; len(piece.tokens) < most && fed+len(feed) < m.rules.MaxLength; fresh = false {
		fed += len(feed)
		var next choice
		err := clip.Step(ctx, feed, func(rows seq2seq.Logits) {
			if fresh {
				noSpeech = probability(rows.Row(len(hint)), m.rules.NoSpeech)
			}
			next = m.choose(rows.Last(), fresh, at)
		})
		if err != nil {
			return err
		}
		if !next.ok {
			return fmt.Errorf("%w: whisper: logits are not numbers", hearing.ErrModel)
		}
		if next.token == m.rules.End {
			break
		}
		if next.time {
			earlier = stretch{from: earlier.to, to: len(piece.tokens), seconds: float64(next.token-at) * secondsPerTime}
			at = next.token
			earlier.left = length - float64(at-m.rules.FirstTime)*secondsPerTime
			if earlier.left <= endTolerance {
				break
			}
			feed = []int64{int64(at), int64(at)} // the end of one stretch of speech and the start of the next
			continue
		}
		piece.add(next.token, next.logProb)
		if keep, loop := seq2seq.Loop(piece.tokens); loop {
			piece.cut(keep)
			break
		}
		if earlier.repeated(piece.tokens) {
			piece.cut(earlier.to)
			break
		}
		feed = []int64{int64(next.token)}
	}
	all.silence = append(all.silence, noSpeech)
	if noSpeech > silentAbove && piece.average() < doubtfulBelow {
		return nil
	}
	all.join(&piece)
	return nil
}

// stretch is a part of a transcript between two timestamps, and what is left of the clip behind it.
type stretch struct {
	from, to      int // its tokens
	seconds, left float64
}

// repeated reports whether the tokens behind the stretch begin to say it again though there is not
// the time for that.
func (s stretch) repeated(tokens []int) bool {
	again := tokens[s.to:]
	if s.to == s.from || len(again) < min(sameTokens, s.to-s.from) || s.left > repeatShare*s.seconds {
		return false
	}
	n := min(len(again), s.to-s.from)
	return slices.Equal(again[:n], tokens[s.from:s.from+n])
}

// prompt returns the tokens that are fed first: with the timestamp 0 in place of the token against
// timestamps.
func (m *Model) prompt() []int64 {
	prompt := append([]int64(nil), m.rules.Prompt...)
	if m.rules.FirstTime > 0 {
		prompt[len(prompt)-1] = int64(m.rules.FirstTime)
	}
	return prompt
}

// choice is the token picked in one step.
type choice struct {
	token   int
	logProb float32
	time    bool // it is a timestamp
	ok      bool // the logits were numbers
}

// choose picks the best token that the rules allow. A timestamp, later than the last one, is picked
// when all timestamps together are likelier than any other token: the model is sure of the end, not
// of the moment.
func (m *Model) choose(logits []float32, fresh bool, last int) choice {
	m.suppress(logits, fresh)
	text, times := logits, []float32(nil)
	if first := m.rules.FirstTime; first > 0 && first < len(logits) {
		text, times = logits[:first], logits[last+1:]
	}
	token, logProb, ok := seq2seq.Best(text)
	if !ok || fresh || len(times) == 0 {
		return choice{token: token, logProb: logProb, ok: ok}
	}
	moment, ofTimes, ok := seq2seq.Best(times)
	if ok && times[moment]-ofTimes > text[token] { // the best logit minus its log probability is the logarithm of the sum
		return choice{token: last + 1 + moment, time: true, ok: true}
	}
	return choice{token: token, logProb: logProb, ok: true}
}

// suppress takes tokens out of the choice that the rules forbid.
func (m *Model) suppress(logits []float32, first bool) {
	never := float32(math.Inf(-1))
	drop := func(ids []int) {
		for _, id := range ids {
			if id < len(logits) {
				logits[id] = never
			}
		}
	}
	drop(m.rules.Suppress)
	if first {
		drop(m.rules.BeginSuppress)
	}
}

// probability returns the softmax of one logit, 0 for an unknown token.
func probability(logits []float32, token int) float64 {
	if token <= 0 || token >= len(logits) {
		return 0
	}
	best := float32(math.Inf(-1))
	for _, x := range logits {
		best = max(best, x)
	}
	var sum float64
	for _, x := range logits {
		sum += math.Exp(float64(x - best))
	}
	return math.Exp(float64(logits[token]-best)) / sum
}
