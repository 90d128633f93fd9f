package livekit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	startLimit = time.Minute            // a cold binary on a busy machine needs seconds, a warm one 130 ms
	portTries  = 3                      // between picking a port and listening there, another program may take it
	pollEvery  = 25 * time.Millisecond  // readiness poll
	stopLimit  = 5 * time.Second        // after that the process is killed
	termEvery  = 250 * time.Millisecond // a SIGTERM in the server's first 100 ms is swallowed, so it is sent again
	secretSize = 24                     // bytes of randomness; hex doubles it, the server wants at least 32 characters
)

// exitedEarly is why a server that ended before it answered did not start.
const exitedEarly = "it exited"

// Config chooses how a server is started. The zero value starts one on free loopback ports with a
// fresh key pair.
type Config struct {
	// Binary is the path of livekit-server; empty means FindBinary.
	Binary string
	// Port is the TCP signalling port; 0 picks a free one.
	Port int
	// UDPPort is the media port; 0 picks a free one.
	UDPPort int
	// TCPPort is the media port of ICE over TCP; 0 opens none.
	TCPPort int
	// RTC are further lines of the configuration's section rtc, More those of the whole of it, as
	// YAML.
	RTC, More []string
	// APIKey and APISecret are the server's only key pair; empty ones are made up.
	APIKey, APISecret string
	// Log receives the server's output; nil keeps only the last lines for error messages.
	Log io.Writer
}

// Server is one running livekit-server process. All methods are safe from any goroutine.
type Server struct {
	// URL is the WebSocket address that clients join, for example ws://127.0.0.1:7880.
	URL string
	// APIKey and APISecret sign join tokens.
	APIKey, APISecret string

	cmd      *exec.Cmd
	confFile string
	output   *tail
	exited   chan struct{}
	exitErr  error
	stopOnce sync.Once
	stopErr  error
}

// Start runs a server and returns when it answers. ctx bounds the start only; the server lives
// until Stop. Where it exits before it answers, ports that were picked for it are picked again.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Binary == "" {
		path, err := FindBinary()
		if err != nil {
			return nil, err
		}
		cfg.Binary = path
	}
	tries := 1
	if cfg.Port == 0 || cfg.UDPPort == 0 {
		tries = portTries
	}
	for {
		s, err := start(ctx, cfg)
		tries--
		var failed *StartError
		if tries == 0 || !errors.As(err, &failed) || failed.Reason != exitedEarly {
			return s, err
		}
	}
}

// start runs a server once.
func start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.fill(); err != nil {
		return nil, &StartError{Reason: "no free port", Err: err}
	}
	conf, err := writeConfig(cfg)
	if err != nil {
		return nil, &StartError{Reason: "configuration file", Err: err}
	}
	s := &Server{
		URL:       "ws://127.0.0.1:" + strconv.Itoa(cfg.Port),
		APIKey:    cfg.APIKey,
		APISecret: cfg.APISecret,
		confFile:  conf,
		output:    newTail(cfg.Log),
		exited:    make(chan struct{}),
	}
	s.cmd = exec.Command(cfg.Binary, "--config", conf)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	// A process group of its own, so that an interrupt at the terminal ends the program first and
	// the server in order.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started := make(chan error, 1)
	go s.run(started)
	if err := <-started; err != nil {
		return nil, errors.Join(&StartError{Reason: "exec", Err: err}, os.Remove(conf))
	}
	if err := s.waitReady(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// run starts the process and waits for it on one locked thread: the kernel sends the parent-death
// signal when the thread that forked ends, so that thread must live as long as the child.
func (s *Server) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.exited)
	err := s.cmd.Start()
	started <- err
	if err == nil {
		s.exitErr = s.cmd.Wait()
	}
}

// PID returns the process id of the server.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Exited is closed when the server process has ended, for whatever reason.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Stop ends the server and waits for its process. It is idempotent.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() { s.stopErr = errors.Join(s.terminate(), os.Remove(s.confFile)) })
	return s.stopErr
}

// Kill ends the server at once, as a crash would, and waits for its process.
func (s *Server) Kill() error {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill livekit-server: %w", err)
	}
	<-s.exited
	return s.Stop()
}

func (s *Server) terminate() error {
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	again := time.NewTicker(termEvery)
	defer again.Stop()
	for {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			if errors.Is(err, os.ErrProcessDone) {
				<-s.exited
				return nil
			}
			return fmt.Errorf("terminate livekit-server: %w", err)
		}
		select {
		case <-s.exited:
			return nil
		case <-again.C:
		case <-limit.C:
			if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return fmt.Errorf("kill livekit-server: %w", err)
			}
			<-s.exited
			return nil
		}
	}
}

func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		if answers(ctx, client, "http"+s.URL[len("ws"):]) {
			return nil
		}
		select {
		case <-poll.C:
		case <-s.exited:
			return &StartError{Reason: exitedEarly, Log: s.output.lines(), Err: s.exitErr}
		case <-ctx.Done():
			return &StartError{Reason: "no answer", Log: s.output.lines(), Err: context.Cause(ctx)}
		}
	}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

func (c *Config) fill() error {
	var err error
	if c.Port == 0 {
		if c.Port, err = freeTCP(); err != nil {
			return err
		}
	}
	if c.UDPPort == 0 {
		if c.UDPPort, err = freeUDP(); err != nil {
			return err
		}
	}
	if c.APIKey == "" {
		c.APIKey = "local-" + randomHex(4)
	}
	if c.APISecret == "" {
		c.APISecret = randomHex(secretSize)
	}
	return nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand aborts the program instead
	return hex.EncodeToString(b)
}

func freeTCP() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

func freeUDP() (int, error) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := c.LocalAddr().(*net.UDPAddr).Port
	return port, c.Close()
}
