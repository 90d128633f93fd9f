package crowd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

const (
	crowdLimit = 2 * time.Minute  // to be in their rooms, all of them
	crowdEnd   = 10 * time.Second // to leave
)

// child is the process of the humans, as this one sees it. What they are told and report goes
// over its standard input and output, the key pair too, so that nobody else on the machine sees it.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	ended chan struct{} // closed after err is set
	err   error

	mu    sync.Mutex
	lines []Noticed
	news  chan struct{} // holds a value when a line came
	once  sync.Once
}

// start starts the humans.
func start(command []string, stderr io.Writer, who HumansConfig) (*child, error) {
	p := &child{cmd: exec.Command(command[0], command[1:]...), ended: make(chan struct{}), news: make(chan struct{}, 1)}
	p.cmd.Env, p.cmd.Stderr = childenv.Own(os.Environ()), stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go p.read(out)
	if err := json.NewEncoder(p.in).Encode(who); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrHumans, err), p.end())
	}
	return p, nil
}

// read keeps what the humans report until they end.
func (p *child) read(out io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var l Noticed
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			continue
		}
		p.mu.Lock()
		p.lines = append(p.lines, l)
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
	}
	p.err = p.cmd.Wait()
}

// noticed are the reports so far.
func (p *child) noticed() []Noticed {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Noticed(nil), p.lines...)
}

// await waits for a report.
func (p *child) await(ctx context.Context, event string) error {
	limit := time.NewTimer(crowdLimit)
	defer limit.Stop()
	for {
		for _, l := range p.noticed() {
			if l.Event == event {
				return nil
			}
		}
		select {
		case <-p.news:
		case <-p.ended:
			return fmt.Errorf("%w: they ended too soon", ErrHumans)
		case <-limit.C:
			return fmt.Errorf("%w: no %q within %v", ErrHumans, event, crowdLimit)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// finish has nobody ask anything more, and waits until nobody speaks.
func (p *child) finish(ctx context.Context) error {
	if _, err := io.WriteString(p.in, humansStop+"\n"); err != nil {
		return fmt.Errorf("%w: %w", ErrHumans, err)
	}
	return p.await(ctx, humansStopped)
}

// end has the humans leave and waits for the end of their process; after a while it is killed.
func (p *child) end() (err error) {
	p.once.Do(func() {
		err = p.in.Close()
		limit := time.NewTimer(crowdEnd)
		defer limit.Stop()
		select {
		case <-p.ended:
		case <-limit.C:
			_ = p.cmd.Process.Kill() // it may have ended meanwhile
			<-p.ended
		}
		if p.err != nil {
			err = errors.Join(err, fmt.Errorf("%w: %w", ErrHumans, p.err))
		}
	})
	return err
}
