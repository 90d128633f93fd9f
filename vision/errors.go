package vision

import (
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/media"
)

var (
	// ErrPictureSize says that a picture is empty or larger than a picture may be; a
	// *media.SizeError has the numbers.
	ErrPictureSize = media.ErrPictureSize
	// ErrPicture says that a frame's planes do not hold the picture that its size announces.
	ErrPicture = errors.New("malformed picture")
	// ErrPoolExhausted says that as many textures are outstanding as the pool allows. Releasing one
	// helps.
	ErrPoolExhausted = errors.New("texture pool exhausted")
	// ErrClosed says that the preprocessor was closed.
	ErrClosed = errors.New("vision preprocessor closed")
	// ErrShape says that a session does not take the texture, or answers with another shape than it
	// should; the details are in a *ShapeError.
	ErrShape = errors.New("tensor shape mismatch")
	// ErrNotFinite says that the encoder answered with NaN or infinity. Such features are never
	// cached.
	ErrNotFinite = errors.New("image features are not finite")
)

// ShapeError names a tensor of the vision encoder and the shapes that do not agree; -1 in Want is a
// free dimension. It unwraps to ErrShape.
type ShapeError struct {
	Tensor    string
	Want, Got []int64
	Problem   string
}

// Error names the tensor, the expected and the actual shape.
func (e *ShapeError) Error() string {
	return fmt.Sprintf("vision encoder tensor %q: %s (expected %v, found %v)", e.Tensor, e.Problem, e.Want, e.Got)
}

// Unwrap returns ErrShape.
func (e *ShapeError) Unwrap() error { return ErrShape }
