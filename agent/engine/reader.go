package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/vision/glance"
	"github.com/sensory-agent/sensory-agent/vision/naming"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

const (
	// readerFamily is that of readers of text, namerFamily that of what names things.
	readerFamily = "pp-ocr"
	namerFamily  = "efficientnet-lite"
	// readerSide is the longer side, in pixels, of the largest picture of which a reader uses
	// everything.
	readerSide = 1280
	// perceiveLimit is how long an adapter may take for a picture: one that is slower is left out,
	// and that is said.
	perceiveLimit = 5 * time.Second
)

// adapters see for a model that has no eyes.
type adapters struct {
	reader   textReader
	namer    thingNamer    // nil where the resolution names none
	limit    time.Duration // for one picture
	sessions []io.Closer
}

// textReader reads pictures: *reading.Reader is one. thingNamer names what they show: *naming.Namer
// is one.
type (
	textReader interface {
		Read(ctx context.Context, picture *image.RGBA) ([]reading.Line, error)
	}
	thingNamer interface {
		Name(ctx context.Context, picture *image.RGBA) (name naming.Name, ok bool, err error)
	}
)

// read is what is written in a picture.
func (a *adapters) read(ctx context.Context, picture *image.RGBA) (list []prompt.Percept, err error) {
	lines, err := a.reader.Read(ctx, picture)
	for _, l := range lines {
		list = append(list, prompt.Percept{Kind: prompt.SeenText, What: l.Text, Where: where(l.Box, picture.Rect), Sure: l.Sure})
	}
	return list, err
}

// named is what a picture shows.
func (a *adapters) named(ctx context.Context, picture *image.RGBA) ([]prompt.Percept, error) {
	name, ok, err := a.namer.Name(ctx, picture)
	if err != nil || !ok {
		return nil, err
	}
	return []prompt.Percept{{Kind: prompt.SeenThing, What: name.What, Sure: name.Sure}}, nil
}

// glanced are colours, light and sharpness of a picture.
func glanced(_ context.Context, picture *image.RGBA) (list []prompt.Percept, err error) {
	seen, err := glance.Look(picture)
	for _, c := range seen.Colours {
		list = append(list, prompt.Percept{Kind: prompt.SeenColour, What: c.Name, Where: where(c.Box, picture.Rect), Sure: c.Sure})
	}
	for _, x := range []prompt.Percept{
		{Kind: prompt.SeenLight, What: "very dark, as with a covered lens", Sure: seen.Dark},
		{Kind: prompt.SeenLight, What: "overexposed", Sure: seen.Overexposed},
		{Kind: prompt.SeenSharpness, What: "blurred", Sure: seen.Blurred},
	} {
		if x.Sure > 0 {
			list = append(list, x)
		}
	}
	return list, err
}

// readers are eyes of adapters. They run on the processor, wherever the language model does.
func (l *loader) readers(ctx context.Context) (*Eyes, error) {
	out := &Eyes{place: onProcessor, name: l.cfg.Resolution.Reader.ID, adapters: &adapters{limit: perceiveLimit}}
	err := l.reader(ctx, out.adapters)
	if err == nil && !l.cfg.Resolution.Namer.IsZero() {
		err = l.namer(ctx, out.adapters)
	}
	if err == nil {
		out.at, err = l.machine.stations("reader " + out.name)
	}
	if err != nil {
		return nil, errors.Join(err, out.close())
	}
	return out, nil
}

// reader loads what reads.
func (l *loader) reader(ctx context.Context, to *adapters) error {
	part := l.cfg.Resolution.Reader
	var sessions [2]reading.Session
	var recogniser string
	for i, kind := range []string{"_det_", "_rec_"} {
		at := slices.IndexFunc(part.Files, func(f string) bool { return strings.Contains(path.Base(f), kind) })
		if at < 0 {
			return fmt.Errorf("%w: %s has no file %q", ErrConfig, part.ID, kind)
		}
		session, file, err := l.adapter(ctx, part, part.Files[at], "reader of text", to)
		if err != nil {
			return err
		}
		sessions[i], recogniser = session, file // the last one
	}
	characters, err := reading.Characters(recogniser)
	if err != nil {
		return err
	}
	reader, err := reading.New(sessions[0], sessions[1], characters)
	if err == nil {
		to.reader = reader
	}
	return err
}

// namer loads what names things.
func (l *loader) namer(ctx context.Context, to *adapters) error {
	session, _, err := l.adapter(ctx, l.cfg.Resolution.Namer, "classifier.onnx", "names of things", to)
	if err != nil {
		return err
	}
	namer, err := naming.New(session)
	if err == nil {
		to.namer = namer
	}
	return err
}

// adapter loads a graph of an adapter, which owns it, and says where its file is.
func (l *loader) adapter(ctx context.Context, part model.Part, name, as string, to *adapters) (*ort.Session, string, error) {
	file, err := l.path(part.ID, name)
	if err != nil {
		return nil, "", err
	}
	session, err := l.machine.rt.Load(ctx, ort.Source{Name: as, Path: file}, ort.Options{Threads: 1})
	if err != nil {
		return nil, "", err
	}
	to.sessions = append(to.sessions, session)
	return session, file, nil
}

// where is a place in a picture, in words; empty for nearly all of it.
func where(box, whole image.Rectangle) string {
	if 5*box.Dx() >= 4*whole.Dx() && 5*box.Dy() >= 4*whole.Dy() {
		return "" // all of it
	}
	third := func(at, size int) int { return min(max(3*at/max(size, 1), 0), 2) }
	col := third((box.Min.X+box.Max.X)/2-whole.Min.X, whole.Dx())
	row := third((box.Min.Y+box.Max.Y)/2-whole.Min.Y, whole.Dy())
	return [3][3]string{
		{"at the top left", "at the top", "at the top right"},
		{"on the left", "in the middle", "on the right"},
		{"at the bottom left", "at the bottom", "at the bottom right"},
	}[row][col]
}

// toldShare and toldMost bound what a model without eyes is told of a picture: a share of what its
// window leaves beside an answer, and more than twelve lines of writing have, in tokens.
const (
	toldShare = 4
	toldMost  = 1024
)

// toldRoom is the room for what a model without eyes is told of a picture. It is kept free in its
// prompts.
func toldRoom(traits prompt.Traits, answer int) prompt.Room {
	return prompt.Room{Tokens: min(max(traits.Window-answer, 0)/toldShare, toldMost), Count: traits.Count}
}

// Unseen is what a model without eyes is told where it has no picture: none was ready in time, or
// nothing is shown.
func Unseen(shown bool) string {
	why := "text and all else that is to be seen, since no camera and no screen is shown"
	if shown {
		why = "text and all else in the picture, since none was ready in time"
	}
	none := prompt.Perceived{Missing: []string{why}}
	return none.Text(0, prompt.Room{})
}

// Tell puts what adapters see into the last message, where its parts would stand. The messages
// given are not changed.
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
