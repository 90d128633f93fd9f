package engine

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// Shown is a picture as one language model was given it, for people. It is immutable, safe from any
// goroutine, and good for as long as somebody has it, whatever becomes of model and track.
type Shown struct {
	frame *media.I420 // a copy; nil where sent is set
	cfg   vision.Config
	sent  *remote.Picture
	plain bool // the frame itself is what was looked at
}

// Keep keeps a frame as the eyes take it: a copy of it, from which the same is made again when
// somebody asks. Of eyes behind a server that is what Picture returned, see Sent.
func (y *Eyes) Keep(frame *media.I420) *Shown {
	if y.Assisted() {
		return &Shown{frame: frame.Clone(), plain: true}
	}
	return &Shown{frame: frame.Clone(), cfg: y.textures.Config()}
}

// Sent is a picture that a server is shown.
func Sent(p *remote.Picture) *Shown { return &Shown{sent: p} }

// Bytes is how much memory it takes.
func (s *Shown) Bytes() int64 {
	if s.sent != nil {
		return int64(len(s.sent.Data))
	}
	return int64(media.I420Size(s.frame.Width, s.frame.Height))
}

// Encoded is a picture as a file.
type Encoded struct {
	Data          []byte
	MIME          string
	Width, Height int // pixels
}

// Encode makes the picture that the model took: a PNG of what its encoder was given, or the file
// that was sent to its server. It takes about as long as making the texture did, and the PNG.
func (s *Shown) Encode() (Encoded, error) {
	if s.sent != nil {
		return Encoded{s.sent.Data, s.sent.MIME, s.sent.Width, s.sent.Height}, nil
	}
	if s.plain {
		return encoded(s.frame.Image())
	}
	p, err := vision.NewPreprocessor(s.cfg, vision.Options{Buffers: 1})
	if err != nil {
		return Encoded{}, fmt.Errorf("the picture that the model took: %w", err)
	}
	defer func() { _ = p.Close() }() // it only frees memory
	texture, err := p.Texture(s.frame)
	if err != nil {
		return Encoded{}, fmt.Errorf("the picture that the model took: %w", err)
	}
	defer texture.Release()
	return encoded(texture.Shown(s.cfg))
}

// encoded is a picture as a PNG.
func encoded(picture *image.RGBA) (Encoded, error) {
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, picture); err != nil {
		return Encoded{}, fmt.Errorf("the picture that the model took: %w", err)
	}
	return Encoded{out.Bytes(), "image/png", picture.Rect.Dx(), picture.Rect.Dy()}, nil
}
