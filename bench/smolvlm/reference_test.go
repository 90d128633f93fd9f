package smolvlm_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/vision"
)

// How near values must be to those of the reference implementation, and how near the two best
// scores may be for rounding alone to decide.
const (
	nearPixels   = 1e-6 // levels are equal to the bit; this is for the normalisation in float32
	nearFeatures = 2e-3 // of values around 1, after 12 layers in another order of sums
	closeScores  = 1e-3
)

// picture is a drawn picture and what the reference makes of it (testdata/make.py).
type picture struct {
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Seed     int       `json:"seed"`
	Split    bool      `json:"split"`
	Images   int       `json:"images"`
	Rows     int       `json:"rows"`
	Cols     int       `json:"cols"`
	Levels   string    `json:"levels"` // SHA-256 of the pixel tensor in levels of 0 to 255
	Pixels   []float32 `json:"pixels"`
	Features []float32 `json:"features"`
}

// key identifies the picture.
func (p picture) key() [4]int {
	split := 0
	if p.Split {
		split = 1
	}
	return [4]int{p.Width, p.Height, p.Seed, split}
}

// draw draws what make.py draws.
func (p picture) draw() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	for y := range p.Height {
		for x := range p.Width {
			c := color.RGBA{uint8(x * 255 / max(p.Width-1, 1)), uint8(y * 255 / max(p.Height-1, 1)), uint8((x*x + 3*y*y + 97*p.Seed) >> 5), 255}
			if 4*x >= p.Width && 2*x < p.Width && 4*y >= p.Height && 2*y < p.Height {
				c = color.RGBA{230, uint8(20 + 10*p.Seed), 20, 255}
			}
			if 3*x > 2*p.Width && x/3%2 == 0 {
				c = color.RGBA{250, 250, 250, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// talk is a conversation and the reference's prompt and answer.
type talk struct {
	Messages []struct {
		Role   string    `json:"role"`
		Text   string    `json:"text"`
		Images []picture `json:"images"`
	} `json:"messages"`
	Prompt [][2]int `json:"prompt"` // token id, how often
	IDs    []int    `json:"ids"`
	Margin float64  `json:"margin"`
}

// reference is golden.json.
type reference struct {
	Pictures []picture `json:"pictures"`
	Talks    []talk    `json:"talks"`
}

func readReference(tb testing.TB, path string) reference {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(data, &r); err != nil {
		tb.Fatal(err)
	}
	if len(r.Pictures) < 7 || len(r.Talks) < 9 {
		tb.Fatalf("%s: only %d pictures and %d talks", path, len(r.Pictures), len(r.Talks))
	}
	return r
}

// spots are the places of the values in golden.json.
func spots(n, count int) []int {
	list := make([]int, count)
	for k := range list {
		list[k] = k * 7919 * 7919 % n
	}
	return list
}

// compare fails where a value is further than near from the reference's.
func compare(t *testing.T, what string, got, want []float32, near float64) {
	t.Helper()
	worst := 0.0
	for k, at := range spots(len(got), len(want)) {
		worst = max(worst, math.Abs(float64(got[at]-want[k])))
	}
	if worst > near || math.IsNaN(worst) {
		t.Errorf("%s differ from the reference by up to %g, allowed %g", what, worst, near)
	}
}

// preprocessor reads the folder's own configuration.
func preprocessor(tb testing.TB, dir string, split bool) *vision.Preprocessor {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "preprocessor_config.json"))
	if err != nil {
		tb.Fatal(err)
	}
	cfg, err := vision.ParseConfig(data)
	if err != nil {
		tb.Fatal(err)
	}
	opt := vision.Options{Fidelity: vision.FidelityReference, Split: vision.SplitNever}
	if split {
		opt.Split = vision.SplitAlways
	}
	p, err := vision.NewPreprocessor(cfg, opt)
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, p)
	return p
}

// rig is the whole path over one folder.
type rig struct {
	whole, split *vision.Preprocessor
	encoder      *vision.Encoder
	model        *generate.Model
}

func newRig(tb testing.TB, dir string) *rig {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, rt)
	opt := ort.Options{Threads: 2}
	session, err := rt.Load(tb.Context(), ort.Source{Path: filepath.Join(dir, "onnx", "vision_encoder.onnx")}, opt)
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, session)
	r := &rig{whole: preprocessor(tb, dir, false), split: preprocessor(tb, dir, true)}
	if r.encoder, err = vision.NewEncoder(session, vision.EncoderOptions{}); err != nil {
		tb.Fatal(err)
	}
	if r.model, err = generate.Open(tb.Context(), rt, generate.Dir(dir), generate.Options{Options: opt}); err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, r.model)
	return r
}

