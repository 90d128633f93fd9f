package vision

import (
	"fmt"
	"image"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// Fidelity says how closely the reference processor is followed.
type Fidelity int

const (
	// FidelityLive shrinks strongly reduced frames with an area filter first and squashes a picture
	// in one step. Textures differ from the reference by about one level of 255; it is several
	// times cheaper.
	FidelityLive Fidelity = iota
	// FidelityReference repeats the steps of the reference processor on the whole picture, equal to
	// the bit before normalisation.
	FidelityReference
)

// Split overrides do_image_splitting of the config.
type Split int

const (
	// SplitAsConfigured does what the config says.
	SplitAsConfigured Split = iota
	// SplitNever makes one square of each picture: the cheap choice for live video.
	SplitNever
	// SplitAlways cuts tiles: the choice for small print.
	SplitAlways
)

// defaultBuffers is how many textures may be outstanding unless Options says otherwise: camera and
// screen share, each with one being made, one being encoded and one waiting.
const defaultBuffers = 6

// Options of a Preprocessor. The zero value is for live video.
type Options struct {
	Split    Split
	Fidelity Fidelity
	// Buffers is the largest number of textures outstanding at a time; 0 means 6.
	Buffers int
}

// Preprocessor makes textures: tiles, or patches where the config says so. It is safe for
// concurrent use; each concurrent call has its own scratch memory, which is kept for the next one.
// Close frees the native part of it.
type Preprocessor struct {
	cfg       Config
	opt       Options
	splitting bool
	colours   *colourTables
	levels    [3][256]float32 // per channel: 8-bit value → normalised value
	pool      texturePool
	mats      atomic.Int64

	mu     sync.Mutex
	closed bool
	idle   []*scratch
}

// ParsePreprocessor reads a preprocessor_config.json and returns a Preprocessor for live video that
// does what it says. Errors: *ConfigError.
func ParsePreprocessor(data []byte) (*Preprocessor, error) {
	cfg, err := ParseConfig(data)
	if err != nil {
		return nil, err
	}
	return NewPreprocessor(cfg, Options{})
}

// OpenPreprocessor does the same for a model folder, in whichever file it holds the image
// processor; see [ReadConfig] for its errors.
func OpenPreprocessor(folder fs.FS) (*Preprocessor, error) {
	cfg, err := ReadConfig(folder)
	if err != nil {
		return nil, err
	}
	return NewPreprocessor(cfg, Options{})
}

// NewPreprocessor returns a Preprocessor for a config that ParseConfig read. Errors: *ConfigError
// where the options ask for more than the config can do.
func NewPreprocessor(cfg Config, opt Options) (*Preprocessor, error) {
	if opt.Buffers <= 0 {
		opt.Buffers = defaultBuffers
	}
	p := &Preprocessor{cfg: cfg, opt: opt, splitting: cfg.Splitting, colours: newColourTables()}
	switch opt.Split {
	case SplitNever:
		p.splitting = false
	case SplitAlways:
		p.splitting = true
	}
	patches := cfg.Patches.Side > 0
	if patches && opt.Split == SplitAlways {
		return nil, layout.Refuse("do_image_splitting", "a processor of patches does not split pictures")
	}
	if !patches && cfg.Tile < layout.MinTile {
		return nil, layout.Refuse("max_image_size.longest_edge", fmt.Sprintf("%d is less than %d", cfg.Tile, layout.MinTile))
	}
	if p.splitting && (cfg.LongestEdge == 0 || cfg.LongestEdge > cfg.Tile*layout.MaxTilesPerSide) {
		return nil, layout.Refuse("size.longest_edge", fmt.Sprintf("%d does not bound the tiles of a split picture", cfg.LongestEdge))
	}
	p.pool.limit = opt.Buffers
	for channel := range p.levels {
		mean, std := float32(cfg.Mean[channel]), float32(cfg.Std[channel])
		for value := range p.levels[channel] {
			p.levels[channel][value] = (float32(float64(value)*cfg.Rescale) - mean) / std
		}
	}
	return p, nil
}

// Config returns the config the preprocessor was made for.
func (p *Preprocessor) Config() Config { return p.cfg }

// LongestSide is the longer side, in pixels, of the largest picture of which everything is used:
// what a larger one has more is lost when it is shrunk. 0 where nothing is shrunk.
func (p *Preprocessor) LongestSide() int { return p.cfg.UsefulSide(p.splitting) }

// Outstanding returns how many textures have not been released.
func (p *Preprocessor) Outstanding() int { return p.pool.count() }

// NativeMats returns how many OpenCV matrices are alive; 0 after Close once no call is running.
func (p *Preprocessor) NativeMats() int { return int(p.mats.Load()) }

// Close frees native memory. Textures that are out stay valid; later calls get ErrClosed.
// Idempotent, from any goroutine.
func (p *Preprocessor) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, s := range p.idle {
		s.reducer.close()
	}
	p.idle = nil
	return nil
}

