package worker

import (
	"time"

	"github.com/livekit/protocol/livekit"
)

// report tells servers what changed, and what did not from time to time.
func (m *machine) report(now time.Time) {
	for i, l := range m.links {
		if l.state != linkRegistered {
			continue
		}
		st := m.status(i)
		if st == l.told && now.Sub(l.toldAt) < m.cfg.statusEvery {
			continue
		}
		l.told, l.toldAt = st, now
		how := livekit.WorkerStatus_WS_AVAILABLE
		if st.full {
			how = livekit.WorkerStatus_WS_FULL
		}
		m.send(i, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_UpdateWorker{
			UpdateWorker: &livekit.UpdateWorkerStatus{Status: &how, Load: st.load, JobCount: st.jobs},
		}})
	}
}

// status is what the server of a link is told: the load of the process, the jobs of the agent.
func (m *machine) status(i int) status {
	share, jobs := m.share(), uint32(0)
	for _, s := range m.slots {
		if s.link == i {
			jobs++
		}
	}
	full := share >= 1 || m.draining || m.stopping
	return status{full: full, load: reported(share, m.cfg.target, full), jobs: jobs}
}

// share is how much is in use, by the count of jobs or the load, whichever is more.
func (m *machine) share() float64 {
	if m.cfg.maxJobs == 0 {
		return m.load
	}
	return max(m.load, float64(len(m.slots))/float64(m.cfg.maxJobs))
}

// reported scales a share of what there is so that the server's target is reached when there is no
// room for one more, and not before.
func reported(share, target float64, full bool) float32 {
	const below = 0.99 // of the target: what is said while there is room
	if full {
		return float32(min(1, max(target, share*target)))
	}
	return float32(min(max(0, share), below) * target)
}
