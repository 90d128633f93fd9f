package tts

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
)

// narrateAhead is how many pieces of at most 100 ms may wait for the consumer before another clause
// is begun: about 10 s of speech.
const narrateAhead = 100

// Spoken is one piece of speech and the clause that it belongs to.
type Spoken struct {
	Clause string    // as it was given
	First  bool      // the piece is the first one of its clause
	PCM    []float32 // mono, at the voice's rate; owned by whoever receives the piece
}

// Narrate says clauses one after another until the channel is closed and calls emit, on the calling
// goroutine, with their pieces in order. It works ahead of emit, so that a consumer that plays in
// real time hears no gap while the next clause is being made: a clause is begun while less than
// about 10 s of speech wait, and then made to its end whatever the consumer does. So a voice never
// waits for the consumer, who may wait for another voice. Clauses with nothing to say are left out.
// It returns when all was emitted, or at the first error of the voice (which names the clause's
// number, from 1), of emit, or of the context; pieces that wait then are dropped. The one goroutine
// that it starts has ended when it returns.
func Narrate(ctx context.Context, v Voice, clauses <-chan string, emit func(Spoken) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting := newAhead()
	made := make(chan error, 1)
	go func() {
		defer waiting.close()
		made <- makeAhead(ctx, v, clauses, waiting)
	}()
	var err error
	for p := range waiting.all() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = emit(p)
		}
		if err != nil {
			cancel()
		}
	}
	failed := <-made
	if err != nil {
		return err
	}
	return failed
}

// makeAhead runs the voice and passes its pieces on. It waits between clauses, where too many of
// them wait.
func makeAhead(ctx context.Context, v Voice, clauses <-chan string, waiting *ahead) error {
	for count := 1; ; count++ {
		if err := waiting.room(ctx); err != nil {
			return err
		}
		var clause string
		var more bool
		select {
		case clause, more = <-clauses:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !more {
			return nil
		}
		first := true
		err := v.Synthesize(ctx, clause, func(pcm []float32) error {
			waiting.put(Spoken{Clause: clause, First: first, PCM: pcm})
			first = false
			return ctx.Err()
		})
		if err != nil && !errors.Is(err, ErrNothingToSay) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("clause %d: %w", count, err)
		}
	}
}

// ahead are the pieces between a voice and its consumer, one goroutine each. Putting never waits;
// room bounds what is put.
type ahead struct {
	mu     sync.Mutex
	pieces []Spoken
	closed bool
	news   chan struct{} // holds a value when something was put, or it was closed
	taken  chan struct{} // holds a value when something was taken
}

func newAhead() *ahead { return &ahead{news: make(chan struct{}, 1), taken: make(chan struct{}, 1)} }

// room waits until fewer than narrateAhead pieces wait.
func (a *ahead) room(ctx context.Context) error {
	for {
		a.mu.Lock()
		free := len(a.pieces) < narrateAhead
		a.mu.Unlock()
		if free {
			return nil
		}
		select {
		case <-a.taken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *ahead) put(p Spoken) {
	a.mu.Lock()
	a.pieces = append(a.pieces, p)
	a.mu.Unlock()
	signal(a.news)
}

// close ends all after the pieces that wait.
func (a *ahead) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	signal(a.news)
}

// all are the pieces in order, until it is closed.
func (a *ahead) all() iter.Seq[Spoken] {
	return func(yield func(Spoken) bool) {
		for {
			p, ok, closed := a.take()
			if ok {
				if !yield(p) {
					return
				}
				continue
			}
			if closed {
				return
			}
			<-a.news
		}
	}
}

func (a *ahead) take() (p Spoken, ok, closed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.pieces) == 0 {
		return p, false, a.closed
	}
	p, a.pieces[0] = a.pieces[0], Spoken{}
	a.pieces = a.pieces[1:]
	signal(a.taken)
	return p, true, false
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
