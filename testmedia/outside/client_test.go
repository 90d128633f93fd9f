package outside_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"net"
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
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/outside"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// What to test, and the Python that has LiveKit's SDK; scripts/test-clients sets them. Without them
// none of them runs; make test runs the one on the SDK for Python.
const (
	binaryEnv = "SENSORY_AGENT_TEST_CLIENTS"
	pythonEnv = binaryEnv + "_PYTHON"
)

// limit bounds one wait: generous, since the browser encodes video on the same processors.
const limit = 2 * time.Minute

const personas = `
personas:
  - {name: iris}
  - {name: max, voice: kokoro:af_bella}
  - {name: otto, voice: espeak}
rooms:
  - {name: page-vp8, personas: [iris]}
  - {name: page-h264, personas: [iris]}
  - {name: page-vp9, personas: [iris]}
  - {name: page-av1, personas: [iris]}
  - {name: node-vp8, personas: [iris]}
  - {name: python-h264, personas: [iris]}
  - {name: page-early, personas: [iris]}
  - {name: page-early-two, personas: [iris, max]}
  - {name: three, personas: [iris, max, otto]}
  - {name: photograph, personas: [iris]}
worker: {agents: [{name: house, personas: [iris]}], seats: 32}
token: {origins: ["http://127.0.0.1:%d"]}
`

// place is a server, with the program beside it.
type place struct {
	*livekit.Server
	listen string // where the program answers
	port   int    // of the page that may ask for tokens
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// program is what make test-clients tests; without it nothing is tried with other clients.
func program(t *testing.T) string {
	t.Helper()
	binary := os.Getenv(binaryEnv)
	if binary == "" {
		t.Skip("tests with other clients: make test-clients")
	}
	return binary
}

// serve runs the program with personas in their rooms beside a server.
func serve(t *testing.T) *place {
	t.Helper()
	binary := program(t)
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	file, page, listen := filepath.Join(t.TempDir(), "personas.yaml"), freePort(t), fmt.Sprintf("127.0.0.1:%d", freePort(t))
	if err := os.WriteFile(file, []byte(fmt.Sprintf(personas, page)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "serve", "--config", file, "--json", "--listen", listen)
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
	return &place{server, listen, page}
}

// visit has ada open a client in a room.
func visit(t *testing.T, server *livekit.Server, in string, cfg outside.Config) *outside.Client {
	t.Helper()
	cfg.Interpreter = os.Getenv(pythonEnv)
	return enter(t, server, in, "ada", cfg)
}

// enter has somebody do it.
func enter(t *testing.T, server *livekit.Server, in, who string, cfg outside.Config) *outside.Client {
	t.Helper()
	yes, name := true, strings.ToUpper(who[:1])+who[1:]
	token, err := auth.NewAccessToken(server.APIKey, server.APISecret).SetIdentity(who).SetName(name).SetValidFor(time.Hour).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: in, CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &yes}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Dir, cfg.URL, cfg.Token, cfg.Title = ".", server.URL, token, "Room "+in
	page, err := outside.Open(context.WithoutCancel(t.Context()), cfg) // Close ends it
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
func await(t *testing.T, page *outside.Client, from int, what string, want func(outside.Report) bool) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	next, err := page.Await(ctx, from, want)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return next
}

func do(t *testing.T, page *outside.Client, c outside.Command) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := page.Do(ctx, c); err != nil {
		t.Fatalf("%s: %v", c.Do, err)
	}
}

func assistant(state string) func(outside.Report) bool {
	return func(r outside.Report) bool { return r.Event == "assistant" && r.State == state }
}

// quadrants is a picture and a question about it, spoken after three seconds of silence: people
// look up before they speak.
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

// TestOutsiders: clients that know nothing of this program ask aloud about a picture. They see the
// agent listen, think and speak, hear it, and read both transcripts and the right answer.
func TestOutsiders(t *testing.T) {
	server := serve(t)
	for i, c := range []struct {
		kind  outside.Kind
		codec string
	}{ // those that are no pages get their tokens from the program
		{outside.Browser, "vp8"},
		{outside.Browser, "h264"},
		{outside.Browser, "vp9"},
		{outside.Browser, "av1"},
		{outside.Node, "vp8"},
		{outside.Python, "h264"},
	} {
		name := string(c.kind) + "-" + c.codec
		t.Run(name, func(t *testing.T) {
			picture, question := quadrants(t, uint64(40+i))
			cfg := outside.Config{Kind: c.kind, Codec: c.codec, Sound: question, Picture: picture.Image}
			if c.kind != outside.Browser {
				server.ready(t)
				cfg.Tokens, cfg.Room = "http://"+server.listen+"/token", name
			}
			converse(t, visit(t, server.Server, name, cfg), c.kind, picture)
		})
	}
	t.Run("page-early", func(t *testing.T) { early(t, server, "page-early", "") })
	t.Run("page-early-two", func(t *testing.T) { early(t, server, "page-early-two", "") })
	t.Run("page-early-dispatch", func(t *testing.T) { early(t, server, "", "house") })
	t.Run("three", func(t *testing.T) { three(t, server) })
	t.Run("agents", func(t *testing.T) { agents(t, server) })
	t.Run("photograph", func(t *testing.T) { photograph(t, server, os.Getenv(photographEnv)) })
}

func converse(t *testing.T, client *outside.Client, kind outside.Kind, picture *scene.Scene) {
	at := await(t, client, 0, "the agent listens", assistant("listening"))
	do(t, client, outside.Command{Do: "camera", On: true})
	do(t, client, outside.Command{Do: "microphone", On: true})
	await(t, client, at, "the own words are shown", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "ada" && r.Final && strings.Contains(strings.ToLower(r.Text), "what do you see")
	})
	at = await(t, client, at, "the agent thinks", assistant("thinking"))
	at = await(t, client, at, "the agent speaks", assistant("speaking"))
	await(t, client, at, "the agent is heard", func(r outside.Report) bool { return r.Event == "sound" && r.Who == "iris" && r.On })
	// That a stream is final stands in its trailer, which only the SDK for Python passes on.
	await(t, client, at, "the answer is shown whole", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "iris" && (r.Final || kind != outside.Python) && len(picture.StatedFacts(r.Text)) >= 4
	})
	if kind != outside.Node { // its SDK knows streams only
		await(t, client, at, "the answer is in legacy packets", func(r outside.Report) bool {
			return r.Event == "packet" && r.Who == "iris" && r.Final && len(picture.StatedFacts(r.Text)) >= 4
		})
	}
	at = await(t, client, at, "the agent listens again", assistant("listening"))
	do(t, client, outside.Command{Do: "chat", Text: described})
	await(t, client, at, "a typed question is answered", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "iris" && strings.Contains(strings.ToLower(r.Text), "four")
	})
	await(t, client, at, "the agent listens once more", assistant("listening"))
	panel(t, client, picture)
}

// described is a question that is typed.
const described = "Please describe the picture."

// TestFakeCamera: what the camera shows has the picture's colours, in YUV of limited range.
func TestFakeCamera(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 5, 3)) // odd sides are cut
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.Set(0, 0, color.RGBA{A: 255})
	var out bytes.Buffer
	if err := outside.WriteY4M(&out, img); err != nil {
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
