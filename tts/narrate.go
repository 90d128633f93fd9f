package tts

import (
	"context"
	"errors"
	"fmt"
)

// narrateAhead is how many pieces of at most 100 ms may wait for the consumer: about 10 s of speech.
const narrateAhead = 100

// Spoken is one piece of speech and the clause that it belongs to.
type Spoken struct {
	Clause string    // as it was given
	First  bool      // the piece is the first one of its clause
	PCM    []float32 // mono, at the voice's rate; owned by whoever receives the piece
}

// Narrate says clauses one after another until the channel is closed and calls emit, on the calling goroutine, with their pieces in
// order. It works ahead of emit by up to about 10 s of speech, so that a consumer that plays in real time hears no gap while
// the next clause is being made. Clauses with nothing to say are left out. It returns when all was emitted, or at the first error
// of the voice (which names the clause's number, from 1), of emit, or of the context; pieces that wait then are dropped. The one goroutine
// that it starts has ended when it returns.
func Narrate(ctx context.Context, v Voice, clauses <-chan string, emit func(Spoken) error) error {
	ctx, cancel := context.WithCancel(ctx)
	pieces := make(chan Spoken, narrateAhead)
	made := make(chan error, 1)
	go func() {
		defer close(pieces)
		made <- makeAhead(ctx, v, clauses, pieces)
	}()
	var err error
	for p := range pieces {
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
	cancel()
	if err != nil {
		return err
	}
	return failed
}

// makeAhead runs the voice and passes its pieces on, waiting where too many of them wait.
func makeAhead(ctx context.Context, v Voice, clauses <-chan string, pieces chan<- Spoken) error {
	for count := 1; ; count++ {
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
			select {
			case pieces <- Spoken{Clause: clause, First: first, PCM: pcm}:
				first = false
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil && !errors.Is(err, ErrNothingToSay) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("clause %d: %w", count, err)
		}
	}
}
