package generate

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
)

// guard marks a place in foreign text where no special token may be found. It is a code point that Unicode reserves for use inside a
// program (a noncharacter), so no text loses anything when it is taken out.
const guard = "\uFDD0"

// imageTokens are the strings around image tokens, as the Idefics3 processor writes them.
const (
	tokenFake   = "<fake_token_around_image>"
	tokenGlobal = "<global-img>"
)

// prompt is a conversation as the model reads it.
type prompt struct {
	ids  []int
	keys []uint64 // by position: the token id, or what identifies a row of image features
	rows []row    // by image token in order
	at   *positions
}

// row is one token of image features.
type row struct {
	image *Image
	at    int // which one
}

// preparePrompt renders, expands and encodes the messages.
func (m *Model) preparePrompt(messages []Message) (*prompt, error) {
	if len(messages) == 0 {
		return nil, ErrNoMessages
	}
	images, err := m.images(messages)
	if err != nil {
		return nil, err
	}
	guarded := slices.Clone(messages)
	for i := range guarded {
		guarded[i].Text = m.shield(guarded[i].Text)
	}
	text, err := m.template.render(guarded)
	if err != nil {
		return nil, err
	}
	if len(images) > 0 || (m.imageText != "" && strings.Contains(text, m.imageText)) {
		if text, err = expand(text, m.imageText, images); err != nil {
			return nil, err
		}
	}
	text, guards := unshield(text)
	ids, err := m.tokens.EncodeGuarded(text, guards)
	if err != nil {
		return nil, err
	}
	return m.place(ids, images)
}

// images lists the images of all messages in order.
func (m *Model) images(messages []Message) ([]Image, error) {
	var images []Image
	for _, message := range messages {
		for _, image := range message.Images {
			if m.cfg.imageToken < 0 {
				return nil, ErrNoVision
			}
			if err := errors.Join(image.check(m.hidden, m.cfg.perImage), image.checkGrid(m.cfg.grids)); err != nil {
				return nil, err
			}
			images = append(images, image)
		}
	}
	return images, nil
}

// shield puts a guard into every special token that foreign text spells.
func (m *Model) shield(text string) string {
	text = strings.ReplaceAll(tokenizer.Valid([]byte(text)), guard, "")
	found := m.tokens.AddedIn(text)
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for _, span := range found {
		if span[0] < from {
			continue
		}
		first := span[0] + len(string([]rune(text[span[0]:span[1]])[:1]))
		b.WriteString(text[from:first])
		b.WriteString(guard)
		from = first
	}
	b.WriteString(text[from:])
	return b.String()
}

// unshield takes the guards out and says where they were.
func unshield(text string) (plain string, guards []int) {
	if !strings.Contains(text, guard) {
		return text, nil
	}
	var b strings.Builder
	parts := strings.Split(text, guard)
	for _, part := range parts[:len(parts)-1] {
		b.WriteString(part)
		guards = append(guards, b.Len())
	}
	b.WriteString(parts[len(parts)-1])
	return b.String(), guards
}

// expand replaces every image placeholder by the tokens of its tiles.
func expand(text, placeholder string, images []Image) (string, error) {
	parts := strings.Split(text, placeholder)
	if len(parts) != len(images)+1 {
		return "", fmt.Errorf("%w: %d placeholders, %d images", ErrImageCount, len(parts)-1, len(images))
	}
	var b strings.Builder
	for i, part := range parts {
		b.WriteString(part)
		if i < len(images) {
			writeImage(&b, images[i], placeholder)
		}
	}
	return b.String(), nil
}

// writeImage writes the tokens of one image: its tiles row by row, each row on a line of its own, and the whole picture last; or those of a
// grid.
func writeImage(b *strings.Builder, image Image, token string) {
	tile := strings.Repeat(token, image.Tokens)
	if image.Grid != (Grid{}) {
		b.WriteString(tile) // the template writes what stands around it
		return
	}
	for row := 1; row <= image.Rows; row++ {
		for col := 1; col <= image.Cols; col++ {
			fmt.Fprintf(b, "%s<row_%d_col_%d>%s", tokenFake, row, col, tile)
		}
		b.WriteString("\n")
	}
	if image.Rows > 0 {
		b.WriteString("\n")
	}
	b.WriteString(tokenFake + tokenGlobal + tile + tokenFake)
}

// place pairs image tokens with rows of features, in order, and fails where the numbers differ.
func (m *Model) place(ids []int, images []Image) (*prompt, error) {
	p := &prompt{ids: ids, keys: make([]uint64, len(ids))}
	var keys []uint64
	for i := range images {
		digest := m.inGrid(m.digestOf(&images[i]), images[i].Grid)
		for at := range images[i].tiles() * images[i].Tokens {
			p.rows = append(p.rows, row{&images[i], at})
			keys = append(keys, digest+uint64(len(p.rows))<<1|1<<63)
		}
	}
	next := 0
	for i, id := range ids {
		if id != m.cfg.imageToken {
			p.keys[i] = uint64(id)
			continue
		}
		if next < len(keys) {
			p.keys[i] = keys[next]
		}
		next++
	}
	if next != len(p.rows) {
		return nil, fmt.Errorf("%w: %d image tokens, %d rows of features", ErrImageCount, next, len(p.rows))
	}
	p.at = m.positionsOf(ids, images)
	return p, nil
}

// digestOf identifies features for as long as the model is loaded: by their bits, by the key of those on a device, or without one as
// something that never occurred before.
func (m *Model) digestOf(image *Image) uint64 {
	switch {
	case image.Device != nil && image.Key == 0:
		return maphash.Comparable(m.seed, m.unnamed.Add(1)) & math.MaxInt64
	case image.Device != nil:
		return maphash.Comparable(m.seed, image.Key) & math.MaxInt64
	case len(image.Features) == 0:
		return 0
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&image.Features[0])), 4*len(image.Features))
	return maphash.Bytes(m.seed, bytes) & math.MaxInt64
}