// features draws a picture, compares its tensor with the reference, encodes it and compares that
// too.
func (r *rig) features(t *testing.T, p picture, encode bool) generate.Image {
	t.Helper()
	pre := r.whole
	if p.Split {
		pre = r.split
	}
	texture, err := pre.TextureImage(p.draw())
	if err != nil {
		t.Fatal(err)
	}
	defer texture.Release()
	if texture.Images != p.Images || texture.Rows != p.Rows || texture.Cols != p.Cols {
		t.Fatalf("%v: %d squares in %d rows and %d columns, the reference has %d in %d and %d", p.key(), texture.Images, texture.Rows, texture.Cols, p.Images, p.Rows, p.Cols)
	}
	levels := make([]byte, len(texture.Pixels))
	for i, v := range texture.Pixels {
		levels[i] = byte(math.RoundToEven(float64(v*.5+.5) * 255))
	}
	if sum := sha256.Sum256(levels); hex.EncodeToString(sum[:]) != p.Levels {
		t.Errorf("%v: the pixels are not those of the reference", p.key())
	}
	compare(t, "pixels", texture.Pixels, p.Pixels, nearPixels)
	image := generate.Image{Tokens: smolvlm.Tokens, Hidden: smolvlm.Hidden, Rows: p.Rows, Cols: p.Cols}
	if !encode {
		image.Features = make([]float32, p.Images*smolvlm.Tokens*smolvlm.Hidden)
		return image
	}
	features, err := r.encoder.Encode(t.Context(), texture)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "features", features.Data, p.Features, nearFeatures)
	image.Features = features.Data
	return image
}

// equal holds the whole path over a folder against its reference. Answers with more squares than a
// limit are left out: their pixels and prompts are compared, which costs little.
func (r *rig) equal(t *testing.T, want reference, squares int) {
	t.Helper()
	images, known, answered := map[[4]int]generate.Image{}, map[[4]int]picture{}, 0
	for _, p := range want.Pictures {
		images[p.key()], known[p.key()] = r.features(t, p, p.Images <= squares), p
	}
	for i, talk := range want.Talks {
		var messages []prompt.Message
		most := 0
		for _, m := range talk.Messages {
			message := prompt.Message{Role: prompt.Role(m.Role), Text: m.Text}
			for _, p := range m.Images {
				message.Parts = append(message.Parts, images[p.key()])
				most = max(most, known[p.key()].Images)
			}
			messages = append(messages, message)
		}
		var ids []int
		for _, run := range talk.Prompt {
			ids = append(ids, slices.Repeat([]int{run[0]}, run[1])...)
		}
		got, err := r.model.Prompt(messages)
		if err != nil || !slices.Equal(got, ids) {
			t.Errorf("talk %d: the prompt of %d tokens is not the reference's of %d (%v)", i, len(got), len(ids), err)
		}
		if most > squares {
			continue
		}
		answered++
		result, err := r.model.Generate(t.Context(), prompt.Request{Messages: messages, MaxTokens: len(talk.IDs)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(result.IDs, talk.IDs) && talk.Margin >= closeScores {
			t.Errorf("talk %d: got %v\nwant %v", i, result.IDs, talk.IDs)
		}
		t.Logf("talk %d: %d tokens, first after %v, %d more in %v", i, result.PromptTokens, result.FirstToken, result.Tokens-1, result.Total-result.FirstToken)
	}
	if answered < 7 {
		t.Errorf("only %d answers were compared", answered)
	}
}
