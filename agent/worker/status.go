package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
)

// Protocol is the version of LiveKit's worker protocol.
const Protocol = 1

// Status is how a worker is.
type Status struct {
	// Serving tells that every agent is registered and jobs are taken.
	Serving  bool `json:"serving"`
	Draining bool `json:"draining"`
	// Load is how much is in use, 1 and more means that there is no room; Reported is what servers
	// are told of that.
	Load     float64       `json:"load"`
	Reported float32       `json:"worker_load"`
	Agents   []AgentStatus `json:"agents"`
	Jobs     []JobStatus   `json:"jobs"`
	// Counts are refusals and declined offers by reason, since the start.
	Counts map[Reason]uint64 `json:"counts"`
}

// AgentStatus is how the connection of one agent is.
type AgentStatus struct {
	Name       string    `json:"name"`
	Type       string    `json:"type"`
	Deployment string    `json:"deployment,omitempty"`
	State      string    `json:"state"`
	Since      time.Time `json:"since"`
	// Worker is the server's id of the connection, Server its version.
	Worker string `json:"worker_id,omitempty"`
	Server string `json:"server,omitempty"`
	// Attempts are those in a row that failed; Error is why, Next when it is tried again.
	Attempts int       `json:"attempts,omitempty"`
	Error    string    `json:"error,omitempty"`
	Next     time.Time `json:"next,omitzero"`
}

// JobStatus is how one job is.
type JobStatus struct {
	ID       string    `json:"id"`
	Dispatch string    `json:"dispatch,omitempty"`
	Agent    string    `json:"agent"`
	Room     string    `json:"room"`
	State    string    `json:"state"`
	Since    time.Time `json:"since"`
}

// Active tells whether a job runs; others are on their way.
func (j JobStatus) Active() bool {
	return j.State == string(slotRunning) || j.State == string(slotEnding)
}

// Status returns how the worker is.
func (w *Worker) Status() Status { return *w.snap.Load() }

// publish makes the state visible to other goroutines.
func (w *Worker) publish() {
	st := w.machine.snapshot()
	w.snap.Store(&st)
}

// snapshot copies the state.
func (m *machine) snapshot() Status {
	share := m.share()
	full := share >= 1 || m.draining || m.stopping
	st := Status{
		Serving: !m.draining && !m.stopping, Draining: m.draining, Load: min(share, math.MaxFloat64),
		Reported: reported(share, m.cfg.target, full), Counts: maps.Clone(m.counts),
	}
	for _, l := range m.links {
		a := AgentStatus{
			Name: l.agent.Name, Type: livekit.JobType_name[int32(l.agent.Type)], Deployment: l.agent.Deployment,
			State: string(l.state), Since: l.since, Worker: l.worker, Server: l.server, Attempts: l.attempts,
		}
		if l.err != nil {
			a.Error = l.err.Error()
		}
		if l.state == linkDown {
			a.Next = l.due
		}
		st.Serving = st.Serving && l.state == linkRegistered
		st.Agents = append(st.Agents, a)
	}
	for _, s := range m.sorted() {
		st.Jobs = append(st.Jobs, JobStatus{
			ID: s.job.GetId(), Dispatch: s.job.GetDispatchId(), Agent: m.links[s.link].agent.Name,
			Room: s.job.GetRoom().GetName(), State: string(s.state), Since: s.since,
		})
	}
	return st
}

// Why says what stands in the way of serving; empty where nothing does.
func (st Status) Why() string {
	if st.Serving {
		return ""
	}
	if st.Draining {
		return "the worker is being drained"
	}
	var out []string
	for _, a := range st.Agents {
		if a.State != string(linkRegistered) {
			text := fmt.Sprintf("agent %q is %s", a.Name, a.State)
			if a.Error != "" {
				text += ": " + a.Error
			}
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return "the worker has ended"
	}
	return strings.Join(out, "\n")
}

// HTTP answers as LiveKit's own workers do: GET / with 200 while every agent is registered and jobs
// are taken, with 503 and the reason otherwise; GET /worker with JSON: the fields that those have,
// and Status beside them.
func (w *Worker) HTTP() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, _ *http.Request) {
		st := w.Status()
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		if !st.Serving {
			rw.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprintln(rw, st.Why()) // a client that has gone away is nobody's fault
			return
		}
		_, _ = fmt.Fprintln(rw, "OK")
	})
	mux.HandleFunc("GET /worker", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(rw).Encode(w.page()) // as above
	})
	return mux
}

// page is what GET /worker answers.
type page struct {
	AgentName  string `json:"agent_name"`
	WorkerType string `json:"worker_type"`
	ActiveJobs int    `json:"active_jobs"`
	SDKVersion string `json:"sdk_version"`
	Protocol   int    `json:"protocol_version"`
	State      string `json:"state"`
	Status
}

func (w *Worker) page() page {
	st := w.Status()
	p := page{
		AgentName: st.Agents[0].Name, WorkerType: st.Agents[0].Type, SDKVersion: w.cfg.Version,
		Protocol: Protocol, State: "serving", Status: st,
	}
	for _, j := range st.Jobs {
		if j.Active() {
			p.ActiveJobs++
		}
	}
	switch {
	case st.Draining:
		p.State = "draining"
	case !st.Serving:
		p.State = "not registered"
	}
	return p
}

// sample asks for the load. A panic there counts as full.
func (w *Worker) sample() float64 {
	load := 1.0
	w.loudly(fenced("Load", func() error { load = w.cfg.Load(); return nil }), "")
	return load
}

// report logs an event and passes it on.
func (w *Worker) report(e Event) {
	level := slog.LevelInfo
	switch e.Kind {
	case Refused, Disconnected:
		level = slog.LevelWarn
	case Registered, Accepted, Assigned, Ended, Declined, Lapsed, Terminated, Draining:
	}
	if e.Kind != Refused || w.may(e.Reason) {
		w.log.Log(context.Background(), level, "worker: "+string(e.Kind), e.attrs()...)
	}
	w.loudly(fenced("Report", func() error { w.cfg.Report(e); return nil }), e.Job)
}

// may lets one line a second through for each reason: servers could fill a log otherwise.
func (w *Worker) may(why Reason) bool {
	now := time.Now()
	if now.Sub(w.loud[why]) < time.Second {
		return false
	}
	w.loud[why] = now
	return true
}

// attrs are the fields of an event that are set.
func (e Event) attrs() []any {
	var out []any
	for _, f := range []struct{ key, value string }{
		{"agent", e.Agent}, {"worker", e.Worker}, {"job", e.Job}, {"dispatch", e.Dispatch}, {"room", e.Room}, {"reason", string(e.Reason)},
	} {
		if f.value != "" {
			out = append(out, f.key, f.value)
		}
	}
	if e.Err != nil {
		out = append(out, "error", e.Err)
	}
	if !e.Next.IsZero() {
		out = append(out, "next", e.Next)
	}
	return out
}
