package browser_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/testmedia/browser"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// binaryEnv names the program to test; scripts/test-browser sets it. Without it nothing here runs:
// a browser is not among what make test installs.
const binaryEnv = "SENSORY_AGENT_TEST_BROWSER"

// limit bounds one wait: generous, since the browser encodes video on the same processors.
const limit = 2 * time.Minute

const personas = `
personas:
  - {name: iris}
  - {name: max, voice: kokoro:af_bella}
  - {name: otto, voice: espeak}
rooms:
  - {name: vp8, personas: [iris]}
  - {name: h264, personas: [iris]}
  - {name: vp9, personas: [iris]}
  - {name: av1, personas: [iris]}
  - {name: three, personas: [iris, max, otto]}
`

// serve runs the program with personas in their rooms beside a server.
func serve(t *testing.T) *livekit.Server {
	t.Helper()
	binary := os.Getenv(binaryEnv)
	if binary == "" {
		t.Skip("tests in a browser: make test-browser")
	}
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "personas.yaml")
	if err := os.WriteFile(file, []byte(personas), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "serve", "--config", file, "--json")
	cmd.Env = childenv.Own(os.Environ(), "LIVEKIT_URL="+server.URL, "LIVEKIT_API_KEY="+server.APIKey, "LIVEKIT_API_SECRET="+server.APISecret)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve: %v", err)
		}
		if t.Failed() {
			t.Logf("serve said:\n%s", out.String())
		}
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// visit opens the page in a room.
func visit(t *testing.T, server *livekit.Server, in string, cfg browser.Config) *browser.Page {
	t.Helper()
	yes := true
	token, err := auth.NewAccessToken(server.APIKey, server.APISecret).SetIdentity("ada").SetName("Ada").SetValidFor(time.Hour).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: in, CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &yes}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Page, cfg.URL, cfg.Token, cfg.Title = "page", server.URL, token, "Room "+in
	page, err := browser.Open(context.WithoutCancel(t.Context()), cfg) // Close ends it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := page.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			for _, r := range page.Reports() {
				t.Logf("%+v", r)
			}
		}
	})
	return page
}

// await waits for a report from number from on.
func await(t *testing.T, page *browser.Page, from int, what string, want func(browser.Report) bool) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	next, err := page.Await(ctx, from, want)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return next
}

func do(t *testing.T, page *browser.Page, c browser.Command) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := page.Do(ctx, c); err != nil {
		t.Fatalf("%s: %v", c.Do, err)
	}
}

func assistant(state string) func(browser.Report) bool {
	return func(r browser.Report) bool { return r.Event == "assistant" && r.State == state }
}

// quadrants is a picture and a question about it, spoken after three seconds of silence: people look up
// before they speak.
func quadrants(t *testing.T, seed uint64) (*scene.Scene, []float32) {
	t.Helper()
	picture, err := scene.Draw(seed, scene.Options{Kind: scene.KindQuadrants})
	if err != nil {
		t.Fatal(err)
	}
	question, err := speech.Say(t.Context(), speech.Default, "what do you see in the picture?")
	if err != nil {
		t.Fatal(err)
	}
	return picture, slices.Concat(make([]float32, 3*speech.SampleRate), question, make([]float32, speech.SampleRate))
}

