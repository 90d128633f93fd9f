package vision

import (
	"crypto/sha256"
	"image"
	"image/draw"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// scratch is the working memory of one call.
type scratch struct {
	reducer   reducer
	resampler resampler
	hasher    hasher
	rgba      *image.RGBA
	a, b      raster
}

// maxIdle bounds the scratch memory that is kept between calls.
const maxIdle = 2

func (p *Preprocessor) borrow() (*scratch, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if last := len(p.idle) - 1; last >= 0 {
		s := p.idle[last]
		p.idle = p.idle[:last]
		return s, nil
	}
	s := &scratch{hasher: hasher{state: sha256.New()}}
	s.reducer.live = &p.mats
	return s, nil
}

func (p *Preprocessor) giveBack(s *scratch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= maxIdle {
		s.reducer.close()
		return
	}
	p.idle = append(p.idle, s)
}

// load converts a frame to RGB into s.a, reduced first where the layout shrinks it strongly.
func (p *Preprocessor) load(s *scratch, frame *media.I420, l *layout.Layout) error {
	source := framePlanes(frame)
	x, y := 1, 1
	if p.opt.Fidelity == FidelityLive && p.cfg.Filter != FilterNearest {
		x, y = reduction(frame.Width, l.Steps[0].Width), reduction(frame.Height, l.Steps[0].Height)
	}
	if x > 1 || y > 1 {
		var err error
		if source, err = s.reducer.reduce(source, x, y); err != nil {
			return err
		}
	}
	convert(p.colours.of(frame), &s.a, &source)
	s.a.spanX, s.a.spanY = float64(frame.Width)/float64(x), float64(frame.Height)/float64(y)
	return nil
}

// draw converts a picture to RGB into s.a.
func (s *scratch) draw(picture image.Image) {
	bounds := picture.Bounds()
	rgba, ok := picture.(*image.RGBA)
	if !ok {
		if s.rgba == nil || s.rgba.Rect.Dx() != bounds.Dx() || s.rgba.Rect.Dy() != bounds.Dy() {
			s.rgba = image.NewRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
		}
		draw.Draw(s.rgba, s.rgba.Rect, picture, bounds.Min, draw.Src)
		rgba = s.rgba
	}
	s.a.resize(bounds.Dx(), bounds.Dy())
	for y := range s.a.height {
		from := rgba.Pix[y*rgba.Stride:]
		to := s.a.row(y)
		for x := range s.a.width {
			copy(to[x*3:x*3+3], from[x*4:x*4+3])
		}
	}
}
