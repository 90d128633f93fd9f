package generate

import (
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Audio is a stretch of sound as the model's audio encoder hears it.
type Audio struct {
	Features []float32 // [Tokens, Hidden]; read only, the caller's
	Tokens   int
	Hidden   int // width of one token
}

// Modality implements prompt.Part.
func (Audio) Modality() prompt.Modality { return prompt.Sound }

// check compares a clip with itself and with the model.
func (a Audio) check(hidden, perClip int) error {
	switch {
	case a.Hidden != hidden:
		return fmt.Errorf("%w: width %d, the model takes %d", ErrAudio, a.Hidden, hidden)
	case a.Tokens != perClip:
		return fmt.Errorf("%w: %d tokens, the model takes %d", ErrAudio, a.Tokens, perClip)
	case len(a.Features) != a.Tokens*a.Hidden:
		return fmt.Errorf("%w: %d values for %d x %d", ErrAudio, len(a.Features), a.Tokens, a.Hidden)
	}
	return nil
}

// Image is a picture as the vision encoder sees it: one tile, or Rows x Cols tiles row by row and
// the whole picture as the last one; or a grid of tokens.
type Image struct {
	Features []float32 // [tiles, Tokens, Hidden]; read only, the caller's
	// Device holds the same, float32 or float16, where the vision encoder left it; Features is nil
	// then. It must lie on the device of the model, and stay open and unchanged during the call.
	Device *ort.Memory
	// Key identifies what Device holds: the same key says the same features, to a cache. 0 says
	// nothing, and nothing is reused.
	Key    uint64
	Tokens int // per tile, or of the whole picture where they lie in a grid
	Hidden int // width of one token
	Rows   int // 0 where the picture was not split
	Cols   int
	// Grid says how the tokens lie, for models that place them by frame, row and column (Qwen VL);
	// zero for all others.
	Grid Grid
}

// Modality implements prompt.Part.
func (Image) Modality() prompt.Modality { return prompt.Picture }

// tiles is the number of tiles.
func (m Image) tiles() int {
	if m.Rows == 0 && m.Cols == 0 {
		return 1
	}
	return m.Rows*m.Cols + 1
}

// maxTilesPerSide bounds a split; published models name at most 6 rows and columns.
const maxTilesPerSide = 64

// check compares an image with itself and with the model.
func (m Image) check(hidden, perImage int) error {
	split := m.Rows > 0 && m.Cols > 0 && m.Rows <= maxTilesPerSide && m.Cols <= maxTilesPerSide
	switch {
	case !split && (m.Rows != 0 || m.Cols != 0):
		return fmt.Errorf("%w: %d rows and %d columns", ErrImage, m.Rows, m.Cols)
	case m.Hidden != hidden:
		return fmt.Errorf("%w: width %d, the model takes %d", ErrImage, m.Hidden, hidden)
	case m.Tokens <= 0 || (perImage > 0 && m.Tokens != perImage):
		return fmt.Errorf("%w: %d tokens per tile, the model takes %d", ErrImage, m.Tokens, perImage)
	}
	values := len(m.Features)
	if m.Device != nil {
		values += m.Device.Len()
		if !isFloat(m.Device.Type()) {
			return fmt.Errorf("%w: features of %v on the device", ErrImage, m.Device.Type())
		}
	}
	if values != m.tiles()*m.Tokens*m.Hidden {
		return fmt.Errorf("%w: %d values for %d tiles of %d x %d", ErrImage, values, m.tiles(), m.Tokens, m.Hidden)
	}
	return nil
}

// parts lists the images and the clips of all messages, each in order, once they have been compared
// with the model.
func (m *Model) parts(messages []prompt.Message) (images []Image, clips []Audio, err error) {
	for _, message := range messages {
		for _, part := range message.Parts {
			switch part := part.(type) {
			case Image:
				err = m.fitImage(part)
				images = append(images, part)
			case Audio:
				err = m.fitAudio(part)
				clips = append(clips, part)
			case prompt.Caption:
			default:
				err = fmt.Errorf("%w: a %s as %T", prompt.ErrPart, part.Modality(), part)
			}
			if err != nil {
				return nil, nil, err
			}
		}
	}
	return images, clips, nil
}

// fitImage compares an image with the model.
func (m *Model) fitImage(image Image) error {
	if m.cfg.imageToken < 0 {
		return ErrNoVision
	}
	if err := errors.Join(image.check(m.hidden, m.cfg.perImage), image.checkGrid(m.cfg.grids)); err != nil {
		return err
	}
	if m.cfg.modelType == familyGemma3n && image.tiles() != 1 {
		return fmt.Errorf("%w: in %d tiles, the model takes one", ErrImage, image.tiles())
	}
	return nil
}

// fitAudio compares a clip with the model.
func (m *Model) fitAudio(clip Audio) error {
	if m.cfg.audioToken < 0 {
		return ErrNoHearing
	}
	return clip.check(m.hidden, m.cfg.perClip)
}
