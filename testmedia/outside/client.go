package outside

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

// Kind is what a client is made with.
type Kind string

// Kinds of clients.
const (
	Browser Kind = "page"   // stock parts for pages, in Chromium
	Node    Kind = "node"   // LiveKit's SDK for Node.js
	Python  Kind = "python" // LiveKit's SDK for Python
	// Remote is the RemoteSession of LiveKit's framework for Python. It knows one command, session:
	// To is asked everything, and given the input Text. Reports have the name of what was asked as
	// their ID, and event for what the client was told besides.
	Remote Kind = "remote"
)

// Config says which room the client enters, and what its devices have to offer.
type Config struct {
	Kind Kind
	// Dir is this package's folder. Interpreter is the Python that has the SDK, or the framework.
	Dir, Interpreter string
	// URL and Token enter the room. Codec is what video is sent with: vp8, h264, vp9 or av1.
	URL, Token, Codec string
	// Tokens is a token endpoint that is asked in their place, for Room, or for a room into which
	// Agent is dispatched. A browser's microphone then records from the start, and the room is
	// entered Pause later.
	Tokens, Room, Agent string
	Pause               time.Duration
	// Port is where the page is served, so that others may know its origin; 0 is any.
	Port int
	// Title is shown above the room, in a browser.
	Title string
	// Sound is what the microphone hears from when it is switched on, once: 48 kHz, mono. Picture
	// is what the camera sees. Nil is what the client has itself, in a browser.
	Sound   []float32
	Picture image.Image
}

