package vision_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/internal/processorfile"
	"github.com/sensory-agent/sensory-agent/vision"
)

// asVersion5 is a folder as version 5 of the transformers library saves it: one file, the image
// processor inside.
func asVersion5(flat []byte) fstest.MapFS {
	nested := `{"image_seq_len": 64, "processor_class": "Idefics3Processor", "image_processor": ` + string(flat) + `}`
	return fstest.MapFS{"processor_config.json": {Data: []byte(nested)}}
}

// Every family's folder is read in both forms, to the same settings.
func TestFoldersOfBothForms(t *testing.T) {
	t.Parallel()
	files := []string{filepath.Join(calibration, "preprocessor_config.json"), filepath.Join(gemma3n, "preprocessor_config.json")}
	for _, name := range []string{"edges", "pixels", "full"} {
		files = append(files, filepath.Join(patchFolder, name+".json"))
	}
	texts := map[string][]byte{"tiles": []byte(config(64, 32, true))}
	for _, name := range files {
		texts[name] = readAll(t, name)
	}
	for name, text := range texts {
		want, err := vision.ParseConfig(text)
		if err != nil {
			t.Fatal(err)
		}
		both := asVersion5(text)
		both["preprocessor_config.json"] = &fstest.MapFile{Data: text}
		flat := fstest.MapFS{"preprocessor_config.json": {Data: text}, "processor_config.json": {Data: []byte(`{"image_seq_len": 64}`)}}
		for form, folder := range map[string]fs.FS{"version 4": flat, "version 5": asVersion5(text), "saved twice": both} {
			got, err := vision.ReadConfig(folder)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s, %s: %v\n%s", name, form, err, diff)
			}
		}
	}
	p, err := vision.OpenPreprocessor(os.DirFS(calibration))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil || p.Config().Tile != 128 {
		t.Errorf("%+v, %v", p.Config(), err)
	}
}

func TestFolderErrorsNameFileAndField(t *testing.T) {
	t.Parallel()
	good := config(64, 32, true)
	bad := strings.Replace(good, `"resample":1`, `"resample":9`, 1)
	flat := func(text string) fstest.MapFS { return fstest.MapFS{"preprocessor_config.json": {Data: []byte(text)}} }
	mixed := asVersion5([]byte(strings.Replace(good, `"longest_edge":32`, `"longest_edge":16`, 1)))
	mixed["preprocessor_config.json"] = &fstest.MapFile{Data: []byte(good)}
	for _, c := range []struct {
		folder fs.FS
		want   error
		says   []string
	}{
		{flat(bad), vision.ErrConfig, []string{`preprocessor_config.json: field "resample": 9`}},
		{asVersion5([]byte(bad)), vision.ErrConfig, []string{`processor_config.json: field "image_processor.resample": 9`}},
		{asVersion5([]byte(`[]`)), vision.ErrConfig, []string{`processor_config.json: field "image_processor": `}},
		{fstest.MapFS{}, processorfile.ErrMissing, []string{"preprocessor_config.json", "processor_config.json"}},
		{mixed, processorfile.ErrContradiction, []string{"preprocessor_config.json and processor_config.json", "Tile: 32 and 16"}},
	} {
		_, err := vision.OpenPreprocessor(c.folder)
		if !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	}
}
