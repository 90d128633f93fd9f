package engine

import (
	"context"
	"image"
	"io"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

const (
	// readerFamily is that of readers of text.
	readerFamily = "pp-ocr"
	// readerSide is the longer side, in pixels, of the largest picture of which a reader uses everything.
	readerSide = 1280
	// perceiveLimit is how long an adapter may take for a picture: one that is slower is left out, and that
	// is said.
	perceiveLimit = 5 * time.Second
)

// adapters see for a model that has no eyes.
type adapters struct {
	reader   textReader
	limit    time.Duration // for one picture
	sessions []io.Closer
}

// textReader reads pictures: *reading.Reader is one.
type textReader interface {
	Read(ctx context.Context, picture *image.RGBA) ([]reading.Line, error)
}

// perceive has every adapter look at a picture. One that fails, or is too slow, is named among what is missing; the error is the context's.
func (a *adapters) perceive(ctx context.Context, picture *image.RGBA) (*prompt.Perceived, error) {
	out := &prompt.Perceived{}
	limited, cancel := context.WithTimeout(ctx, a.limit)
	defer cancel()
	lines, err := a.reader.Read(limited, picture)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case limited.Err() != nil:
		out.Missing = append(out.Missing, string(prompt.SeenText)+", since reading it took too long")
	case err != nil:
		out.Missing = append(out.Missing, string(prompt.SeenText)+", since it could not be read")
	}
	for _, l := range lines {
		out.List = append(out.List, prompt.Percept{Kind: prompt.SeenText, What: l.Text, Where: where(l.Box, picture.Rect), Sure: l.Sure})
	}
	return out, nil
}

// where is a place in a picture, in words.
func where(box, whole image.Rectangle) string {
	third := func(at, size int) int { return min(max(3*at/max(size, 1), 0), 2) }
	col := third((box.Min.X+box.Max.X)/2-whole.Min.X, whole.Dx())
	row := third((box.Min.Y+box.Max.Y)/2-whole.Min.Y, whole.Dy())
	return [3][3]string{
		{"at the top left", "at the top", "at the top right"},
		{"on the left", "in the middle", "on the right"},
		{"at the bottom left", "at the bottom", "at the bottom right"},
	}[row][col]
}

// Unseen is what a model without eyes is told where it has no picture: none was ready in time, or nothing
// is shown.
func Unseen(shown bool) string {
	why := "text and all else that is to be seen, since no camera and no screen is shown"
	if shown {
		why = "text and all else in the picture, since none was ready in time"
	}
	none := prompt.Perceived{Missing: []string{why}}
	return none.Text(0)
}

// Tell puts what adapters see into the last message, where its parts would stand. The messages given are
// not changed.
func Tell(messages []prompt.Message, told string) []prompt.Message {
	if told == "" || len(messages) == 0 {
		return messages
	}
	out := slices.Clone(messages)
	last := &out[len(out)-1]
	before, behind := last.Split()
	last.Text = before + told + "\n" + behind
	return out
}