// Report is something that the client shows.
type Report struct {
	// Event is connected, disconnected, agents, assistant (the first agent), agent (the same as
	// another hook sees it; Text says why it failed), transcript (text stream), packet (legacy
	// transcript), chat, sound, session (a message of an agent's session, as JSON), answer (of a
	// call), done, error or problem.
	Event string `json:"event"`
	// At is when, in ms since the client began.
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

// Agent is a participant of kind AGENT as the client sees it.
type Agent struct {
	Who     string `json:"who"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Worker  string `json:"worker"` // the name under which it was dispatched
	Silence string `json:"silence"`
}

// Command is something that a person does: microphone and camera (On), chat (Text), tell (a chat
// message for those in To alone), or picture, which takes a screenshot of a browser (Path).
type Command struct {
	Do   string `json:"do"`
	On   bool   `json:"on,omitempty"`
	Text string `json:"text,omitempty"`
	Path string `json:"path,omitempty"`
	// To is the agent that is asked by call (Text is the method, Payload what it is given) and
	// session (Text is the request, Payload its id); several are apart by spaces.
	To      string `json:"to,omitempty"`
	Payload string `json:"payload,omitempty"`
}

// Client is a running client. Its methods are safe from any goroutine.
type Client struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	dir   string
	read  sync.WaitGroup
	mu    sync.Mutex
	all   []Report
	news  chan struct{} // closed and replaced with each report
	ended bool

	stderr bytes.Buffer // read when the process has ended
}

// stopLimit is how long the client may take to end before it is killed.
const stopLimit = 15 * time.Second

// Open starts a client, which enters the room. ctx ends it, too. Errors: ErrMissing, or what the
// system says.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	program, chromium, err := find(&cfg)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "client-")
	if err != nil {
		return nil, err
	}
	c := &Client{dir: dir, news: make(chan struct{})}
	if err := c.start(ctx, &cfg, program, chromium); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, nil
}

// find returns what runs a client, and its browser.
func find(cfg *Config) (program []string, chromium string, err error) {
	in := filepath.Join(cfg.Dir, string(cfg.Kind))
	installed := filepath.Join(in, "node_modules")
	switch cfg.Kind {
	case Browser:
		program = []string{"node", filepath.Join(in, "drive.mjs")}
		if chromium, err = exec.LookPath("chromium"); err != nil {
			return nil, "", fmt.Errorf("%w: chromium (Debian: apt-get install chromium)", ErrMissing)
		}
	case Node:
		program = []string{"node", filepath.Join(in, "client.mjs")}
	case Python:
		program, installed = []string{cfg.Interpreter, filepath.Join(in, "client.py")}, cfg.Interpreter
	case Remote:
		program, installed = []string{cfg.Interpreter, filepath.Join(cfg.Dir, "python", "session.py")}, cfg.Interpreter
	default:
		return nil, "", fmt.Errorf("%w: a client of kind %q", ErrMissing, cfg.Kind)
	}
	if _, err := os.Stat(installed); err != nil {
		return nil, "", fmt.Errorf("%w: the packages of %s (scripts/test-clients installs them)", ErrMissing, in)
	}
	return program, chromium, nil
}

func (c *Client) start(ctx context.Context, cfg *Config, program []string, chromium string) error {
	sound, picture, err := devices(c.dir, cfg)
	if err != nil {
		return err
	}
	c.cmd = exec.CommandContext(ctx, program[0], program[1:]...)
	c.cmd.Env = childenv.Local(os.Environ(), "HOME="+c.dir, "TMPDIR="+c.dir)
	c.cmd.WaitDelay = stopLimit
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.cmd.Stderr = &c.stderr
	if err := c.cmd.Start(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrMissing, program[0], err)
	}
	c.read.Go(func() { c.listen(out) })
	return c.send(map[string]string{
		"chromium": chromium, "url": cfg.URL, "token": cfg.Token, "codec": cfg.Codec, "title": cfg.Title, "tokens": cfg.Tokens, "room": cfg.Room, "agent": cfg.Agent, "pause": strconv.FormatInt(cfg.Pause.Milliseconds(), 10), "port": strconv.Itoa(cfg.Port), "sound": sound, "picture": picture,
	})
}

// listen takes the reports until there are no more.
func (c *Client) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r Report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			r = Report{Event: "problem", Text: fmt.Sprintf("%v: %.200s", err, lines.Bytes())}
		}
		c.add(func() { c.all = append(c.all, r) })
	}
	c.add(func() { c.ended = true })
}

func (c *Client) add(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	close(c.news)
	c.news = make(chan struct{})
}

func (c *Client) send(v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = c.in.Write(append(b, '\n'))
	}
	return err
}

// Do does what a person would, and returns when the client has done it.
func (c *Client) Do(ctx context.Context, what Command) error {
	from := len(c.Reports())
	if err := c.send(what); err != nil {
		return fmt.Errorf("%w: %w", ErrEnded, err)
	}
	_, err := c.Await(ctx, from, func(r Report) bool { return r.Event == "done" && r.Text == what.Do })
	return err
}

// Reports are all reports so far.
func (c *Client) Reports() []Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[:len(c.all):len(c.all)]
}

// Await waits for a report, from number from on, and returns the number after it. Errors: ErrClient
// where the client reports a problem, ErrEnded, the context's.
func (c *Client) Await(ctx context.Context, from int, want func(Report) bool) (int, error) {
	for {
		c.mu.Lock()
		all, news, ended := c.all, c.news, c.ended
		c.mu.Unlock()
		for ; from < len(all); from++ {
			switch r := all[from]; {
			case r.Event == "problem" || r.Event == "error":
				return from, fmt.Errorf("%w: %s", ErrClient, r.Text)
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

// Close ends the client. It is called once. What a client that fails wrote on standard error is in
// the error.
func (c *Client) Close() error {
	err := c.in.Close()
	c.read.Wait()
	if failed := c.cmd.Wait(); failed != nil {
		err = errors.Join(err, fmt.Errorf("%w: %w: %s", ErrClient, failed, tail(c.stderr.String())))
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// tail is the end of what a client wrote: there the reason stands.
func tail(s string) string {
	const most = 2048
	return s[max(0, len(s)-most):]
}
