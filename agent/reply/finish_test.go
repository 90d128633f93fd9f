package reply_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/compute"
)

const clauses = 5

// TestAReplyFinishesWithItsClause: at any time, however fast the voice is, the clause that is heard
// is heard to its last sample, nothing of the next one is, and the reply says whether there was
// more.
func TestAReplyFinishesWithItsClause(t *testing.T) {
	second := playout.SampleRate
	for name, c := range map[string]struct {
		takes   time.Duration
		rate    int
		after   time.Duration
		clauses int
		err     error
	}{
		"in the first":                      {time.Millisecond, second, 300 * time.Millisecond, 1, reply.ErrFinished},
		"at its first packet":               {time.Millisecond, second, 2 * time.Millisecond, 1, reply.ErrFinished},
		"where the next is queued":          {time.Millisecond, second, 1900 * time.Millisecond, 2, reply.ErrFinished},
		"in the middle":                     {time.Millisecond, second, 2500 * time.Millisecond, 3, reply.ErrFinished},
		"in the last":                       {time.Millisecond, second, 4500 * time.Millisecond, 5, nil},
		"when the last one drains":          {time.Millisecond, second, 4950 * time.Millisecond, 5, nil},
		"after its end":                     {time.Millisecond, second, 9 * time.Second, 5, nil},
		"while the clause is being made":    {99 * time.Millisecond, second, 330 * time.Millisecond, 1, reply.ErrFinished},
		"of a voice that cannot keep up":    {150 * time.Millisecond, second, 2 * time.Second, 2, reply.ErrFinished},
		"of a voice at another rate":        {time.Millisecond, 22050, 1500 * time.Millisecond, 2, reply.ErrFinished},
		"of a slow voice at another rate":   {99 * time.Millisecond, 16000, 1500 * time.Millisecond, 2, reply.ErrFinished},
		"at another rate, in the last one":  {time.Millisecond, 22050, 4500 * time.Millisecond, 5, nil},
		"of a slow one, in the last clause": {90 * time.Millisecond, second, 4600 * time.Millisecond, 5, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSpeaker(t)
				s.reader.takes, s.reader.rate = c.takes, c.rate
				r := s.replies.Start(question(1, "Well?"), reply.Target{})
				r.GiveFloor()
				time.Sleep(c.after)
				before := s.heard()
				r.Finish()
				r.Finish()
				s.end(t)
				r.Finish()
				if s.heard() != c.clauses || before != c.clauses {
					t.Errorf("%d clauses were reported, %d before it was to finish, want %d: %q", s.heard(), before, c.clauses, s.log.lines())
				}
				got := s.wire.samples()
				for n := range clauses {
					want := 0
					if n < c.clauses {
						want = second
					}
					if off := got[n+1] - want; off < -2 || off > 2 {
						t.Errorf("%d samples of clause %d, want %d", got[n+1], n+1, want)
					}
				}
				if len(s.log.traces()) != 1 || !errors.Is(s.log.traces()[0].Err, c.err) {
					t.Errorf("ended with %v, want %v", s.log.traces(), c.err)
				}
				// The clause that was being made is the only one that is lost.
				if s.reader.ended > c.clauses && c.takes > 50*time.Millisecond {
					t.Errorf("%d clauses were made", s.reader.ended)
				}
			})
		})
	}
}

// TestAReplyThatIsNotHeardFinishesAtOnce: whether it thinks, waits for the floor, or has it.
func TestAReplyThatIsNotHeardFinishesAtOnce(t *testing.T) {
	for name, act := range map[string]func(*speaker, *reply.Reply){
		"while it thinks": func(s *speaker, r *reply.Reply) {},
		"without the floor": func(s *speaker, r *reply.Reply) {
			close(s.mind.gate)
			synctest.Wait()
		},
		"with the floor, and no sound": func(s *speaker, r *reply.Reply) {
			s.reader.takes = time.Hour
			close(s.mind.gate)
			r.GiveFloor()
			synctest.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSpeaker(t)
				s.mind.gate = make(chan struct{})
				r := s.replies.Start(question(1, "Well?"), reply.Target{})
				synctest.Wait()
				act(s, r)
				r.Finish()
				synctest.Wait()
				if len(s.log.traces()) != 1 || !errors.Is(s.log.traces()[0].Err, reply.ErrFinished) {
					t.Errorf("ended %+v", s.log.traces())
				}
				s.end(t)
				if len(s.wire.samples()) != 0 || s.heard() != 0 {
					t.Errorf("heard %v, %q", s.wire.samples(), s.log.lines())
				}
			})
		})
	}
}

