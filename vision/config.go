package vision

import (
	"io/fs"

	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// Config is the part of a preprocessor_config.json that decides what a texture looks like.
type Config = layout.Config

// Grid counts patches, or the tokens they are merged to: frames, rows, columns.
type Grid = layout.Grid

// AspectError carries the size of a picture that is too long for its width. It unwraps to
// ErrAspect.
type AspectError = layout.AspectError

// ErrAspect says that a picture is too long for its width, as models that take patches do not
// allow; the details are in an *AspectError.
var ErrAspect = layout.ErrAspect

// ConfigError names the file and field that cannot be used. It unwraps to ErrConfig.
type ConfigError = layout.ConfigError

// ErrConfig says that preprocessor_config.json cannot be used; the caller finds the field in a
// *ConfigError.
var ErrConfig = layout.ErrConfig

// ParseConfig reads the text of a preprocessor_config.json. Unknown fields are ignored, as other
// versions of the processor write more of them; a missing or unusable field gives a *ConfigError.
func ParseConfig(data []byte) (Config, error) { return layout.ParseConfig(data) }

// ReadConfig reads the image processor of a model folder, in either of the forms in which folders
// hold it; see [layout.ReadConfig].
func ReadConfig(folder fs.FS) (Config, error) { return layout.ReadConfig(folder) }

// Filter is a resampling filter, numbered as the field resample of preprocessor_config.json numbers
// it.
type Filter = layout.Filter

// The filters of the reference processor.
const (
	FilterNearest  = layout.FilterNearest
	FilterLanczos  = layout.FilterLanczos
	FilterBilinear = layout.FilterBilinear
	FilterBicubic  = layout.FilterBicubic
	FilterBox      = layout.FilterBox
	FilterHamming  = layout.FilterHamming
)

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
