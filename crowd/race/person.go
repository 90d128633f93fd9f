package race

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// hearRate is the rate of what a person hears, in hertz.
const hearRate = 48000

// person is one who waits for an agent in a room, and speaks with it.
type person struct {
	*participant.Participant
	room  string
	ended chan struct{} // closed when it has left

	mu    sync.Mutex
	heard sounds
	asked []asking

	listening chan time.Time // when the first agent listens; holds one
}

// enter has a person enter a room.
func enter(ctx context.Context, at crowd.Server, room string) (*person, error) {
	p := &person{room: room, ended: make(chan struct{}), listening: make(chan time.Time, 1)}
	var err error
	p.Participant, err = participant.Join(ctx, participant.Config{
		URL: at.URL, APIKey: at.Key, APISecret: at.Secret, Room: room, Identity: "human", Hear: p.hear,
	})
	if err != nil {
		return nil, err
	}
	go p.watch()
	return p, nil
}

// hear notes what is heard. It is called by the goroutine of a track.
func (p *person) hear(_ string, f rtpin.Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard.add(f.Captured, time.Duration(len(f.PCM))*time.Second/hearRate, media.DBFS(f.PCM))
}

// watch notices when an agent listens, until the person leaves.
func (p *person) watch() {
	defer close(p.ended)
	for e := range p.Events() {
		switch e := e.(type) {
		case participant.AgentState:
			if e.State != "listening" {
				continue
			}
			select {
			case p.listening <- e.At:
			default:
			}
		case participant.Left:
			return
		}
	}
}

// await waits until an agent listens.
func (p *person) await(ctx context.Context, limit time.Duration) (time.Time, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w: nobody listens in room %s within %v", ErrLost, p.room, limit))
	defer cancel()
	select {
	case at := <-p.listening:
		return at, nil
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
}

// ask asks the question again and again, first at a time, until the end.
func (p *person) ask(ctx context.Context, question []float32, at, end time.Time) error {
	for ; at.Before(end); at = at.Add(talkEvery) {
		if err := media.Sleep(ctx, time.Until(at)); err != nil {
			return err
		}
		from, to, err := p.Say(ctx, question)
		if err != nil {
			return fmt.Errorf("person in room %s: %w", p.room, err)
		}
		p.mu.Lock()
		p.asked = append(p.asked, asking{from, to})
		p.mu.Unlock()
	}
	return nil
}

// judge says what became of what was asked since a time.
func (p *person) judge(since time.Time) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	var asked []asking
	for _, q := range p.asked {
		if q.start.After(since) {
			asked = append(asked, q)
		}
	}
	return judge(asked, p.heard)
}

// leave leaves the room and waits until that is done.
func (p *person) leave() {
	_ = p.Close() // the server may be gone
	<-p.ended
}
