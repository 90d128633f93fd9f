package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// configFile is the name that ConfigError reports where no other file was read.
const configFile = processorfile.Flat

// Limits of what a config may ask for. The reference processor never makes a picture longer than
// maxLongestEdge; MaxTilesPerSide bounds the memory of one texture, MinTile is the smallest square
// in pixels.
const (
	maxLongestEdge  = 4096
	MaxTilesPerSide = 16
	MinTile         = 8
)

// Config is the part of a preprocessor_config.json that decides what a texture looks like: tiles of
// one size, as the Idefics3 family takes them, one square, as SigLIP takes it, or patches. Every
// number of the first two comes from the file; [Patches] says what may be left out of the third.
type Config struct {
	// LongestEdge is size.longest_edge: the longer side of the picture before tiling, in pixels. 0
	// where do_resize is false, and for SigLIP.
	LongestEdge int
	// Tile is max_image_size.longest_edge, or SigLIP's size: the side of the square the encoder
	// takes, in pixels.
	Tile int
	// Splitting is do_image_splitting: tiles plus a global picture, instead of one squashed square.
	Splitting bool
	// Filter is resample.
	Filter Filter
	// Rescale multiplies each 8-bit value; 1 where do_rescale is false.
	Rescale float64
	// Mean and Std are subtracted and divided after Rescale, per channel R, G, B; 0 and 1 where
	// do_normalize is false.
	Mean, Std [3]float64
	// Patches is set for processors that make patches of the picture; the fields of tiles are 0
	// then.
	Patches Patches
	// Most bounds the squares of a picture, or its patches; 0 is the processor's own bound. It
	// stands in no file: see [Config.Within].
	Most int
}

// configJSON mirrors the file. Pointers tell a missing field from a zero.
type configJSON struct {
	ImageProcessorType *string   `json:"image_processor_type"`
	DoResize           *bool     `json:"do_resize"`
	Size               *edgeJSON `json:"size"`
	Resample           *int      `json:"resample"`
	DoImageSplitting   *bool     `json:"do_image_splitting"`
	MaxImageSize       *edgeJSON `json:"max_image_size"`
	DoRescale          *bool     `json:"do_rescale"`
	RescaleFactor      *float64  `json:"rescale_factor"`
	DoNormalize        *bool     `json:"do_normalize"`
	ImageMean          []float64 `json:"image_mean"`
	ImageStd           []float64 `json:"image_std"`
	// Of patches only.
	PatchSize         *int `json:"patch_size"`
	TemporalPatchSize *int `json:"temporal_patch_size"`
	MergeSize         *int `json:"merge_size"`
	MinPixels         *int `json:"min_pixels"`
	MaxPixels         *int `json:"max_pixels"`
}

// edgeJSON also holds the bounds of patches, which are areas whatever their names say.
type edgeJSON struct {
	LongestEdge  *int `json:"longest_edge"`
	ShortestEdge *int `json:"shortest_edge"`
	MinPixels    *int `json:"min_pixels"`
	MaxPixels    *int `json:"max_pixels"`
	Height       *int `json:"height"`
	Width        *int `json:"width"`
}

// knownProcessors are the values of image_processor_type whose steps this package implements.
func knownProcessors() []string {
	return slices.Concat(tileProcessors(), patchProcessors(), squareProcessors())
}

func tileProcessors() []string {
	return []string{"Idefics3ImageProcessor", "Idefics3ImageProcessorFast", "SmolVLMImageProcessor", "SmolVLMImageProcessorFast"}
}

