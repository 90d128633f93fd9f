package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrConfig means that a model folder does not say what a picture must look like.
var ErrConfig = errors.New("unusable preprocessor_config.json")

// pictureConfig is what this program needs of preprocessor_config.json.
type pictureConfig struct{ Tile int }

// readPictureConfig reads it.
func readPictureConfig(dir string) (pictureConfig, error) {
	data, err := os.ReadFile(filepath.Join(dir, "preprocessor_config.json"))
	if err != nil {
		return pictureConfig{}, err
	}
	var f struct {
		Max struct {
			Edge int `json:"longest_edge"`
		} `json:"max_image_size"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return pictureConfig{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if f.Max.Edge < 1 {
		return pictureConfig{}, fmt.Errorf("%w: max_image_size.longest_edge is missing", ErrConfig)
	}
	return pictureConfig{Tile: f.Max.Edge}, nil
}
