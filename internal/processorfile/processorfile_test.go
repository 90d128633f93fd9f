package processorfile_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

func folder(flat, nested string) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{processorfile.Flat: flat, processorfile.Nested: nested} {
		if text != "" {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return files
}

func TestFind(t *testing.T) {
	const image, audio = processorfile.ImageProcessor, processorfile.FeatureExtractor
	flat := func(data string) processorfile.Section {
		return processorfile.Section{File: processorfile.Flat, Data: []byte(data)}
	}
	nested := func(prefix, data string) processorfile.Section {
		return processorfile.Section{File: processorfile.Nested, Prefix: prefix, Data: []byte(data)}
	}
	for name, c := range map[string]struct {
		flat, nested, part string
		want               []processorfile.Section
	}{
		"version 4":                  {`{"a":1}`, ``, image, []processorfile.Section{flat(`{"a":1}`)}},
		"version 4, two files":       {`{"a":1}`, `{"image_seq_len":64}`, image, []processorfile.Section{flat(`{"a":1}`)}},
		"version 5":                  {``, `{"image_seq_len":64,"image_processor":{"a":1}}`, image, []processorfile.Section{nested("image_processor.", `{"a":1}`)}},
		"version 5, sound":           {``, `{"feature_extractor":{"a":1},"image_processor":{}}`, audio, []processorfile.Section{nested("feature_extractor.", `{"a":1}`)}},
		"sound by its other name":    {``, `{"audio_processor":{"a":1}}`, audio, []processorfile.Section{nested("audio_processor.", `{"a":1}`)}},
		"the other name is no image": {`{"a":1}`, `{"audio_processor":{"a":1}}`, image, []processorfile.Section{flat(`{"a":1}`)}},
		"saved twice":                {`{"a":1}`, `{"image_processor":{"a":2}}`, image, []processorfile.Section{flat(`{"a":1}`), nested("image_processor.", `{"a":2}`)}},
		"null":                       {`{"a":1}`, `{"image_processor":null}`, image, []processorfile.Section{flat(`{"a":1}`)}},
	} {
		got, err := processorfile.Find(folder(c.flat, c.nested), c.part)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	for name, c := range map[string]struct {
		files fs.FS
		want  error
		says  string
	}{
		"nothing":      {folder("", ""), processorfile.ErrMissing, "preprocessor_config.json: missing, and processor_config.json has no image_processor"},
		"another part": {folder("", `{"feature_extractor":{}}`), fs.ErrNotExist, "has no image_processor"},
		"a list":       {folder("", `[]`), nil, "processor_config.json: not a JSON object"},
		"a folder":     {fstest.MapFS{processorfile.Flat + "/x": {}}, nil, processorfile.Flat},
		"two folders":  {fstest.MapFS{processorfile.Flat: {Data: []byte(`{}`)}, processorfile.Nested + "/x": {}}, nil, processorfile.Nested},
	} {
		got, err := processorfile.Find(c.files, processorfile.ImageProcessor)
		if got != nil || err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

type settings struct {
	Side int
	Mean []float64
	own  int
}

func parse(s processorfile.Section) (*settings, error) {
	out := &settings{own: len(s.Data)}
	return out, json.Unmarshal(s.Data, out)
}

func TestReadWantsOneMeaning(t *testing.T) {
	const part = processorfile.ImageProcessor
	got, err := processorfile.Read(folder(`{"side":3,"mean":[1]}`, `{"image_processor":{"mean":[1.0],"side":3}}`), part, parse)
	if err != nil || got.Side != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = processorfile.Read(folder(`{"side":3,"mean":[1]}`, `{"image_processor":{"side":4,"mean":[2]}}`), part, parse)
	if !errors.Is(err, processorfile.ErrContradiction) {
		t.Fatal(err)
	}
	for _, says := range []string{"preprocessor_config.json and processor_config.json (image_processor) differ in Side: 3 and 4, Mean: [1] and [2]; keep"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q does not say %q", err, says)
		}
	}
	for _, bad := range []fs.FS{folder(``, ``), folder(`[]`, ``), folder(`{"side":3}`, `{"image_processor":7}`)} {
		if _, err := processorfile.Read(bad, part, parse); err == nil {
			t.Errorf("%v is read", bad)
		}
	}
}
