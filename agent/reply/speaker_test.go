package reply_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/tts"
)

// reader is a voice that takes its time: pieces of 100 ms, of which all samples are the number of
// the clause, from 1.
type reader struct {
	tts.Voice
	pieces int           // of a clause
	takes  time.Duration // for each piece
	rate   int

	mu    sync.Mutex
	begun []string
	ended int // clauses that were made to their end
}

func (v *reader) SampleRate() int { return v.rate }

func (v *reader) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	v.mu.Lock()
	v.begun = append(v.begun, clause)
	number := float32(len(v.begun))
	v.mu.Unlock()
	for range v.pieces {
		select {
		case <-time.After(v.takes):
		case <-ctx.Done():
			return ctx.Err()
		}
		pcm := make([]float32, v.rate/10)
		for i := range pcm {
			pcm[i] = number / 100
		}
		if err := emit(pcm); err != nil {
			return err
		}
	}
	v.mu.Lock()
	v.ended++
	v.mu.Unlock()
	return nil
}

// wire stands for encoder and track: it counts the samples of each clause.
type wire struct {
	mu      sync.Mutex
	clauses map[int]int
}

func (w *wire) Encode(pcm []float32, dst []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range pcm {
		if v > 0 {
			w.clauses[int(v*100+0.5)]++
		}
	}
	return copy(dst, "opus"), nil
}

func (w *wire) WriteOpus([]byte, uint32, time.Duration) error { return nil }

func (w *wire) samples() map[int]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[int]int{}
	for clause, n := range w.clauses {
		out[clause] = n
	}
	return out
}

// speaker is a persona with a real player. It says clauses of a second.
type speaker struct {
	*persona
	reader *reader
	wire   *wire
	player *playout.Player
}

func newSpeaker(t *testing.T) *speaker {
	t.Helper()
	s := &speaker{persona: newPersona(t), reader: &reader{pieces: 10, takes: time.Millisecond, rate: playout.SampleRate}, wire: &wire{clauses: map[int]int{}}}
	s.mind.says = nil
	for n := range clauses {
		s.mind.says = append(s.mind.says, fmt.Sprintf("This is sentence number %d of the answer. ", n+1))
	}
	s.player = playout.New(s.wire, s.wire)
	s.replies = reply.New(t.Context(), reply.Deps{
		Mind: s.mind, Voice: s.reader, Player: s.player, Holder: lab, Heard: func() bool { return true }, Sink: s.log.take,
		Log: slog.New(slog.DiscardHandler),
	})
	return s
}

// end waits until the replies have ended, and checks that they left nothing behind.
func (s *speaker) end(t *testing.T) {
	t.Helper()
	s.replies.Wait()
	if held := s.broker.Snapshot().Leases; len(held) != 0 {
		t.Errorf("leases held: %+v", held)
	}
	time.Sleep(time.Second)
	before := s.player.Stats().Packets
	time.Sleep(time.Second)
	if after := s.player.Stats().Packets; after != before {
		t.Errorf("%d packets were sent after the end", after-before)
	}
	if err := s.player.Close(); err != nil {
		t.Error(err)
	}
}

// heard are the clauses that were reported as audible.
func (s *speaker) heard() (n int) {
	for _, line := range s.log.lines() {
		if strings.HasPrefix(line, "audible ") {
			n++
		}
	}
	return n
}