// TestStockPage: a page of stock parts shows listening, thinking, speaking, plays speech, and shows
// both transcripts and the right answer, whatever the browser sends video with. That an agent's text
// stream is final stands in its trailer, which the page's parts do not pass on.
func TestStockPage(t *testing.T) {
	server := serve(t)
	for i, codec := range []string{"vp8", "h264", "vp9", "av1"} {
		t.Run(codec, func(t *testing.T) {
			picture, question := quadrants(t, uint64(40+i))
			page := visit(t, server, codec, browser.Config{Codec: codec, Sound: question, Picture: picture.Image})
			at := await(t, page, 0, "the agent listens", assistant("listening"))
			do(t, page, browser.Command{Do: "camera", On: true})
			do(t, page, browser.Command{Do: "microphone", On: true})
			await(t, page, at, "the own words are shown", func(r browser.Report) bool {
				return r.Event == "transcript" && r.Who == "ada" && r.Final && strings.Contains(strings.ToLower(r.Text), "what do you see")
			})
			at = await(t, page, at, "the agent thinks", assistant("thinking"))
			at = await(t, page, at, "the agent speaks", assistant("speaking"))
			await(t, page, at, "the agent is heard", func(r browser.Report) bool { return r.Event == "sound" && r.Who == "iris" && r.On })
			await(t, page, at, "the answer is shown whole", func(r browser.Report) bool {
				return r.Event == "transcript" && r.Who == "iris" && len(picture.StatedFacts(r.Text)) >= 4
			})
			await(t, page, at, "the answer is in legacy packets", func(r browser.Report) bool {
				return r.Event == "packet" && r.Who == "iris" && r.Final && len(picture.StatedFacts(r.Text)) >= 4
			})
			at = await(t, page, at, "the agent listens again", assistant("listening"))
			do(t, page, browser.Command{Do: "chat", Text: "How many colours are in the picture?"})
			await(t, page, at, "a typed question is answered", func(r browser.Report) bool {
				return r.Event == "transcript" && r.Who == "iris" && strings.Contains(strings.ToLower(r.Text), "four")
			})
		})
	}
	t.Run("three", func(t *testing.T) { three(t, server) })
}

// three: the page shows three agents, and all are heard, one after the other.
func three(t *testing.T, server *livekit.Server) {
	picture, _ := quadrants(t, 50)
	page := visit(t, server, "three", browser.Config{Codec: "vp8", Picture: picture.Image})
	at := await(t, page, 0, "three agents listen", func(r browser.Report) bool {
		n := 0
		for _, a := range r.Agents {
			if a.State == "listening" {
				n++
			}
		}
		return n == 3
	})
	do(t, page, browser.Command{Do: "camera", On: true})
	time.Sleep(3 * time.Second) // people look up before they write; the camera needs a moment to be seen
	do(t, page, browser.Command{Do: "chat", Text: "Everybody, what do you see?"})
	for _, who := range []string{"iris", "max", "otto"} {
		await(t, page, at, who+" is heard", func(r browser.Report) bool { return r.Event == "sound" && r.Who == who && r.On })
		await(t, page, at, who+" says what is there", func(r browser.Report) bool {
			return r.Event == "transcript" && r.Who == who && len(picture.StatedFacts(r.Text)) >= 4
		})
	}
	if dir := os.Getenv(binaryEnv + "_PICTURES"); dir != "" {
		do(t, page, browser.Command{Do: "picture", Path: filepath.Join(dir, "stock-page.png")})
	}
	do(t, page, browser.Command{Do: "chat", Text: "Max, how many colours are there?"})
	await(t, page, at, "the page shows why iris is silent", func(r browser.Report) bool {
		return slices.ContainsFunc(r.Agents, func(a browser.Agent) bool { return a.Who == "iris" && strings.HasSuffix(a.Silence, " not_addressed") })
	})
}

// TestFakeCamera: what the camera shows has the picture's colours, in YUV of limited range.
func TestFakeCamera(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 5, 3)) // odd sides are cut
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.Set(0, 0, color.RGBA{A: 255})
	var out bytes.Buffer
	if err := browser.WriteY4M(&out, img); err != nil {
		t.Fatal(err)
	}
	header, frames, _ := strings.Cut(out.String(), "\n")
	if header != "YUV4MPEG2 W4 H2 F10:1 Ip A1:1 C420" {
		t.Errorf("header %q", header)
	}
	one := "FRAME\n" + "\x10\xeb\xeb\xeb\xeb\xeb\xeb\xeb" + "\x80\x80" + "\x80\x80"
	if frames != strings.Repeat(one, 10) {
		t.Errorf("frames %q", frames[:min(len(frames), 40)])
	}
}