// TestFinishStopsTheThought: while a clause is heard the model still thinks. Its lease is given
// back at once, the clause is heard to its end, and the persona can answer again.
func TestFinishStopsTheThought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpeaker(t)
		s.mind.stays = true
		r := s.replies.Start(question(1, "Well?"), reply.Target{})
		r.GiveFloor()
		time.Sleep(100 * time.Millisecond)
		if len(s.broker.Snapshot().Leases) != 1 {
			t.Errorf("the model does not think: %+v", s.broker.Snapshot().Leases)
		}
		r.Finish()
		synctest.Wait()
		if held := s.broker.Snapshot().Leases; len(held) != 0 || len(s.log.traces()) != 0 {
			t.Errorf("leases held at once: %+v, ended %+v", held, s.log.traces())
		}
		s.mind.stays, s.mind.says = false, []string{"And this is another answer. "}
		next := s.replies.Start(question(2, "And now?"), reply.Target{})
		synctest.Wait()
		if held := s.broker.Snapshot().Leases; len(held) != 0 || len(s.mind.questions()) != 2 {
			t.Errorf("the next one does not think: %q, %+v", s.mind.questions(), held)
		}
		time.Sleep(2 * time.Second)
		if len(s.log.traces()) != 1 || !errors.Is(s.log.traces()[0].Err, reply.ErrFinished) || s.heard() != 1 || s.wire.samples()[1] != playout.SampleRate {
			t.Errorf("ended %+v after %q, %v", s.log.traces(), s.log.lines(), s.wire.samples())
		}
		next.GiveFloor()
		s.end(t)
		if lines := s.log.lines(); lines[len(lines)-1] != "done 2 <nil>" || !slices.Contains(lines, "audible 2 And this is another answer.") {
			t.Errorf("the next one: %q", lines)
		}
	})
}

// TestAFailureIsNotAnEnd: what breaks while a reply finishes is told; a fixed text finishes as an
// answer does; and a cancelled reply stays cancelled.
func TestAFailureIsNotAnEnd(t *testing.T) {
	broken := errors.New("torn")
	for name, c := range map[string]struct {
		prepare func(*speaker)
		then    func(*reply.Reply)
		say     bool
		want    error
	}{
		"a mind that has failed": {func(s *speaker) { s.mind.fails = broken }, (*reply.Reply).Finish, false, broken},
		"a fixed text":           {func(*speaker) {}, (*reply.Reply).Finish, true, reply.ErrFinished},
		"cancelled": {func(*speaker) {}, func(r *reply.Reply) {
			r.Finish()
			r.Cancel(broken)
		}, false, broken},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSpeaker(t)
				c.prepare(s)
				q := question(1, "Well?")
				if q.Say = c.say; c.say {
					q.Text = strings.Join(s.mind.says, "")
				}
				r := s.replies.Start(q, reply.Target{})
				r.GiveFloor()
				time.Sleep(100 * time.Millisecond)
				c.then(r)
				s.replies.Wait()
				s.player.Flush()
				s.end(t)
				if len(s.log.traces()) != 1 || !errors.Is(s.log.traces()[0].Err, c.want) {
					t.Errorf("ended %+v", s.log.traces())
				}
				if c.say && (s.heard() != 1 || s.wire.samples()[1] != playout.SampleRate) {
					t.Errorf("heard %v", s.wire.samples())
				}
			})
		})
	}
}

// TestALeaseTakenBackBeforeFinishIsTold: the thought had ended before.
func TestALeaseTakenBackBeforeFinishIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpeaker(t)
		s.mind.stays = true
		r := s.replies.Start(question(1, "Well?"), reply.Target{})
		r.GiveFloor()
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		s.broker.Revoke(s.mind.lease, "test")
		synctest.Wait()
		r.Finish()
		s.end(t)
		if err := s.log.traces()[0].Err; !errors.Is(err, compute.ErrRevoked) || s.heard() != 1 {
			t.Errorf("ended with %v after %q", err, s.log.lines())
		}
	})
}
