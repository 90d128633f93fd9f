package dispatch

import (
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent/worker"
)

// Status is how the service is: the fields that LiveKit's own workers have at GET /worker, those of
// the first name among them, and beside them what every worker here says.
type Status struct {
	AgentName  string `json:"agent_name"`
	WorkerType string `json:"worker_type"`
	ActiveJobs int    `json:"active_jobs"`
	SDKVersion string `json:"sdk_version"`
	Protocol   int    `json:"protocol_version"`
	State      string `json:"state"`
	worker.Status
}

// Ready tells whether every name is registered and takes jobs, and else why not.
func (s *Service) Ready() (bool, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false, "the worker is being drained"
	}
	var why []string
	for _, p := range s.posts {
		if text := p.why(); text != "" {
			why = append(why, text)
		}
	}
	return len(why) == 0, strings.Join(why, "\n")
}

// why says what stands in the way of the name; empty where nothing does.
func (p *post) why() string {
	p.mu.Lock()
	warm, err := p.warm, p.err
	p.mu.Unlock()
	switch {
	case err != nil:
		return err.Error()
	case warm == nil:
		return fmt.Sprintf("agent %q: its models are being loaded", p.agent.Name)
	}
	return p.worker.Status().Why()
}

// Status returns how the service is.
func (s *Service) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Status{State: "serving", Protocol: worker.Protocol, SDKVersion: s.cfg.Version}
	out.Serving, out.Draining, out.Counts = true, s.closed, map[worker.Reason]uint64{}
	for i, p := range append(append([]*post{}, s.posts...), s.leaving...) {
		st := p.worker.Status()
		out.Load, out.Reported = max(out.Load, st.Load), max(out.Reported, st.Reported)
		out.Jobs = append(out.Jobs, st.Jobs...)
		for reason, n := range st.Counts {
			out.Counts[reason] += n
		}
		if i >= len(s.posts) { // given up
			continue
		}
		if i == 0 {
			out.AgentName, out.WorkerType = st.Agents[0].Name, st.Agents[0].Type
		}
		of, why := st.Agents[0], p.why()
		if of.Error == "" {
			of.Error = why
		}
		out.Serving = out.Serving && why == ""
		out.Agents = append(out.Agents, of)
	}
	for _, j := range out.Jobs {
		if j.Active() {
			out.ActiveJobs++
		}
	}
	switch {
	case out.Draining:
		out.State, out.Serving = "draining", false
	case !out.Serving:
		out.State = "not registered"
	}
	return out
}
