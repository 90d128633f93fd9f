package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

var (
	errKilled  = errors.New("killed")
	errTimeout = errors.New("timeout")
)

// sim is a server as far as dispatches go: each is offered once, 200 ms after it was made, and has
// an agent where a worker is free then.
type sim struct {
	t     *testing.T
	mu    sync.Mutex
	rng   *rand.Rand
	ids   int
	rooms map[string][]*reconcile.Dispatch
	free  int
	// dated has it tell how old dispatches are.
	dated bool
	// humans are in these rooms.
	humans map[string]bool
	// agents are the identities that are in a room.
	agents map[string]map[string]string
	timers sync.WaitGroup
	// slow has jobs listed late; running are the agents at work for each wish, listed or not.
	slow    bool
	running map[string]int
	crowd   map[string]int // the largest number of them at once
	// most is the largest number of dispatches that one wish ever had, made the count of them.
	most map[string]int
	made map[string]int
}

func newSim(t *testing.T, seed uint64) *sim {
	return &sim{
		t: t, rng: rand.New(rand.NewPCG(seed, 1)), rooms: map[string][]*reconcile.Dispatch{}, humans: map[string]bool{},
		agents: map[string]map[string]string{}, most: map[string]int{}, made: map[string]int{},
		running: map[string]int{}, crowd: map[string]int{},
	}
}

// wish asks for an agent, as somebody would.
func (s *sim) wish(room, agent string) string {
	d, err := (&client{sim: s}).Create(s.t.Context(), reconcile.Dispatch{
		Room: room, Agent: agent, Metadata: "meta " + room, Deployment: "blue", Attributes: map[string]string{"colour": room},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return d.ID
}

func root(d *reconcile.Dispatch) string {
	if r := d.Attributes[reconcile.AttributeDispatch]; r != "" {
		return r
	}
	return d.ID
}

func (s *sim) create(d reconcile.Dispatch) reconcile.Dispatch {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	d.ID, d.Created, d.Identities = fmt.Sprintf("AD_%03d", s.ids), time.Now(), nil
	d.Attributes = maps.Clone(d.Attributes)
	own := &d
	s.rooms[d.Room] = append(s.rooms[d.Room], own)
	if d.Agent != reconcile.ClaimAgent {
		n := 0
		for _, other := range s.rooms[d.Room] {
			if other.Agent != reconcile.ClaimAgent && root(other) == root(own) {
				n++
			}
		}
		s.most[root(own)] = max(s.most[root(own)], n)
		s.made[root(own)]++
		s.timers.Add(1)
		time.AfterFunc(200*time.Millisecond, func() { defer s.timers.Done(); s.offer(own) })
	}
	return d
}

// offer gives a dispatch to a worker, if one is free. The agent joins a moment later.
func (s *sim) offer(d *reconcile.Dispatch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free == 0 {
		return
	}
	s.free--
	w := root(d)
	s.running[w]++
	s.crowd[w] = max(s.crowd[w], s.running[w])
	listed, joined := time.Duration(0), time.Duration(0)
	if s.slow {
		listed = time.Duration(s.rng.IntN(4800)) * time.Millisecond
		joined = time.Duration(s.rng.IntN(9000)) * time.Millisecond
	}
	s.timers.Add(2)
	time.AfterFunc(listed, func() { defer s.timers.Done(); s.listed(d) })
	time.AfterFunc(joined, func() { defer s.timers.Done(); s.joined(d) })
}

// listed shows a job, or ends that of a dispatch that was deleted meanwhile.
func (s *sim) listed(d *reconcile.Dispatch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Identities = []string{"agent-" + d.ID}
	if !slices.Contains(s.rooms[d.Room], d) {
		s.leave(d)
	}
}

func (s *sim) joined(d *reconcile.Dispatch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.agents[d.Room] == nil {
		s.agents[d.Room] = map[string]string{}
	}
	if slices.Contains(s.rooms[d.Room], d) {
		s.agents[d.Room]["agent-"+d.ID] = d.Agent
	}
}

func (s *sim) leave(d *reconcile.Dispatch) {
	delete(s.agents[d.Room], "agent-"+d.ID)
	s.running[root(d)]--
	s.free++
}

func (s *sim) remove(room, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.rooms[room], func(d *reconcile.Dispatch) bool { return d.ID == id })
	if i < 0 {
		return reconcile.ErrGone
	}
	d := s.rooms[room][i]
	s.rooms[room] = slices.Delete(s.rooms[room], i, i+1)
	if len(d.Identities) > 0 && s.running[root(d)] > 0 {
		s.leave(d)
	}
	return nil
}

// crash takes an agent out of its room, as a worker that is killed does, and its place with it.
func (s *sim) crash(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.agents[room])
	for _, d := range s.rooms[room] {
		s.running[root(d)] = 0
	}
}

