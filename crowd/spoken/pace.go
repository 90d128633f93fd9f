package spoken

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// How long transcripts take on an idle machine of two cores, in media time: see BENCHMARKS.md.
const (
	fastCost = 30 * time.Millisecond
	slowCost = 280 * time.Millisecond
)

// pace is the media time of one listener. Sound is written as fast as it is judged, but no further
// than where a transcript that is under way is due; and one that is done earlier waits for that. It
// is safe from any goroutine.
type pace struct {
	mu      sync.Mutex
	now     time.Duration // sound written so far
	jobs    []*job        // transcripts under way
	over    bool          // no more sound comes: nothing waits any more
	changed chan struct{} // closed, and replaced, when any of that changes
}

// job is a transcript under way.
type job struct {
	begun   time.Duration
	due     time.Duration
	claimed bool // its engine has it
}

func newPace() *pace { return &pace{changed: make(chan struct{})} }

func (p *pace) news() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait waits until something is so, which it looks at under the lock.
func (p *pace) wait(ctx context.Context, is func() bool) error {
	for {
		p.mu.Lock()
		ready := is()
		changed := p.changed // is may have replaced it
		p.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// begin takes note that a transcript begins. The listener's goroutine calls it, before it does
// anything else: which engine takes it is known a little later.
func (p *pace) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs = append(p.jobs, &job{begun: p.now, due: p.now + fastCost})
	p.news()
}

// claim is the transcript that began first and that no engine has, of an engine that takes so long.
func (p *pace) claim(cost time.Duration) *job {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.news()
	for _, j := range p.jobs {
		if !j.claimed {
			j.claimed, j.due = true, j.begun+cost
			return j
		}
	}
	j := &job{begun: p.now, due: p.now + cost, claimed: true}
	p.jobs = append(p.jobs, j)
	return j
}

func (p *pace) end(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs = slices.DeleteFunc(p.jobs, func(o *job) bool { return o == j })
	p.news()
}

// advance waits until nothing is due before a time, and then it is that time.
func (p *pace) advance(ctx context.Context, to time.Duration) error {
	return p.wait(ctx, func() bool {
		if slices.ContainsFunc(p.jobs, func(j *job) bool { return j.due < to }) {
			// What is done and waits for a time that lies before this one is let go first.
			if first := p.earliest(); first > p.now {
				p.now = first
				p.news()
			}
			return false
		}
		p.now = max(p.now, to)
		p.news()
		return true
	})
}

// earliest is when the first transcript is due.
func (p *pace) earliest() time.Duration {
	first := p.jobs[0].due
	for _, j := range p.jobs {
		first = min(first, j.due)
	}
	return first
}

// finish says that no more sound comes.
func (p *pace) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.news()
}

// paced is an engine whose transcripts come when they are due.
type paced struct {
	hearing.Transcriber
	pace *pace
	cost time.Duration
}

// Transcribe implements hearing.Transcriber.
func (e paced) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	return e.TranscribeHinted(ctx, pcm, nil)
}

// TranscribeHinted implements hearing.Hinted.
func (e paced) TranscribeHinted(ctx context.Context, pcm []float32, names []string) (hearing.Transcript, error) {
	j := e.pace.claim(e.cost)
	defer e.pace.end(j)
	text, err := hearing.Transcribe(ctx, e.Transcriber, pcm, names)
	if err != nil {
		return text, err
	}
	return text, e.pace.wait(ctx, func() bool { return e.pace.over || e.pace.now >= j.due })
}