// layout says what becomes of a picture.
func (p *Preprocessor) layout(width, height int) (layout.Layout, error) {
	if p.cfg.Patches.Side > 0 {
		return layout.Patched(&p.cfg, width, height)
	}
	return layout.Of(&p.cfg, p.splitting, p.opt.Fidelity == FidelityReference, width, height), nil
}

// Images returns into how many squares, and into which grid of tiles, a picture of width × height
// is made; where it is made into patches, the grid is theirs. Errors: ErrPictureSize, ErrAspect.
func (p *Preprocessor) Images(width, height int) (images, rows, cols int, err error) {
	if err := media.CheckSize(width, height); err != nil {
		return 0, 0, 0, err
	}
	l, err := p.layout(width, height)
	if l.Grid.T > 0 {
		return l.Images, l.Grid.H, l.Grid.W, err
	}
	return l.Images, l.Rows, l.Cols, err
}

// Texture converts a frame. The frame is only read, and only during the call.
// Errors: ErrPictureSize, ErrAspect, ErrPicture, ErrPoolExhausted, ErrClosed.
func (p *Preprocessor) Texture(frame *media.I420) (*Texture, error) {
	if err := checkFrame(frame); err != nil {
		return nil, err
	}
	l, err := p.layout(frame.Width, frame.Height)
	if err != nil {
		return nil, err
	}
	s, err := p.borrow()
	if err != nil {
		return nil, err
	}
	defer p.giveBack(s)
	if err := p.load(s, frame, &l); err != nil {
		return nil, err
	}
	texture, err := p.finish(s, &l)
	if err != nil {
		return nil, err
	}
	texture.Hash = s.hasher.frame(frame)
	texture.MediaTime, texture.Captured = frame.MediaTime, frame.Captured
	return texture, nil
}

// TextureImage converts a picture that is not a video frame; alpha is composed over black. The
// picture is only read, and only during the call. Errors: as Texture.
func (p *Preprocessor) TextureImage(picture image.Image) (*Texture, error) {
	if picture == nil {
		return nil, fmt.Errorf("no picture: %w", ErrPicture)
	}
	bounds := picture.Bounds()
	if err := media.CheckSize(bounds.Dx(), bounds.Dy()); err != nil {
		return nil, err
	}
	l, err := p.layout(bounds.Dx(), bounds.Dy())
	if err != nil {
		return nil, err
	}
	s, err := p.borrow()
	if err != nil {
		return nil, err
	}
	defer p.giveBack(s)
	s.draw(picture)
	hash := s.hasher.raster(&s.a)
	texture, err := p.finish(s, &l)
	if err != nil {
		return nil, err
	}
	texture.Hash = hash
	return texture, nil
}

// finish scales the picture in s.a through the steps of the layout and cuts the result into a
// texture.
func (p *Preprocessor) finish(s *scratch, l *layout.Layout) (*Texture, error) {
	for _, step := range l.Steps[:l.StepCount] {
		s.resampler.scale(&s.b, &s.a, step.Width, step.Height, p.cfg.Filter)
		s.a, s.b = s.b, s.a
	}
	if l.Grid.T > 0 {
		return p.patchTexture(s, l)
	}
	tile := p.cfg.Tile
	pixels, mask, err := p.pool.take(l.Images*3*tile*tile, l.Images*tile*tile)
	if err != nil {
		return nil, err
	}
	square := pixels
	for row := range max(l.Rows, 1) {
		for col := range max(l.Cols, 1) {
			p.cut(square, &s.a, col*tile, row*tile)
			square = square[3*tile*tile:]
		}
	}
	if l.Global {
		s.resampler.scale(&s.b, &s.a, tile, tile, p.cfg.Filter)
		p.cut(square, &s.b, 0, 0)
	}
	return &Texture{
		Pixels: pixels, Mask: mask, Images: l.Images, Rows: l.Rows, Cols: l.Cols,
		Width: tile, Height: tile, pool: &p.pool,
	}, nil
}

// cut normalises the tile at x, y into three planes.
func (p *Preprocessor) cut(dst []float32, src *raster, x, y int) {
	tile := p.cfg.Tile
	area := tile * tile
	for row := range tile {
		line := src.row(y + row)[x*3:][:tile*3]
		red, green, blue := dst[row*tile:][:tile], dst[area+row*tile:][:tile], dst[2*area+row*tile:][:tile]
		for i := range tile {
			pixel := line[i*3 : i*3+3 : i*3+3]
			red[i] = p.levels[0][pixel[0]]
			green[i] = p.levels[1][pixel[1]]
			blue[i] = p.levels[2][pixel[2]]
		}
	}
}