// tries is how often a wish was dispatched.
func (s *sim) tries(wish string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made[wish]
}

// present is how many agents are in a room.
func (s *sim) present(room string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.agents[room])
}

func (s *sim) hire(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += n
}

func (s *sim) list(room string) []reconcile.Dispatch {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []reconcile.Dispatch{}
	for _, d := range s.rooms[room] {
		c := *d
		c.Attributes, c.Identities = maps.Clone(d.Attributes), slices.Clone(d.Identities)
		if s.dated {
			c.Age = time.Since(d.Created).Truncate(time.Second)
		}
		out = append(out, c)
	}
	return out
}

// client is one reconciler's way to the server. Calls take time, some are lost, and after a while
// it is killed: then nothing that it does has an effect any more.
type client struct {
	sim   *sim
	lossy bool
	mu    sync.Mutex
	left  int // calls that change something until it is killed; 0 for never
	dead  bool
}

// call has an effect, or not, and is answered, or not.
func (c *client) call(changes bool, effect func() error) error {
	c.sim.mu.Lock()
	before, after := time.Duration(c.sim.rng.IntN(200))*time.Millisecond, time.Duration(c.sim.rng.IntN(200))*time.Millisecond
	lost := c.lossy && changes && c.sim.rng.IntN(8) == 0
	late := c.sim.rng.IntN(2) == 0
	c.sim.mu.Unlock()
	if c.lossy {
		time.Sleep(before)
		defer time.Sleep(after)
	}
	c.mu.Lock()
	dead := c.dead
	if changes && c.left > 0 {
		if c.left--; c.left == 0 {
			c.dead = true // the effect of this call is its last, and its answer reaches nobody
		}
	}
	dying := c.dead && !dead
	c.mu.Unlock()
	switch {
	case dead:
		return errKilled
	case dying:
		_ = effect()
		return errKilled
	case lost && late:
		_ = effect()
		return errTimeout
	case lost:
		return errTimeout
	}
	return effect()
}

func (c *client) Rooms(context.Context) (out []string, err error) {
	err = c.call(false, func() error {
		c.sim.mu.Lock()
		defer c.sim.mu.Unlock()
		out = slices.Collect(maps.Keys(c.sim.rooms))
		return nil
	})
	return out, err
}

func (c *client) Dispatches(_ context.Context, room string) (out []reconcile.Dispatch, err error) {
	err = c.call(false, func() error { out = c.sim.list(room); return nil })
	return out, err
}

func (c *client) Participants(_ context.Context, room string) (out []reconcile.Participant, err error) {
	err = c.call(false, func() error {
		c.sim.mu.Lock()
		defer c.sim.mu.Unlock()
		for who, agent := range c.sim.agents[room] {
			out = append(out, reconcile.Participant{Identity: who, Agent: agent})
		}
		if c.sim.humans[room] {
			out = append(out, reconcile.Participant{Identity: "ada", Human: true})
		}
		return nil
	})
	return out, err
}

func (c *client) Create(_ context.Context, d reconcile.Dispatch) (out reconcile.Dispatch, err error) {
	err = c.call(true, func() error { out = c.sim.create(d); return nil })
	if err != nil {
		return reconcile.Dispatch{}, err
	}
	return out, nil
}

func (c *client) Delete(_ context.Context, room, id string) error {
	return c.call(true, func() error { return c.sim.remove(room, id) })
}
