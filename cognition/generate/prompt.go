package generate

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// guard marks a place in foreign text where no special token may be found. It is a code point that
// Unicode reserves for use inside a program (a noncharacter), so no text loses anything when it is
// taken out.
const guard = "\uFDD0"

// imageTokens are the strings around image tokens, as the Idefics3 processor writes them.
const (
	tokenFake   = "<fake_token_around_image>"
	tokenGlobal = "<global-img>"
)

// encoded is a conversation as the model reads it.
type encoded struct {
	ids  []int
	keys []uint64 // by position: the token id, or what identifies a row of image features
	rows []row    // by image or audio token in order
	at   *positions
}

// row is one token of image features, or of a clip's, which are held as an image's.
type row struct {
	image *Image
	at    int // which one
}

// placeholder says whether the token stands for features: an image's or a clip's.
func (m *Model) placeholder(id int) bool {
	return id >= 0 && (id == m.cfg.imageToken || id == m.cfg.audioToken)
}

// preparePrompt renders, expands and encodes the messages.
func (m *Model) preparePrompt(messages []prompt.Message) (*encoded, error) {
	if len(messages) == 0 {
		return nil, ErrNoMessages
	}
	images, clips, err := m.parts(messages)
	if err != nil {
		return nil, err
	}
	guarded := slices.Clone(messages)
	for i := range guarded {
		before, behind := guarded[i].Split()
		before, behind = m.shield(before), m.shield(behind)
		guarded[i].Text, guarded[i].Before = before+behind, len(before)
		guarded[i].Parts = m.shieldCaptions(guarded[i].Parts)
	}
	text, err := m.template.render(guarded, true)
	if err != nil {
		return nil, err
	}
	if m.audioText != "" {
		if text, err = m.expandClips(text, len(clips)); err != nil {
			return nil, err
		}
	}
	if m.imageText != "" {
		if text, err = m.expandImages(text, images); err != nil {
			return nil, err
		}
	}
	text, guards := unshield(text)
	ids, err := m.tokens.EncodeGuarded(text, guards)
	if err != nil {
		return nil, err
	}
	return m.place(ids, images, clips)
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

// shieldCaptions shields the captions among parts, which stay the caller's.
func (m *Model) shieldCaptions(parts []prompt.Part) []prompt.Part {
	parts = slices.Clone(parts)
	for i, part := range parts {
		if caption, ok := part.(prompt.Caption); ok {
			parts[i] = prompt.Caption(m.shield(string(caption)))
		}
	}
	return parts
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

// expandImages replaces every image placeholder by the tokens of the image.
func (m *Model) expandImages(text string, images []Image) (string, error) {
	out, found := expand(text, m.imageText, len(images), func(b *strings.Builder, i int) { m.writeImage(b, images[i]) })
	if found != len(images) {
		return "", fmt.Errorf("%w: %d placeholders, %d images", ErrImageCount, found, len(images))
	}
	return out, nil
}

// expand calls write in the place of every placeholder, and counts them. Only as many as count are
// written.
func expand(text, placeholder string, count int, write func(b *strings.Builder, i int)) (out string, found int) {
	parts := strings.Split(text, placeholder)
	if len(parts) != count+1 {
		return "", len(parts) - 1
	}
	var b strings.Builder
	for i, part := range parts {
		b.WriteString(part)
		if i < count {
			write(&b, i)
		}
	}
	return b.String(), count
}

// writeImage writes the tokens of one image as the model's family does.
func (m *Model) writeImage(b *strings.Builder, image Image) {
	if m.cfg.modelType == familyGemma3n {
		m.around.image.write(b, m.imageText, image.Tokens)
		return
	}
	writeImage(b, image, m.imageText)
}

// writeImage writes the tokens of one image: its tiles row by row, each row on a line of its own,
// and the whole picture last; or those of a grid.
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

// place pairs image and audio tokens with rows of features, in order, and fails where the numbers
// differ.
func (m *Model) place(ids []int, images []Image, clips []Audio) (*encoded, error) {
	p := &encoded{ids: ids, keys: make([]uint64, len(ids))}
	seen, heard := m.rowsOf(images), m.rowsOf(heardAsImages(clips))
	for i, id := range ids {
		p.keys[i] = uint64(id)
		if !m.placeholder(id) {
			continue
		}
		source := seen
		if id == m.cfg.audioToken {
			source = heard
		}
		source.tokens++
		if source.tokens <= len(source.rows) {
			p.keys[i] = source.keys[source.tokens-1]
			p.rows = append(p.rows, source.rows[source.tokens-1])
		}
	}
	switch {
	case seen.tokens != len(seen.rows):
		return nil, fmt.Errorf("%w: %d image tokens, %d rows of features", ErrImageCount, seen.tokens, len(seen.rows))
	case heard.tokens != len(heard.rows):
		return nil, fmt.Errorf("%w: %d audio tokens, %d rows of features", ErrAudioCount, heard.tokens, len(heard.rows))
	}
	p.at = m.positionsOf(ids, images)
	return p, nil
}

// features are the rows of one kind in order, each with what identifies it in a cache.
type features struct {
	rows   []row
	keys   []uint64
	tokens int // found in the prompt
}

// rowsOf lists the rows of images, or of clips held as such. What tells one kind from the other is
// the mark in front.
func (m *Model) rowsOf(images []Image) *features {
	f := &features{}
	for i := range images {
		digest := m.inGrid(m.digestOf(&images[i]), images[i].Grid)
		for at := range images[i].tiles() * images[i].Tokens {
			f.rows = append(f.rows, row{&images[i], at})
			f.keys = append(f.keys, digest+uint64(len(f.rows))<<1|1<<63)
		}
	}
	return f
}

// digestOf identifies features for as long as the model is loaded: by their bits, by the key of
// those on a device, or without one as something that never occurred before.
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
