package reconcile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
)

// A server that forgets attributes would have a wish forgotten, too.
func TestAServerThatKeepsNoAttributesIsNotReconciled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		c, ctx := newCrew(t)
		id := s.wish("lobby", "iris")
		c.add(ctx, forgetful{&client{sim: s}}, nil)
		time.Sleep(10 * time.Second)
		c.stop()
		s.timers.Wait()
		if got := s.list("lobby"); len(got) != 1 || got[0].ID != id {
			t.Errorf("%+v", got)
		}
		if e := c.events[0]; e.Kind != reconcile.Failed || !errors.Is(e.Err, reconcile.ErrAttributes) {
			t.Errorf("%+v", e)
		}
	})
}

type forgetful struct{ *client }

func (f forgetful) Create(ctx context.Context, d reconcile.Dispatch) (reconcile.Dispatch, error) {
	d.Attributes = nil
	return f.client.Create(ctx, d)
}

// Whoever was stopped after the deletion for longer than a lease leaves the rest to others.
func TestWhoeverIsLateGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		c, ctx := newCrew(t)
		id := s.wish("lobby", "iris")
		c.add(ctx, &sleepy{client: &client{sim: s}}, nil)
		time.Sleep(time.Minute)
		c.stop()
		s.timers.Wait()
		if s.most[id] != 1 || c.events[0].Kind != reconcile.Failed || !errors.Is(c.events[0].Err, reconcile.ErrLate) {
			t.Errorf("%d, %+v", s.most[id], c.events[0])
		}
		adopted := slices.IndexFunc(c.events, func(e reconcile.Event) bool { return e.Reason == reconcile.ReasonOrphaned })
		if adopted < 0 || c.events[adopted].Agent != "iris" || c.events[adopted].Kind != reconcile.Redispatched {
			t.Errorf("%+v", c.events)
		}
	})
}

// sleepy sleeps once, after its first deletion.
type sleepy struct {
	*client
	slept bool
}

func (c *sleepy) Delete(ctx context.Context, room, id string) error {
	err := c.client.Delete(ctx, room, id)
	if !c.slept {
		c.slept = true
		time.Sleep(4 * time.Second)
	}
	return err
}

func TestConfigurationsThatMakeNoSense(t *testing.T) {
	api := &client{}
	for _, c := range []struct {
		says string
		cfg  reconcile.Config
	}{
		{"no server", reconcile.Config{Agents: []string{"iris"}}},
		{"0 agent names", reconcile.Config{API: api}},
		{"65 agent names", reconcile.Config{API: api, Agents: make([]string, 65)}},
		{"no agent's name", reconcile.Config{API: api, Agents: []string{reconcile.ClaimAgent}}},
		{"negative", reconcile.Config{API: api, Agents: []string{"iris"}, Every: -1}},
		{"negative", reconcile.Config{API: api, Agents: []string{"iris"}, Grace: -1}},
		{"negative", reconcile.Config{API: api, Agents: []string{"iris"}, Lost: -1}},
		{"negative", reconcile.Config{API: api, Agents: []string{"iris"}, Calls: -1}},
		{"too short", reconcile.Config{API: api, Agents: []string{"iris"}, Lease: time.Second}},
	} {
		if _, err := reconcile.New(c.cfg); !errors.Is(err, reconcile.ErrConfig) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
	secret := strings.Repeat("s", 32)
	for _, c := range [][3]string{
		{"", "k", secret}, {"ftp://h", "k", secret}, {"ws://a:hunter2@h", "k", secret}, {"ws://h", "", secret}, {"ws://h", "k", "short"},
	} {
		if _, err := reconcile.Dial(c[0], c[1], c[2], nil); !errors.Is(err, reconcile.ErrConfig) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", c, err)
		}
	}
	if diff := cmp.Diff(`ListDispatch at http://h, room "lobby": no such dispatch`,
		(&reconcile.ServerError{Call: "ListDispatch", URL: "http://h", Room: "lobby", Err: reconcile.ErrGone}).Error()); diff != "" {
		t.Error(diff)
	}
}

// Of two dispatches for one wish the older that has an agent stays.
func TestOneOfTwoGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		c, ctx := newCrew(t)
		first := s.wish("lobby", "iris") // nobody takes it
		time.Sleep(time.Second)
		s.hire(1)
		again := s.create(reconcile.Dispatch{Room: "lobby", Agent: "iris", Attributes: map[string]string{reconcile.AttributeDispatch: first}})
		time.Sleep(time.Second)
		c.add(ctx, &client{sim: s}, nil)
		time.Sleep(time.Second)
		c.stop()
		s.timers.Wait()
		if got := s.list("lobby"); len(got) != 1 || got[0].ID != again.ID {
			t.Errorf("%+v", got)
		}
		if e := c.events[0]; e.Kind != reconcile.Swept || e.Reason != reconcile.ReasonTwice || e.Old != first {
			t.Errorf("%+v", c.events)
		}
	})
}
