package engine_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/vision"
)

// TestAProcessorWithAnUnknownFieldIsNotLoaded: the entry's model would see other pictures than it
// was trained with, so nothing is loaded, and the refusal names the field.
func TestAProcessorWithAnUnknownFieldIsNotLoaded(t *testing.T) {
	m := machine(t)
	for field, value := range map[string]string{"do_center_crop": "true", "crop_pct": "0.875"} {
		loaded, err := calibrated(t, m, func(c *engine.Config) {
			const name = "preprocessor_config.json"
			data, err := fs.ReadFile(c.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(data), "{", `{"`+field+`": `+value+",", 1)
			c.Files = layered{fstest.MapFS{name: {Data: []byte(text)}}, c.Files}
			c.Resolution.Base.ID = "mine-" + field
		})
		var refused *vision.ConfigError
		if !errors.As(err, &refused) || refused.Field != field || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
		if loaded != nil {
			t.Errorf("%s: a model was loaded: %v", field, loaded.Close())
		}
	}
}

// layered is a folder with files in front of another's.
type layered struct{ front, back fs.FS }

func (l layered) Open(name string) (fs.File, error) {
	f, err := l.front.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return l.back.Open(name)
	}
	return f, err
}
