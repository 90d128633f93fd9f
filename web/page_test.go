package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// What to test; scripts/test-page sets them. Without the first nothing of the page is looked at:
// browsers are not among what make test installs.
const (
	binaryEnv   = "SENSORY_AGENT_TEST_PAGE"
	picturesEnv = binaryEnv + "_PICTURES"
	onlyEnv     = binaryEnv + "_ONLY"
	shortEnv    = binaryEnv + "_SHORT" // figures are only tried
)

// readyLimit is how long a service may take until its personas are in their rooms.
const readyLimit = 3 * time.Minute

const secret = "a token that nobody guesses"

const personas = `
personas:
  - {name: iris}
  - {name: max, voice: espeak}
  - {name: otto, voice: espeak}
rooms:
  - {name: lobby, personas: [iris]}
  - {name: three, personas: [iris, max, otto]}
`

const kept = `
personas: [{name: olga, voice: espeak}]
rooms: [{name: archive, personas: [olga]}]
`

const away = `
personas: [{name: vera, voice: espeak}]
rooms: [{name: harbour, personas: [vera]}]
`

const guarded = `
personas: [{name: nora, voice: espeak}]
rooms: [{name: cellar, personas: [nora]}]
`

// given is what the checks are told.
type given struct {
	Page     string   `json:"page"`
	Guarded  string   `json:"guarded"`
	Kept     string   `json:"kept"` // whose store is locked until somebody asks at Free
	Free     string   `json:"free"`
	Away     string   `json:"away"`     // whose database goes and comes back when somebody asks at Database
	Database string   `json:"database"` // with the path /stop or /resume
	Token    string   `json:"token"`
	File     string   `json:"file"` // that holds it
	Servers  []string `json:"servers"`
	Chromium string   `json:"chromium"`
	Sound    string   `json:"sound"`
	Pictures string   `json:"pictures"`
	Only     string   `json:"only"`
	PID      int      `json:"pid"` // of the service of Page
	Short    bool     `json:"short"`
}

// result is what a check says.
type result struct {
	Name    string  `json:"name"`
	Wrong   string  `json:"wrong"`
	Seconds float64 `json:"seconds"`
	// Said are figures that it found.
	Said []string `json:"said"`
}

// TestPage looks at the console in Chromium, beside a real server and two services: one on loopback
// and one that asks for a token.
func TestPage(t *testing.T) {
	binary := os.Getenv(binaryEnv)
	if binary == "" {
		t.Skip("the page in a browser: make test-page")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	only := os.Getenv(onlyEnv)
	g := given{
		Token: secret, Chromium: chromium, Pictures: os.Getenv(picturesEnv), Only: only, Short: os.Getenv(shortEnv) != "", Sound: question(t),
		Servers: []string{strings.Replace(server.URL, "ws", "http", 1)},
	}
	if only == "" || only == "store" {
		g.Kept, g.Free = locked(t, binary, server)
	}
	chores := make(chan chore)
	if only == "" || only == "away" {
		g.Away, g.Database = leaving(t, binary, server, chores)
	}
	g.Page, g.PID = serve(t, binary, server, personas)
	if only == "" || only == "token" {
		g.File = filepath.Join(t.TempDir(), "token")
		write(t, g.File, secret)
		g.Guarded, _ = serve(t, binary, server, guarded, "--listen-token-file", g.File)
	}
	look(t, g, chores)
}

// question is a WAV file that asks after two seconds of silence: the track has to be heard first.
// The silence behind it is long enough for an answer, for the browser says it again and again.
func question(t *testing.T) string {
	t.Helper()
	const before, behind = 2, 8 // s
	pcm, err := speech.Say(t.Context(), speech.Default, "What color is at the top left?")
	if err != nil {
		t.Fatal(err)
	}
	pcm = slices.Concat(make([]float32, before*speech.SampleRate), pcm, make([]float32, behind*speech.SampleRate))
	var out bytes.Buffer
	if err := media.WriteWAV(&out, speech.SampleRate, pcm); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "question.wav")
	write(t, path, out.String())
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve runs the program until everybody is seated, and returns the address that it prints.
func serve(t *testing.T, binary string, server *livekit.Server, file string, flags ...string) (address string, pid int) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "personas.yaml")
	write(t, path, file)
	args := []string{"serve", "--config", path, "--json", "--listen", "127.0.0.1:0", "--store", filepath.Join(dir, "t.db"), "--record", "recordings"}
	cmd := exec.Command(binary, append(args, flags...)...)
	cmd.Dir = dir // what the page shows of recordings names no folder of this machine
	cmd.Env = childenv.Own(os.Environ(), "LIVEKIT_URL="+server.URL, "LIVEKIT_API_KEY="+server.APIKey, "LIVEKIT_API_SECRET="+server.APISecret)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addresses, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var l struct{ Event, Detail string }
			if json.Unmarshal(lines.Bytes(), &l) == nil && l.Event == "console" {
				addresses <- l.Detail
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself; Wait says so
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve: %v", err)
		}
		if t.Failed() {
			t.Logf("serve said:\n%s", stderr.String())
		}
	})
	select {
	case address = <-addresses:
		ready(t, address)
	case <-read:
		t.Fatalf("serve ended: %s", stderr.String())
	}
	return address, cmd.Process.Pid
}

// ready waits until the service says that it is.
func ready(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyLimit)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"readyz", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if ctx.Err() != nil {
			t.Fatalf("the service is not ready: %v", err)
		}
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond) // another process is asked
	}
}

// look runs the checks, each as a test, and does meanwhile what they ask for.
func look(t *testing.T, g given, chores <-chan chore) {
	t.Helper()
	text, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "test/run.mjs")
	cmd.Env = childenv.Local(os.Environ(), "HOME="+t.TempDir(), "TMPDIR="+t.TempDir())
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), &stdout, &stderr
	ended := make(chan error, 1)
	go func() { ended <- cmd.Run() }()
	for running := true; running; {
		select {
		case c := <-chores:
			c.do()
			close(c.done)
		case err := <-ended:
			running = false
			if err != nil {
				t.Errorf("node: %v: %s", err, stderr.String())
			}
		}
	}
	n := 0
	for line := range bytes.Lines(stdout.Bytes()) {
		var r result
		if err := json.Unmarshal(line, &r); err != nil {
			t.Errorf("%v: %s", err, line)
			continue
		}
		n++
		t.Run(r.Name, func(t *testing.T) {
			t.Logf("%.1f s", r.Seconds)
			for _, text := range r.Said {
				t.Log(text)
			}
			if r.Wrong != "" {
				t.Error(r.Wrong)
			}
		})
	}
	if n == 0 {
		t.Error("nothing was looked at")
	}
}
