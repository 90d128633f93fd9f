package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// restBeyond is how long a picture may take to encode for eyes that look all the time; slower ones
// rest while nobody speaks.
const restBeyond = vision.ChangeGap

// Sight is a picture of a track as one language model takes it. It is immutable; its lease is held
// while it is the newest of its track, or kept as an earlier one of it.
type Sight struct {
	Features *vision.Features // nil where the model is behind a server
	Picture  *remote.Picture  // what a server is shown; nil where the model is here
	// Perceived is what adapters see, for a model that is told of it in words; then the two above
	// are nil.
	Perceived *prompt.Perceived
	Lease     *compute.Lease
	Captured  time.Time
	// Took is how long it took to bring the frame into the model's form and to look at it.
	Took time.Duration
	// Shown is the picture for people; nil where nobody keeps any.
	Shown *Shown
	// Key is the track and the number of the picture on it, as in TR_AB/42; empty for one of no
	// track.
	Key string
}

// Bytes is how much memory its vectors, or the picture for a server, and the picture for people
// take; what is told in words is small.
func (s *Sight) Bytes() int64 {
	var out int64
	if s.Features != nil {
		out += 4 * int64(len(s.Features.Data))
	}
	if s.Picture != nil {
		out += int64(len(s.Picture.Data))
	} else if s.Shown != nil { // else that is the same
		out += s.Shown.Bytes()
	}
	return out
}

// Squares is into how many squares the picture was made; 0 where a model takes patches, or the
// picture itself.
func (s *Sight) Squares() int {
	if s == nil || s.Features == nil || s.Features.Grid.T > 0 {
		return 0
	}
	return s.Features.Images
}

// Tokens is how many tokens of a prompt the picture is; 0 where only a server knows.
func (s *Sight) Tokens() int {
	if s == nil || s.Features == nil {
		return 0
	}
	return s.Features.Images * s.Features.Tokens
}

// Eyes turn frames into what one language model takes: by way of a texture into features where the
// model is in this process, else into an encoded picture.
type Eyes struct {
	place
	name     string
	picture  *remote.PictureOptions // set where the model is behind a server, and nothing else is
	adapters *adapters              // set where adapters see for the model, and not textures, session, encoder
	textures *vision.Preprocessor
	whole    vision.Config // as the model's own files say, without a bound
	session  io.Closer
	encoder  *vision.Encoder
	at       []*compute.Station // of the encoder
	takes    time.Duration      // to encode a picture, as it was measured; 0 where that was not done
	series   Series             // set before they look
}

// bound has pictures made into no more squares or patches than that. Nobody uses the eyes
// meanwhile.
func (y *Eyes) bound(most int) error {
	textures, err := vision.NewPreprocessor(y.whole.Within(most), vision.Options{})
	if err != nil {
		return err
	}
	old := y.textures
	y.textures = textures
	return old.Close()
}

// Takes is how long a picture took to encode when that was measured; 0 where it was not.
func (y *Eyes) Takes() time.Duration { return y.takes }

// Series says which pictures of a track an answer is made from.
func (y *Eyes) Series() Series {
	if y == nil {
		return Series{}
	}
	return y.series
}

// Rests tells whether the eyes are too slow to look all the time: then they look while somebody
// speaks, and when they are asked to.
func (y *Eyes) Rests() bool { return y.takes >= restBeyond }

// eyes loads the eyes of a model in this process.
func (l *loader) eyes(ctx context.Context) (*Eyes, error) {
	textures, err := vision.OpenPreprocessor(l.cfg.Files)
	if err != nil {
		return nil, err
	}
	graph, err := generate.GraphSource(l.cfg.Files, "vision_encoder", "")
	if err != nil {
		return nil, errors.Join(err, textures.Close())
	}
	session, err := l.machine.rt.Load(ctx, graph, l.options(1))
	if err != nil {
		return nil, errors.Join(err, textures.Close())
	}
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		return nil, errors.Join(err, session.Close(), textures.Close())
	}
	name := cmp.Or(l.cfg.Resolution.Base.ID, "a model")
	at, err := l.machine.stations("eyes of " + name)
	if err != nil {
		return nil, errors.Join(err, session.Close(), textures.Close())
	}
	return &Eyes{place: l.cfg.place(), name: name, textures: textures, whole: textures.Config(), session: session, encoder: encoder, at: at}, nil
}

// picturing are the eyes of a model behind a server, which is shown pictures.
func picturing(p place, options remote.PictureOptions) *Eyes {
	name := fmt.Sprintf("%s-%d", options.Format, options.LongestSide)
	if options.Format == remote.JPEG {
		name += fmt.Sprintf("-q%d", options.Quality)
	}
	return &Eyes{place: p, name: name, picture: &options}
}

