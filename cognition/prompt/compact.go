package prompt

import (
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Compaction is what a conversation dropped. It holds numbers only: what was said is not for logs.
type Compaction struct {
	At time.Time
	// Lines and Tokens are what was dropped; First and Last are its outermost numbers.
	Lines, Tokens int
	First, Last   uint64
	// LinesLeft and TokensLeft are what stayed.
	LinesLeft, TokensLeft int
}

// String is the compaction in a few words: "compacted 14:03, 12 lines of 480 tokens".
func (c Compaction) String() string {
	return fmt.Sprintf("compacted %s, %d lines of %d tokens", c.At.Format("15:04"), c.Lines, c.Tokens)
}

// LogValue implements slog.LogValuer.
func (c Compaction) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Time("at", c.At), slog.Int("lines", c.Lines), slog.Int("tokens", c.Tokens),
		slog.Uint64("first", c.First), slog.Uint64("last", c.Last),
		slog.Int("lines_left", c.LinesLeft), slog.Int("tokens_left", c.TokensLeft),
	)
}

// compact drops of the first lines what passes the watermarks of a transcript of room tokens:
// beyond the high one the oldest go until the low one is reached. Whole lines go, and with them
// those of the persona's own that would then come first: an answer without its question. The same
// lines and limits drop the same, whatever the time, which is only recorded.
func (c *Conversation) compact(now time.Time, room, before int) *Compaction {
	held := c.held(before)
	if before == 0 || held <= room*c.limits.High/100 {
		return nil
	}
	n, left := 0, held
	for n < before && (left > room*c.limits.Low/100 || c.lines[n].segment.Role == Assistant) {
		left -= c.cost(n)
		n++
	}
	done := Compaction{
		At: now, Lines: n, Tokens: held - left, First: c.lines[0].seq, Last: c.lines[n-1].seq, LinesLeft: len(c.lines) - n,
	}
	c.lines = slices.Clone(c.lines[n:])
	if len(c.lines) > 0 {
		c.lines[0].segment.Note = done.String()
	}
	c.tokens = 0
	for i := range c.lines {
		c.tokens += c.cost(i)
	}
	done.TokensLeft = c.tokens
	return &done
}
