package whisper

import (
	"context"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/seq2seq"
)

const (
	tokensPerSecond = 12   // faster than anybody speaks; more is a loop
	spareTokens     = 12   // on top, for short clips
	silentAbove     = 0.6  // probability of the no-speech token from which a doubtful transcript is dropped
	doubtfulBelow   = -1.0 // average log probability of a doubtful transcript
)

// transcript collects tokens over the pieces of a clip.
type transcript struct {
	tokens []int
	sum    float64 // of log probabilities
}

func (t *transcript) average() float32 {
	if len(t.tokens) == 0 {
		return 0
	}
	return float32(t.sum / float64(len(t.tokens)))
}

// limit returns how many tokens a piece of so many samples may have.
func (m *Model) limit(samples int) int {
	spoken := samples*tokensPerSecond/hearing.SampleRate + spareTokens
	return min(spoken, m.rules.MaxLength-len(m.rules.Prompt)-1)
}

// decode appends the best tokens until the end token, the limit, or a loop, which is cut.
func (m *Model) decode(ctx context.Context, clip *seq2seq.Clip, limit int, all *transcript) error {
	var piece transcript
	noSpeech := 0.0
	feed := m.rules.Prompt
	for len(piece.tokens) < limit {
		var token int
		var logProb float32
		var ok bool
		err := clip.Step(ctx, feed, func(rows seq2seq.Logits) {
			if len(piece.tokens) == 0 {
				noSpeech = probability(rows.Row(0), m.rules.NoSpeech)
			}
			logits := rows.Last()
			m.suppress(logits, len(piece.tokens) == 0)
			token, logProb, ok = seq2seq.Best(logits)
		})
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: whisper: logits are not numbers", hearing.ErrModel)
		}
		if token == m.rules.End {
			break
		}
		piece.sum += float64(logProb)
		piece.tokens = append(piece.tokens, token)
		if keep, loop := seq2seq.Loop(piece.tokens); loop {
			piece.tokens = piece.tokens[:keep]
			break
		}
		feed = []int64{int64(token)}
	}
	if noSpeech > silentAbove && piece.average() < doubtfulBelow {
		return nil
	}
	all.tokens = append(all.tokens, piece.tokens...)
	all.sum += piece.sum
	return nil
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
	if m.rules.FirstTime > 0 {
		for id := m.rules.FirstTime; id < len(logits); id++ {
			logits[id] = never
		}
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
