package outside_test

import (
	"image"
	_ "image/jpeg" // photographs
	_ "image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"github.com/sensory-agent/sensory-agent/testmedia/outside"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// photographEnv is a photograph that the calibration model was never trained on;
// scripts/test-clients fetches one and says where it is.
const photographEnv = binaryEnv + "_PHOTOGRAPH"

// camera is the middle of a picture as a camera of 640×480 sees it.
func camera(t *testing.T, path string) *image.RGBA {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	whole, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	const width, height = 640, 480
	b := whole.Bounds()
	w, h := b.Dx(), b.Dy()
	if w*height > h*width {
		w = h * width / height
	} else {
		h = w * height / width
	}
	part := image.Rect(0, 0, w, h).Add(b.Min).Add(image.Pt((b.Dx()-w)/2, (b.Dy()-h)/2))
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(out, out.Bounds(), whole, part, draw.Src, nil)
	return out
}

// photograph: somebody holds a photograph to the camera of a page and asks the default persona
// aloud what it sees. It says aloud, and in its transcript, that this looks real and that it knows
// drawings only; so it does when it is asked in writing for a colour, and for what is written
// there. Nothing else is said of the picture.
func photograph(t *testing.T, server *place, path string) {
	question, err := speech.Say(t.Context(), speech.Default, "what do you see in the picture?")
	if err != nil {
		t.Fatal(err)
	}
	sound := slices.Concat(make([]float32, 3*speech.SampleRate), question, make([]float32, speech.SampleRate))
	page := visit(t, server.Server, "photograph", outside.Config{Kind: outside.Browser, Codec: "vp8", Sound: sound, Picture: camera(t, path)})
	at := await(t, page, 0, "the agent listens", assistant("listening"))
	do(t, page, outside.Command{Do: "camera", On: true})
	do(t, page, outside.Command{Do: "microphone", On: true})
	await(t, page, at, "the own words are shown", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "ada" && r.Final && strings.Contains(strings.ToLower(r.Text), "what do you see")
	})
	at = await(t, page, at, "the agent speaks", assistant("speaking"))
	await(t, page, at, "the agent is heard", func(r outside.Report) bool { return r.Event == "sound" && r.Who == "iris" && r.On })
	at = await(t, page, at, "the agent listens again", assistant("listening"))
	for i, typed := range []string{"What color is the background?", "What number do you see?"} {
		do(t, page, outside.Command{Do: "chat", Text: typed})
		at = await(t, page, at, "a typed question is answered", assistant("speaking"))
		at = await(t, page, at, "the agent listens once more", assistant("listening"))
		if got := answers(page.Reports(), "iris"); len(got) != i+2 {
			t.Errorf("after %q it has said %q", typed, got)
		}
	}
	said := answers(page.Reports(), "iris")
	t.Logf("said %q", said)
	for _, text := range said {
		if !scene.SaysReal(text) {
			t.Errorf("%q does not say that the picture looks real, and that it knows drawings only", text)
		}
	}
}
