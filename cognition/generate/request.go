package generate

import (
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Role says who wrote a message.
type Role string

// The roles that chat templates know.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one turn of a conversation. Its images, and then its sound, stand before its text.
type Message struct {
	Role   Role
	Text   string // special tokens in it are spelled out, never obeyed
	Images []Image
	Audio  []Audio
}

// Audio is a stretch of sound as the model's audio encoder hears it.
type Audio struct {
	Features []float32 // [Tokens, Hidden]; read only, the caller's
	Tokens   int
	Hidden   int // width of one token
}

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

// Image is a picture as the vision encoder sees it: one tile, or Rows x Cols tiles row by row and the whole picture as the last one; or a
// grid of tokens.
type Image struct {
	Features []float32 // [tiles, Tokens, Hidden]; read only, the caller's
	// Device holds the same, float32 or float16, where the vision encoder left it; Features is nil then. It must lie on the device of the
	// model, and stay open and unchanged during the call.
	Device *ort.Memory
	// Key identifies what Device holds: the same key says the same features, to a cache. 0 says nothing, and nothing is reused.
	Key    uint64
	Tokens int // per tile, or of the whole picture where they lie in a grid
	Hidden int // width of one token
	Rows   int // 0 where the picture was not split
	Cols   int
	// Grid says how the tokens lie, for models that place them by frame, row and column (Qwen VL); zero for all others.
	Grid Grid
}

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

// Sampling says how the next token is chosen. The zero value is greedy: always the most likely one.
type Sampling struct {
	Temperature float32 // 0 is greedy; 1 takes the model's own distribution
	TopP        float32 // keep the likeliest tokens of this total probability; 0 keeps all
	TopK        int     // keep this many tokens; 0 keeps all
	Seed        uint64  // same seed, same answer
}

// check refuses settings outside their range.
func (s Sampling) check() error {
	if !(s.Temperature >= 0 && s.Temperature <= 100) || !(s.TopP >= 0 && s.TopP <= 1) || s.TopK < 0 {
		return fmt.Errorf("%w: temperature %v, top-p %v, top-k %d", ErrSampling, s.Temperature, s.TopP, s.TopK)
	}
	return nil
}

// Request is one question.
type Request struct {
	Messages  []Message
	MaxTokens int // of the answer; 0 takes the model's own limit
	Sampling  Sampling
	// Cache, if set, keeps keys and values for the next call. Nil computes the whole prompt.
	Cache *Cache
}

// StopReason says why an answer ended.
type StopReason string

// The reasons.
const (
	StopEnd     StopReason = "end"     // the model ended it
	StopLength  StopReason = "length"  // MaxTokens reached
	StopContext StopReason = "context" // the window is full
)

// Result is an answer. Where Generate also returns an error, it holds what was written until then.
type Result struct {
	Text         string        // all pieces joined: without white space around it
	IDs          []int         // generated tokens, the stop token left out
	Tokens       int           // len(IDs)
	PromptTokens int           // tokens of the whole prompt, image tokens included
	Reused       int           // tokens of the prompt that the cache already held
	FirstToken   time.Duration // from the call to the first token
	Total        time.Duration // from the call to the end
	Compute      time.Duration // spent inside the model's graphs
	StopReason   StopReason    // empty where an error is returned
}
