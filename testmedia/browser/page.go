package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

// Config says which room the page enters, and what its devices have to offer.
type Config struct {
	// Page is the folder of the npm project.
	Page string
	// URL and Token enter the room. Codec is what video is sent with: vp8, h264, vp9 or av1.
	URL, Token, Codec string
	// Title is shown above the room.
	Title string
	// Sound is what the microphone hears from when it is switched on, once: 48 kHz, mono. Picture is
	// what the camera sees. Nil is Chromium's own.
	Sound   []float32
	Picture image.Image
}

// Report is something that the page shows.
type Report struct {
	// Event is connected, disconnected, agents, assistant, transcript (text stream), packet (legacy
	// transcript), chat, sound, done, error or problem.
	Event string `json:"event"`
	// At is when, in ms since the page was opened.
	At    float64 `json:"at"`
	Who   string  `json:"who"`
	ID    string  `json:"id"`
	Text  string  `json:"text"`
	State string  `json:"state"`
	Final bool    `json:"final"`
	On    bool    `json:"on"`
	// Agents are all that are in the room.
	Agents []Agent `json:"agents"`
}

// Agent is a participant of kind AGENT as the page shows it.
type Agent struct {
	Who     string `json:"who"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Silence string `json:"silence"`
}

// Command is something that a person at the page does: microphone and camera (On), chat (Text), or
// picture, which takes a screenshot (Path).
type Command struct {
	Do   string `json:"do"`
	On   bool   `json:"on,omitempty"`
	Text string `json:"text,omitempty"`
	Path string `json:"path,omitempty"`
}

// Page is an open page. Its methods are safe from any goroutine.
type Page struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	dir   string
	read  sync.WaitGroup
	mu    sync.Mutex
	all   []Report
	news  chan struct{} // closed and replaced with each report
	ended bool
}

// stopLimit is how long the browser may take to end before it is killed.
const stopLimit = 15 * time.Second

// Open opens the page in a browser of its own. ctx ends it, too. Errors: ErrMissing, or what the
// system says.
func Open(ctx context.Context, cfg Config) (*Page, error) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return nil, fmt.Errorf("%w: chromium (Debian: apt-get install chromium)", ErrMissing)
	}
	if _, err := os.Stat(filepath.Join(cfg.Page, "node_modules", "puppeteer-core")); err != nil {
		return nil, fmt.Errorf("%w: the page's packages (npm ci in %s)", ErrMissing, cfg.Page)
	}
	dir, err := os.MkdirTemp("", "page-")
	if err != nil {
		return nil, err
	}
	p := &Page{dir: dir, news: make(chan struct{})}
	if err := p.start(ctx, &cfg, chromium); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return p, nil
}

func (p *Page) start(ctx context.Context, cfg *Config, chromium string) error {
	sound, picture, err := devices(p.dir, cfg)
	if err != nil {
		return err
	}
	p.cmd = exec.CommandContext(ctx, "node", filepath.Join(cfg.Page, "drive.mjs"))
	p.cmd.Env = childenv.Local(os.Environ(), "HOME="+p.dir, "TMPDIR="+p.dir)
	p.cmd.WaitDelay = stopLimit
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("%w: node: %w", ErrMissing, err)
	}
	p.read.Go(func() { p.listen(out) })
	return p.send(map[string]string{
		"chromium": chromium, "url": cfg.URL, "token": cfg.Token, "codec": cfg.Codec, "title": cfg.Title, "sound": sound, "picture": picture,
	})
}

// listen takes the reports until there are no more.
func (p *Page) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r Report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			r = Report{Event: "problem", Text: fmt.Sprintf("%v: %.200s", err, lines.Bytes())}
		}
		p.add(func() { p.all = append(p.all, r) })
	}
	p.add(func() { p.ended = true })
}

func (p *Page) add(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.news)
	p.news = make(chan struct{})
}

func (p *Page) send(v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = p.in.Write(append(b, '\n'))
	}
	return err
}

// Do does what a person would, and returns when the page has done it.
func (p *Page) Do(ctx context.Context, c Command) error {
	from := len(p.Reports())
	if err := p.send(c); err != nil {
		return fmt.Errorf("%w: %w", ErrEnded, err)
	}
	_, err := p.Await(ctx, from, func(r Report) bool { return r.Event == "done" && r.Text == c.Do })
	return err
}

// Reports are all reports so far.
func (p *Page) Reports() []Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[:len(p.all):len(p.all)]
}

// Await waits for a report, from number from on, and returns the number after it. Errors: ErrPage
// where the page reports a problem, ErrEnded, the context's.
func (p *Page) Await(ctx context.Context, from int, want func(Report) bool) (int, error) {
	for {
		p.mu.Lock()
		all, news, ended := p.all, p.news, p.ended
		p.mu.Unlock()
		for ; from < len(all); from++ {
			switch r := all[from]; {
			case r.Event == "problem" || r.Event == "error":
				return from, fmt.Errorf("%w: %s", ErrPage, r.Text)
			case want(r):
				return from + 1, nil
			}
		}
		if ended {
			return from, ErrEnded
		}
		select {
		case <-news:
		case <-ctx.Done():
			return from, context.Cause(ctx)
		}
	}
}

// Close ends the browser. It is called once.
func (p *Page) Close() error {
	err := p.in.Close()
	p.read.Wait()
	return errors.Join(err, p.cmd.Wait(), os.RemoveAll(p.dir))
}