// Name tells eyes apart for people: the id of a model in this process; for a model behind a server
// how pictures are sent, such as jpeg-768-q85. Two models may have one name.
func (y *Eyes) Name() string { return y.name }

// Same tells whether two eyes make the same sight of a frame, so that one of them is enough: the
// eyes of one model, or of two behind servers that are sent pictures alike, and as many. Nil is
// like nothing.
func (y *Eyes) Same(as *Eyes) bool {
	if y == nil || as == nil {
		return false
	}
	return y == as || y.Remote() && as.Remote() && *y.picture == *as.picture && y.series == as.series
}

// LongestSide is the longer side, in pixels, of the largest picture of which everything is used; 0
// where there is no bound.
func (y *Eyes) LongestSide() int {
	switch {
	case y.Remote():
		return y.picture.LongestSide
	case y.Assisted():
		return readerSide
	}
	return y.textures.LongestSide()
}

// Remote tells whether the model is behind a server: Picture makes its sights, else Texture and
// Features do.
func (y *Eyes) Remote() bool { return y.picture != nil }

// Texture converts a frame. The caller releases it.
func (y *Eyes) Texture(frame *media.I420) (*vision.Texture, error) { return y.textures.Texture(frame) }

// Features encodes a texture.
func (y *Eyes) Features(ctx context.Context, t *vision.Texture) (*vision.Features, error) {
	return y.encoder.Encode(ctx, t)
}

// Stations are those that a demand for Features names.
func (y *Eyes) Stations() []*compute.Station { return y.at }

// Picture encodes a frame as a server is shown it.
func (y *Eyes) Picture(frame *media.I420) (remote.Picture, error) {
	return remote.EncodeFrame(frame, *y.picture)
}

// Assisted tells whether adapters see for a model that has no eyes: Perceive makes its sights.
func (y *Eyes) Assisted() bool { return y != nil && y.adapters != nil }

// EarlyAfter is how much longer than at load adapters may take before what is seen so far is handed
// out: less than an answer waits for the first picture of a track (package reply).
const EarlyAfter = time.Second

// Perceive has every adapter look at a picture, and returns when all of them have ended. One that
// fails, or is too slow, is named among what is missing, and returned; the error is the context's.
// Where some take much longer than they did at load, soon gets what the others have seen
// meanwhile: once, on the caller's goroutine. It may be nil.
func (y *Eyes) Perceive(ctx context.Context, picture *image.RGBA, soon func(*prompt.Perceived)) (*prompt.Perceived, []*AdapterError, error) {
	return y.adapters.perceive(ctx, picture, early{after: y.takes + EarlyAfter, take: soon})
}

// Networks is how many run for a picture, each on a thread of its own.
func (y *Eyes) Networks() int64 {
	if y.adapters != nil && y.adapters.namer != nil {
		return 2
	}
	return 1
}

// Silicon is where Features runs, and Price what its work costs there that takes so many
// thousandths of a core.
func (y *Eyes) Silicon() compute.Silicon { return y.silicon }

// Price is described at Silicon.
func (y *Eyes) Price(ofCore int64) int64 { return y.price(ofCore) }

// Outstanding is how many textures are out.
func (y *Eyes) Outstanding() int {
	if y.textures == nil {
		return 0
	}
	return y.textures.Outstanding()
}

// see makes a sight of a picture, outside every chain and without a lease.
func (y *Eyes) see(ctx context.Context, picture image.Image) (*Sight, error) {
	if y.Remote() {
		p, err := remote.EncodeImage(picture, *y.picture)
		return &Sight{Picture: &p}, err
	}
	if y.Assisted() {
		raster := image.NewRGBA(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
		draw.Draw(raster, raster.Rect, picture, picture.Bounds().Min, draw.Src)
		seen, _, err := y.Perceive(ctx, raster, nil) // who fails is named in what is told
		return &Sight{Perceived: seen}, err
	}
	texture, err := y.textures.TextureImage(picture)
	if err != nil {
		return nil, err
	}
	defer texture.Release()
	f, err := y.encoder.Encode(ctx, texture)
	if err != nil {
		return nil, err
	}
	return &Sight{Features: f}, nil
}

func (y *Eyes) close() error {
	if y.Remote() {
		return nil
	}
	if y.Assisted() {
		var errs []error
		for _, s := range y.adapters.sessions {
			errs = append(errs, s.Close())
		}
		return errors.Join(errs...)
	}
	return errors.Join(y.textures.Close(), y.session.Close())
}
