package race

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/media"
)

const (
	readyLimit = 90 * time.Second      // to answer 200 on GET /
	readyEvery = 20 * time.Millisecond // between two looks
	stopLimit  = 10 * time.Second      // to end after SIGTERM, nobody being served any more
	probeLimit = 10 * time.Second
	probes     = 6 // rooms that a worker may miss until it serves one
)

// Contender is a worker that is measured.
type Contender struct {
	Name string
	// Command starts it: {agent} stands for the name to register, {port} for the port on loopback
	// where GET / is to answer 200 while it is registered. LIVEKIT_URL, LIVEKIT_API_KEY,
	// LIVEKIT_API_SECRET, RACE_AGENT and RACE_PORT are in its environment.
	Command []string
	// Late, if set, is the command by which it serves dispatches that the server gave up, too.
	// Where it is not, a reconciler runs beside it when that is measured.
	Late []string
}

// running is the process of a worker.
type running struct {
	cmd   *exec.Cmd
	port  int
	agent string
	began time.Time
	ended chan struct{} // closed after err is set
	err   error
}

// launch starts a worker.
func launch(command []string, agent string, at crowd.Server, stderr io.Writer) (*running, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	fill := strings.NewReplacer("{agent}", agent, "{port}", strconv.Itoa(port))
	args := slices.Clone(command)
	for i := range args {
		args[i] = fill.Replace(args[i])
	}
	r := &running{cmd: exec.Command(args[0], args[1:]...), port: port, agent: agent, began: time.Now(), ended: make(chan struct{})}
	r.cmd.Env = childenv.Own(os.Environ(), "LIVEKIT_URL="+at.URL, "LIVEKIT_API_KEY="+at.Key, "LIVEKIT_API_SECRET="+at.Secret,
		"RACE_AGENT="+agent, "RACE_PORT="+strconv.Itoa(port))
	r.cmd.Stdout, r.cmd.Stderr = stderr, stderr
	r.cmd.WaitDelay = time.Second                           // a child of it may hold its output open
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // all that it starts ends with it
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWorker, err)
	}
	go func() {
		defer close(r.ended)
		r.err = r.cmd.Wait()
	}()
	return r, nil
}

// ready waits until it is registered, and returns how long that took since it was started.
func (r *running) ready(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, readyLimit, fmt.Errorf("%w: GET / did not answer 200 within %v", ErrWorker, readyLimit))
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", r.port), nil)
		if err != nil {
			return 0, err
		}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close() // nothing of it is read
			if resp.StatusCode == http.StatusOK {
				return time.Since(r.began), nil
			}
		}
		select {
		case <-r.ended:
			return 0, fmt.Errorf("%w: it ended: %w", ErrWorker, r.err)
		default:
		}
		if err := media.Sleep(ctx, readyEvery); err != nil {
			return 0, err
		}
	}
}

// start launches a contender, and returns when it is registered and has served a room that is not
// counted: a server gives up dispatches for some seconds after a worker has come, and some answer
// on GET / before they are registered. It returns how long GET / took, too.
func (r *race) start(ctx context.Context, who *Contender) (_ *running, took time.Duration, err error) {
	w, err := launch(who.Command, r.agent(who), r.at, r.cfg.Stderr)
	if err != nil {
		return nil, 0, err
	}
	defer func() {
		if err != nil {
			w.stop()
		}
	}()
	if took, err = w.ready(ctx); err != nil {
		return nil, 0, err
	}
	for try := 1; ; try++ {
		if err := media.Sleep(ctx, r.cfg.Settle); err != nil { // processes that it keeps ready come up, too
			return nil, 0, err
		}
		err := r.probe(ctx, w.agent)
		if err == nil {
			break
		}
		if !errors.Is(err, ErrLost) || try == probes {
			return nil, 0, err
		}
	}
	return w, took, media.Sleep(ctx, r.cfg.Settle/2)
}

// probe has an agent come into a room and leave again.
func (r *race) probe(ctx context.Context, agent string) error {
	p, err := enter(ctx, r.at, r.room())
	if err != nil {
		return err
	}
	defer p.leave()
	d, err := r.api.Create(ctx, reconcile.Dispatch{Room: p.room, Agent: agent})
	if err != nil {
		return err
	}
	_, err = p.await(ctx, probeLimit)
	return errors.Join(err, r.api.Delete(ctx, p.room, d.ID))
}

// used is what it has used so far, with all that it started.
func (r *running) used(memory bool) (usage, error) { return used(r.cmd.Process.Pid, memory) }

// stop has it end, and waits; what has not ended after a while is killed.
func (r *running) stop() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-r.ended:
	case <-limit.C:
	}
	r.kill()
}

// kill ends it and all that it started, and waits.
func (r *running) kill() {
	_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	<-r.ended
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	addr, _ := l.Addr().(*net.TCPAddr)
	return addr.Port, l.Close()
}
