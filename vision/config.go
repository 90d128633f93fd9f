package vision

import "github.com/sensory-agent/sensory-agent/vision/layout"

// Config is the part of an Idefics3 preprocessor_config.json that decides what a texture looks like.
type Config = layout.Config

// ConfigError names the file and field that cannot be used. It unwraps to ErrConfig.
type ConfigError = layout.ConfigError

// ErrConfig says that preprocessor_config.json cannot be used; the caller finds the field in a *ConfigError.
var ErrConfig = layout.ErrConfig

// ParseConfig reads the text of a preprocessor_config.json. Unknown fields are ignored, as other versions of the
// processor write more of them; a missing or unusable field gives a *ConfigError.
func ParseConfig(data []byte) (Config, error) { return layout.ParseConfig(data) }

// Filter is a resampling filter, numbered as the field resample of preprocessor_config.json numbers it.
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
