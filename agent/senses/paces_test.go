package senses_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

// loudness takes loud windows for speech.
type loudness struct{}

func (loudness) Probability(window []float32) (float32, error) {
	for _, v := range window {
		if v > 0.1 || v < -0.1 {
			return 0.99, nil
		}
	}
	return 0, nil
}
func (loudness) Reset()       {}
func (loudness) Close() error { return nil }

// plainEars hear no words, only when somebody speaks.
type plainEars struct{}

func (plainEars) Detector() (engine.Detector, error)           { return loudness{}, nil }
func (plainEars) Interim(engine.Holder) hearing.Transcriber    { return nil }
func (plainEars) Final(engine.Holder) hearing.Transcriber      { return plainEars{} }
func (plainEars) EndOfTurn(engine.Holder) hearing.TurnDetector { return nil }
func (plainEars) Transcribe(context.Context, []float32) (hearing.Transcript, error) {
	return hearing.Transcript{Text: "one two three four", Tokens: 4, AvgLogProb: -0.1}, nil
}

// sound is the stream of a microphone: packets at the pace of speech.
type sound struct{ packets [][]byte }

func (s sound) Codec() string { return "audio/opus" }

func (s sound) Packets(ctx context.Context, packet func(*rtp.Packet, time.Time), tick func(time.Time)) error {
	for i, payload := range s.packets {
		packet(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * 960}, Payload: payload}, time.Now())
		tick(time.Now())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// hesitant is a second of sound with a pause in it, and silence behind.
func hesitant(t *testing.T, pause time.Duration) sound {
	t.Helper()
	var pcm []float32
	add := func(d time.Duration, level float64) {
		for i := range int(d * 48000 / time.Second) {
			pcm = append(pcm, float32(level*math.Sin(float64(i)/20)))
		}
	}
	add(300*time.Millisecond, 0)
	add(640*time.Millisecond, 0.5)
	add(pause, 0)
	add(640*time.Millisecond, 0.5)
	add(3*time.Second, 0)
	return sound{codectest.Opus(t, pcm, codec.OpusEncoderConfig{Bitrate: 32000})}
}

// Who was cut off in a pause is waited for, also when they publish their microphone anew; somebody
// else is not.
func TestPaceIsKnownWhenAMicrophoneIsPublishedAnew(t *testing.T) {
	speech := hesitant(t, 700*time.Millisecond)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		turns, ended := map[string]int{}, make(chan senses.Ended, 8)
		life, stop := context.WithCancel(t.Context())
		s := senses.New(life, senses.Deps{
			Ears: plainEars{}, Room: "lab", Log: slog.New(slog.DiscardHandler),
			Sink: func(_ context.Context, p senses.Percept) bool {
				switch p := p.(type) {
				case senses.Heard:
					if _, over := p.Event.(hearing.EndOfTurn); over {
						mu.Lock()
						turns[p.Ear.Track().SID]++
						mu.Unlock()
					}
				case senses.Ended:
					ended <- p
				case senses.Failed:
					t.Errorf("%+v", p)
				}
				return true
			},
		})
		for i, who := range []string{"ada", "ada", "bob"} {
			if _, err := s.Hear(senses.Track{SID: fmt.Sprint(i), Who: who}, speech); err != nil {
				t.Fatal(err)
			}
			<-ended
		}
		stop()
		s.Wait()
		if turns["0"] != 2 || turns["1"] != 1 || turns["2"] != 2 {
			t.Errorf("their turns ended %v times, want 2, 1 and 2", turns)
		}
	})
}

// Nobody is remembered for ever: the latest are.
func TestPacesAreBounded(t *testing.T) {
	p := senses.NewPaces()
	for i := range 1000 {
		p.Keep(fmt.Sprint(i), hearing.Pace{Longest: time.Duration(i)})
		p.Keep("always", hearing.Pace{Longest: time.Second, Met: true})
	}
	if got := p.Of("always"); got != (hearing.Pace{Longest: time.Second, Met: true}) {
		t.Errorf("%+v", got)
	}
	if p.Of("999").Longest != 999 || p.Of("1") != (hearing.Pace{}) || p.Len() > 256 {
		t.Errorf("%+v, %+v, %d kept", p.Of("999"), p.Of("1"), p.Len())
	}
}
