package smoke

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ear is what the listener has heard. It is safe for concurrent use.
type ear struct {
	mu    sync.Mutex
	heard map[string][]time.Time // by persona: when it was audible
}

// after is when a persona was heard first after a time, in ms; 0 where it was not.
func (e *ear) after(persona string, begin time.Time) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, at := range e.heard[persona] {
		if at.After(begin) {
			return max(1, at.Sub(begin).Milliseconds())
		}
	}
	return 0
}

// listen has a human stay in the room and listen.
func (t *timing) listen(ctx context.Context) (*child, error) {
	t.Progress("a human listens")
	token, err := t.token()
	if err != nil {
		return nil, err
	}
	human, err := spawn(ctx, t.Binary, []string{"LIVEKIT_TOKEN=" + token}, "bot", "--json", "--url", t.URL, "--room", timingRoom, "--identity", listener, "--stay")
	if err != nil {
		return nil, err
	}
	t.heard = &ear{heard: map[string][]time.Time{}}
	present := make(chan struct{}, 1)
	go func() {
		for r := range human.reports {
			switch r.Event {
			case "agent":
				select {
				case present <- struct{}{}:
				default:
				}
			case "voice", "audible":
				t.heard.mu.Lock()
				if list := t.heard.heard[r.Who]; len(list) < maxHeard {
					t.heard.heard[r.Who] = append(list, r.At)
				}
				t.heard.mu.Unlock()
			}
		}
	}()
	select {
	case <-present:
		return human, nil
	case <-human.ended:
		return nil, fmt.Errorf("the listener ended: %s", human.problem())
	case <-time.After(joinLimit):
		return nil, errors.Join(errors.New("the listener met nobody"), human.stop())
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), human.stop())
	}
}

// maxHeard bounds what is remembered of one persona: a minute or two of speech.
const maxHeard = 1024
