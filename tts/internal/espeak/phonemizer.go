package espeak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

// marker is a line of phonemes that no text produces. Its transcription tells where the answer to a
// line ends.
const marker = "[[ZNZNZN]]"

// defaultTimeout bounds one call. A call takes milliseconds; a process that needs this long hangs.
const defaultTimeout = 5 * time.Second

// maxLine is what espeak-ng takes as one line (it reads 1000 bytes at a time), less a margin.
const maxLine = 960

// Config says which program a Phonemizer runs and how.
type Config struct {
	Program string        // path or name; default "espeak-ng"
	Voice   string        // espeak voice or language, for example "en-us"; required
	Tie     bool          // join the letters of diphthongs and affricates with U+0361
	Timeout time.Duration // longest time for one call; default 5 s
}

// Phonemizer turns text into IPA through one long-lived espeak-ng process. It is safe for
// concurrent use; calls queue.
type Phonemizer struct {
	cfg Config

	mu     sync.Mutex
	proc   *process // nil until needed, and after a failure
	closed bool
}

// NewPhonemizer checks that the program exists and accepts the voice. It starts the process and
// asks it for the marker, so that the first real line finds it warm. Errors: ErrMissing,
// ErrTimeout, *ProcessError.
func NewPhonemizer(ctx context.Context, cfg Config) (*Phonemizer, error) {
	if cfg.Program == "" {
		cfg.Program = "espeak-ng"
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Voice == "" || strings.HasPrefix(cfg.Voice, "-") {
		return nil, fmt.Errorf("bad espeak voice %q", cfg.Voice)
	}
	p := &Phonemizer{cfg: cfg}
	if _, err := p.Phonemes(ctx, nil); err != nil {
		return nil, err
	}
	return p, nil
}

// Voice is the espeak voice or language that it was opened with.
func (p *Phonemizer) Voice() string { return p.cfg.Voice }

// Phonemes transcribes each line by itself and returns one transcription a line, in order. A line
// that espeak-ng divides into several clauses comes back joined by spaces; one with nothing to say
// comes back empty. Line breaks and phoneme brackets in a line are read as spaces. The context is
// looked at before the call only: a call takes milliseconds and is bounded by the configured
// timeout.
func (p *Phonemizer) Phonemes(ctx context.Context, lines []string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if p.proc == nil {
		proc, err := p.start()
		if err != nil {
			return nil, err
		}
		p.proc = proc
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		answer, err := p.proc.ask(clean(line), p.cfg.Timeout)
		if err != nil {
			err = p.proc.stop(err)
			p.proc = nil
			return nil, err
		}
		out[i] = answer
	}
	return out, nil
}

// Close ends the process and waits for it. It may be called more than once and from any goroutine.
func (p *Phonemizer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.proc == nil {
		return nil
	}
	proc := p.proc
	p.proc = nil
	return proc.finish(p.cfg.Timeout)
}

// start runs the program and learns how it writes the marker. Called with the lock held.
func (p *Phonemizer) start() (*process, error) {
	args := []string{"-q", "--ipa", "-v", p.cfg.Voice}
	if p.cfg.Tie {
		args[1] = "--ipa=2"
	}
	cmd := exec.Command(p.cfg.Program, args...)
	cmd.Env = childenv.Local(os.Environ()) // no secrets
	// Out of reach of an interrupt at the terminal, which is meant for the program; the process
	// ends when its input does.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	proc := &process{cmd: cmd, voice: p.cfg.Voice, stderr: &tailBuffer{}}
	cmd.Stderr = proc.stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe to espeak-ng: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe from espeak-ng: %w", err)
	}
	proc.in, proc.out = stdin, bufio.NewReaderSize(stdout, 16<<10)
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w (looked for %s)", ErrMissing, p.cfg.Program)
		}
		return nil, fmt.Errorf("start espeak-ng: %w", err)
	}
	if err := proc.learn(p.cfg.Timeout); err != nil {
		return nil, proc.stop(err)
	}
	return proc, nil
}

// clean makes one safe input line: no control characters, no phoneme brackets, not longer than the
// program reads at once.
func clean(line string) string {
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '[' || r == ']' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(line, " "))
	if len(line) > maxLine {
		line = strings.ToValidUTF8(line[:maxLine], "")
	}
	return line
}

// process is one running espeak-ng. It is used by one goroutine at a time.
type process struct {
	cmd    *exec.Cmd
	voice  string
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *tailBuffer
	end    string // how the marker is transcribed
}

// learn asks for the marker alone.
func (p *process) learn(limit time.Duration) error {
	return p.within(limit, func() error {
		if _, err := io.WriteString(p.in, marker+"\n"); err != nil {
			return err
		}
		line, err := p.out.ReadString('\n')
		if err != nil {
			return err
		}
		p.end = strings.TrimSpace(line)
		if p.end == "" {
			return errors.New("no answer to the marker")
		}
		return nil
	})
}

// ask sends one line and returns its transcription.
func (p *process) ask(text string, limit time.Duration) (string, error) {
	var parts []string
	err := p.within(limit, func() error {
		if _, err := io.WriteString(p.in, text+"\n"+marker+"\n"); err != nil {
			return err
		}
		for {
			line, err := p.out.ReadString('\n')
			if err != nil {
				return err
			}
			line = strings.TrimSpace(line)
			if line == p.end {
				return nil
			}
			if line != "" {
				parts = append(parts, line)
			}
		}
	})
	return strings.Join(parts, " "), err
}

// within runs fn and kills the process if that takes too long, which ends fn's reads and writes.
func (p *process) within(limit time.Duration, fn func() error) error {
	expired := make(chan struct{})
	timer := time.AfterFunc(limit, func() {
		close(expired)
		_ = p.cmd.Process.Kill()
	})
	err := fn()
	if !timer.Stop() {
		<-expired
		return ErrTimeout
	}
	return err
}

// stop ends a process that misbehaved, waits for it and says what happened.
func (p *process) stop(cause error) error {
	_ = p.in.Close()
	_ = p.cmd.Process.Kill()
	waited := p.cmd.Wait()
	if errors.Is(cause, ErrTimeout) {
		return cause
	}
	if waited != nil && (errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF)) {
		cause = waited
	}
	return &ProcessError{Voice: p.voice, Stderr: p.stderr.String(), Err: cause}
}

// finish lets the process see the end of its input and waits; it is killed if it does not go.
func (p *process) finish(limit time.Duration) error {
	_ = p.in.Close()
	timer := time.AfterFunc(limit, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	if err := p.cmd.Wait(); err != nil {
		return &ProcessError{Voice: p.voice, Stderr: p.stderr.String(), Err: err}
	}
	return nil
}
