package senses

import (
	"slices"
	"sync"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// pacesKept is how many speakers' pauses are known, the latest: more than ever speak in a room.
const pacesKept = 256

// paces are what is known of how people pause, by their identity: whoever publishes a microphone
// anew is no stranger. Safe from any goroutine.
type paces struct {
	mu  sync.Mutex
	all []paced // the latest last
}

type paced struct {
	who  string
	pace hearing.Pace
}

func (p *paces) of(who string) hearing.Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := p.index(who); i >= 0 {
		return p.all[i].pace
	}
	return hearing.Pace{}
}

func (p *paces) keep(who string, pace hearing.Pace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := p.index(who); i >= 0 {
		p.all = slices.Delete(p.all, i, i+1)
	} else if len(p.all) == pacesKept {
		p.all = slices.Delete(p.all, 0, 1)
	}
	p.all = append(p.all, paced{who, pace})
}

func (p *paces) index(who string) int {
	return slices.IndexFunc(p.all, func(x paced) bool { return x.who == who })
}