// ParseConfig reads the text of a preprocessor_config.json. An unknown step (do_… : true) or field,
// unless it is null or false, and a missing or unusable one give a *ConfigError.
func ParseConfig(data []byte) (Config, error) {
	var raw configJSON
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&raw); err != nil {
		return Config{}, decodeError(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Config{}, Refuse("", "more text after the JSON object")
	}
	if raw.ImageProcessorType != nil && !slices.Contains(knownProcessors(), *raw.ImageProcessorType) {
		return Config{}, Refuse("image_processor_type", fmt.Sprintf("%q is not one of %v", *raw.ImageProcessorType, knownProcessors()))
	}
	var cfg Config
	geometry := readGeometry
	switch {
	case raw.ImageProcessorType == nil:
	case slices.Contains(patchProcessors(), *raw.ImageProcessorType):
		raw.fillIn()
		geometry = readPatches
	case slices.Contains(squareProcessors(), *raw.ImageProcessorType):
		geometry = readSquare
	}
	for _, read := range []func(*configJSON, *Config) error{geometry, readFilter, readRescale, readNormalize} {
		if err := read(&raw, &cfg); err != nil {
			return Config{}, err
		}
	}
	if err := checkFields(data); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// ReadConfig reads the image processor of a model folder: preprocessor_config.json, or what
// processor_config.json holds of it, as newer versions of the transformers library save it. Where
// both are there they must agree. Errors: *ConfigError, or those of processorfile.Read.
func ReadConfig(folder fs.FS) (Config, error) {
	return processorfile.Read(folder, processorfile.ImageProcessor, func(s processorfile.Section) (Config, error) {
		cfg, err := ParseConfig(s.Data)
		var typed *ConfigError
		if errors.As(err, &typed) {
			typed.File = s.File
			typed.Field = strings.TrimSuffix(s.Prefix+typed.Field, ".")
		}
		return cfg, err
	})
}

func decodeError(err error) error {
	if typed, ok := err.(*json.UnmarshalTypeError); ok { //nolint:errorlint // Decode returns it unwrapped.
		return Refuse(typed.Field, fmt.Sprintf("a JSON %s cannot be used as %s", typed.Value, typed.Type))
	}
	return Refuse("", "not a JSON object: "+err.Error())
}

// Refuse is the error for a field of the configuration.
func Refuse(field, problem string) error {
	return &ConfigError{File: configFile, Field: field, Problem: problem}
}

func readGeometry(raw *configJSON, cfg *Config) error {
	switch {
	case raw.DoImageSplitting == nil:
		return Refuse("do_image_splitting", "missing")
	case raw.MaxImageSize == nil || raw.MaxImageSize.LongestEdge == nil:
		return Refuse("max_image_size.longest_edge", "missing")
	case raw.DoResize == nil:
		return Refuse("do_resize", "missing")
	}
	cfg.Splitting = *raw.DoImageSplitting
	cfg.Tile = *raw.MaxImageSize.LongestEdge
	if cfg.Tile < MinTile || cfg.Tile > maxLongestEdge {
		return Refuse("max_image_size.longest_edge", fmt.Sprintf("%d is outside %d to %d", cfg.Tile, MinTile, maxLongestEdge))
	}
	if !*raw.DoResize {
		return nil
	}
	if raw.Size == nil || raw.Size.LongestEdge == nil {
		return Refuse("size.longest_edge", "missing")
	}
	cfg.LongestEdge = *raw.Size.LongestEdge
	if cfg.LongestEdge < 1 || cfg.LongestEdge > maxLongestEdge {
		return Refuse("size.longest_edge", fmt.Sprintf("%d is outside 1 to %d", cfg.LongestEdge, maxLongestEdge))
	}
	if cfg.Splitting && cfg.LongestEdge > cfg.Tile*MaxTilesPerSide {
		return Refuse("size.longest_edge", fmt.Sprintf("%d needs more than %d tiles of %d a side", cfg.LongestEdge, MaxTilesPerSide, cfg.Tile))
	}
	return nil
}

func readFilter(raw *configJSON, cfg *Config) error {
	if raw.Resample == nil {
		return Refuse("resample", "missing")
	}
	cfg.Filter = Filter(*raw.Resample)
	if !cfg.Filter.valid() {
		return Refuse("resample", fmt.Sprintf("%d is not one of the filters 0 to 5", *raw.Resample))
	}
	return nil
}

func readRescale(raw *configJSON, cfg *Config) error {
	cfg.Rescale = 1
	if raw.DoRescale == nil {
		return Refuse("do_rescale", "missing")
	}
	if !*raw.DoRescale {
		return nil
	}
	if raw.RescaleFactor == nil {
		return Refuse("rescale_factor", "missing")
	}
	if *raw.RescaleFactor <= 0 || *raw.RescaleFactor > 1 {
		return Refuse("rescale_factor", fmt.Sprintf("%g is outside 0 to 1", *raw.RescaleFactor))
	}
	cfg.Rescale = *raw.RescaleFactor
	return nil
}

func readNormalize(raw *configJSON, cfg *Config) error {
	cfg.Std = [3]float64{1, 1, 1}
	if raw.DoNormalize == nil {
		return Refuse("do_normalize", "missing")
	}
	if !*raw.DoNormalize {
		return nil
	}
	if err := readChannels("image_mean", raw.ImageMean, &cfg.Mean); err != nil {
		return err
	}
	if err := readChannels("image_std", raw.ImageStd, &cfg.Std); err != nil {
		return err
	}
	for i, std := range cfg.Std {
		if std < 1e-6 {
			return Refuse(fmt.Sprintf("image_std[%d]", i), fmt.Sprintf("%g is not a positive deviation", std))
		}
	}
	return nil
}

func readChannels(field string, values []float64, into *[3]float64) error {
	if values == nil {
		return Refuse(field, "missing")
	}
	if len(values) != len(into) {
		return Refuse(field, fmt.Sprintf("%d numbers, expected one each for R, G and B", len(values)))
	}
	for i, value := range values {
		if math.Abs(value) > 1e6 {
			return Refuse(fmt.Sprintf("%s[%d]", field, i), fmt.Sprintf("%g is out of range", value))
		}
	}
	copy(into[:], values)
	return nil
}
