package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// scaleEnv is how many rooms TestScaleOut has; scripts/bench-scale sets it, and then the longest
// time that a room was without its agent is held against a bound, too.
const scaleEnv = "SENSORY_AGENT_TEST_ROOMS"

// scaleLost is how long an agent may be away before another is sent; scaleSlack is what a room may
// be without one beyond that: the server notices that a killed process has gone, and one dispatch
// after the other is made anew; scaleLimit is after how long a room without one is given up.
const (
	scaleLost  = 5 * time.Second
	scaleSlack = 60 * time.Second
	scaleLimit = 3 * time.Minute
)

// fleet is some worker processes of one name at a server, and the rooms with a human each.
type fleet struct {
	server *local.Server
	rooms  []string
	mu     sync.Mutex
	agents map[string][]string // by room: participant ids of its agents, in the last look
}

// look asks who is in every room.
func (f *fleet) look(t *testing.T) map[string][]string {
	t.Helper()
	client := lksdk.NewRoomServiceClient(f.server.URL, f.server.APIKey, f.server.APISecret)
	out := map[string][]string{}
	for _, in := range f.rooms {
		list, err := client.ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: in})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list.GetParticipants() {
			if p.GetKind() == livekit.ParticipantInfo_AGENT && !p.GetPermission().GetHidden() {
				out[in] = append(out[in], p.GetSid())
			}
		}
	}
	return out
}

// served waits until every room has one agent, and none of those that are gone.
func (f *fleet) served(t *testing.T, gone []string) {
	t.Helper()
	for limit := time.Now().Add(scaleLimit); ; {
		seen, missing := f.look(t), ""
		for _, in := range f.rooms {
			if len(seen[in]) != 1 || slices.Contains(gone, seen[in][0]) {
				missing = in
			}
		}
		if missing == "" {
			f.mu.Lock()
			f.agents = seen
			f.mu.Unlock()
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("room %s: %v", missing, seen[missing])
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// work is what a worker process says of itself.
func work(t *testing.T, address string) (st dispatch.Status) {
	t.Helper()
	body, err := ops.Fetch(t.Context(), address, "", "/worker")
	if err == nil {
		err = json.Unmarshal(body, &st)
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// held are the agents of a worker's rooms.
func (f *fleet) held(st dispatch.Status) (out []string) {
	for _, j := range st.Jobs {
		if j.Active() {
			out = append(out, f.agents[j.Room]...)
		}
	}
	return out
}

// TestScaleOut: three workers share the rooms; one is told to end, another is killed, and the one
// that is left has an agent in every room, one and no more.
func TestScaleOut(t *testing.T) {
	s, env := server(t)
	f := &fleet{server: s}
	n, measured := 6, false
	if text := os.Getenv(scaleEnv); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		measured = true
	}
	type worker struct {
		p       *programRun
		address string
	}
	var workers []worker
	for range 3 {
		w := worker{address: freePort(t)}
		w.p = startProgram(t, env, "bench", "worker", "--agent-name", "scale", "--reconcile", "--lost", scaleLost.String(), "--listen", w.address, "--json")
		w.p.drain()
		workers = append(workers, w)
	}
	for _, w := range workers {
		for {
			if _, err := ops.Fetch(t.Context(), w.address, "", "/"); err == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	for i := range n {
		in := fmt.Sprintf("scale-%d", i)
		f.rooms = append(f.rooms, in)
		if _, err := lksdk.NewAgentDispatchServiceClient(s.URL, s.APIKey, s.APISecret).
			CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{AgentName: "scale", Room: in}); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range f.rooms {
		human(t, s, in)
	}
	f.served(t, nil)
	shares := make([]int, len(workers))
	for i, w := range workers {
		shares[i] = work(t, w.address).ActiveJobs
	}
	t.Logf("%d rooms, shared as %v", n, shares)
	slices.SortFunc(workers, func(a, b worker) int { return work(t, b.address).ActiveJobs - work(t, a.address).ActiveJobs })
	for _, c := range []struct {
		what   string
		signal syscall.Signal
	}{{"told to end", syscall.SIGTERM}, {"killed", syscall.SIGKILL}} {
		w := workers[0]
		workers = workers[1:]
		lost := f.held(work(t, w.address))
		begin := time.Now()
		w.p.signal(c.signal)
		f.served(t, lost)
		took := time.Since(begin).Round(100 * time.Millisecond)
		t.Logf("%s: %d rooms have another agent after at most %v", c.what, len(lost), took)
		if measured && took > scaleLost+scaleSlack {
			t.Errorf("%s: %v", c.what, took)
		}
		<-w.p.ended
	}
	if st := work(t, workers[0].address); st.ActiveJobs != n {
		t.Errorf("the last one has %d of %d rooms", st.ActiveJobs, n)
	}
	workers[0].p.signal(syscall.SIGTERM)
	if code := workers[0].p.wait(); code != 0 {
		t.Errorf("code %d: %s", code, workers[0].p.stderr.String())
	}
}
