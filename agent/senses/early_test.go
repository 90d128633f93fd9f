package senses_test

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
	"github.com/sensory-agent/sensory-agent/media/container"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// live is a track of packets, one every 20 ms.
type live struct {
	packets [][]byte
	over    chan struct{}
}

func (l *live) Codec() string { return "audio/opus" }

func (l *live) Packets(ctx context.Context, packet func(*rtp.Packet, time.Time), tick func(time.Time)) error {
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	for i := 0; ; i++ {
		select {
		case now := <-every.C:
			if i < len(l.packets) {
				packet(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * 960}, Payload: l.packets[i]}, now)
			}
			tick(now)
		case <-l.over:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// webm is a recording as browsers make it.
func webm(packets [][]byte) []byte {
	out := []byte{0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	for _, p := range packets {
		n := len(p) + 4
		out = append(out, 0xa3, 0x40|byte(n>>8), byte(n), 0x81, 0, 0, 0x80)
		out = append(out, p...)
	}
	return out
}

// samples are 16 bits each, in two channels.
func samples(pcm []float32) (out []byte) {
	for _, x := range pcm {
		for range 2 {
			out = binary.LittleEndian.AppendUint16(out, uint16(int16(x*32767)))
		}
	}
	return out
}

// listener has an ear hear a track, and collects what it reports.
type listener struct {
	ear  *senses.Ear
	mu   sync.Mutex
	all  []senses.Percept
	news chan struct{}
}

func listen(t *testing.T, early bool, track *live) *listener {
	t.Helper()
	_, models := shared.Open(t)
	l := &listener{news: make(chan struct{}, 1)}
	life, cancel := context.WithCancel(context.Background())
	s := senses.New(life, senses.Deps{
		Ears: models, Broker: models.Machine().Broker(), Room: senses.Lab.Room, Endpoint: hearing.EndpointConfig{}, Log: slog.New(slog.DiscardHandler),
		Sound: func() bool { return false },
		Sink: func(_ context.Context, p senses.Percept) bool {
			l.mu.Lock()
			l.all = append(l.all, p)
			l.mu.Unlock()
			select {
			case l.news <- struct{}{}:
			default:
			}
			return true
		},
	})
	var err error
	if l.ear, err = s.Hear(senses.Track{Who: "ada", SID: "mic", Early: early}, track); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		s.Wait()
	})
	return l
}

// until waits for a percept.
func (l *listener) until(t *testing.T, what string, is func(senses.Percept) bool) {
	t.Helper()
	limit := time.After(patience)
	for {
		l.mu.Lock()
		all := slices.Clone(l.all)
		l.mu.Unlock()
		if slices.ContainsFunc(all, is) {
			return
		}
		select {
		case <-l.news:
		case <-limit:
			t.Fatalf("no %s: %+v", what, all)
		}
	}
}

// TestWhatWasSaidBeforeIsHeardFirst: the beginning of a sentence comes as a recording, the rest
// over the track; they are heard as one, though the recording comes late.
func TestWhatWasSaidBeforeIsHeardFirst(t *testing.T) {
	spoken, err := speech.Say(t.Context(), speech.Default, "The library is closed on Sunday afternoon.")
	if err != nil {
		t.Fatal(err)
	}
	quiet, half := make([]float32, speech.SampleRate/2), len(spoken)/2
	rest := codectest.Opus(t, slices.Concat(spoken[half:], quiet, quiet, quiet, quiet), codec.OpusEncoderConfig{Bitrate: 32000})
	before := slices.Concat(quiet, spoken[:half])
	for name, clip := range map[string]senses.Early{
		"webm":    {Data: webm(codectest.Opus(t, before, codec.OpusEncoderConfig{Bitrate: 32000})), Mime: "audio/webm;codecs=opus"},
		"samples": {Data: samples(before), Rate: "48000", Channels: "2"},
	} {
		t.Run(name, func(t *testing.T) {
			track := &live{packets: rest, over: make(chan struct{})}
			l := listen(t, true, track)
			time.Sleep(300 * time.Millisecond) // what is live comes first
			if !l.ear.Before(clip) || l.ear.Before(clip) {
				t.Fatal("the recording was not wanted, or twice")
			}
			l.until(t, "sentence", func(p senses.Percept) bool {
				h, ok := p.(senses.Heard)
				f, final := h.Event.(hearing.Final)
				return ok && final && strings.Contains(strings.ToLower(f.Text), "library is closed on sunday afternoon")
			})
			close(track.over)
			l.until(t, "end", func(p senses.Percept) bool {
				e, ok := p.(senses.Ended)
				return ok && strings.Contains(e.Summary, " ms from before connecting, ") && !strings.HasPrefix(e.Summary, "0 ms")
			})
		})
	}
}

// TestWhatWasSaidBeforeIsNotWaitedForLong: a track is heard without what was announced, when that
// does not come, or is nothing that can be heard; one that announced nothing takes nothing.
func TestWhatWasSaidBeforeIsNotWaitedForLong(t *testing.T) {
	spoken, err := speech.Say(t.Context(), speech.Default, "The library is closed on Sunday afternoon.")
	if err != nil {
		t.Fatal(err)
	}
	quiet := make([]float32, speech.SampleRate)
	packets := codectest.Opus(t, slices.Concat(spoken, quiet, quiet), codec.OpusEncoderConfig{Bitrate: 32000})
	for name, c := range map[string]struct {
		clip *senses.Early
		want error
	}{
		"nothing comes": {nil, senses.ErrEarly},
		"no recording":  {&senses.Early{Data: []byte("\x1a\x45\xdf\xa3"), Mime: "audio/webm;codecs=opus"}, container.ErrBroken},
		"MP4":           {&senses.Early{Data: []byte("\x00\x00\x00\x20ftyp"), Mime: "video/mp4"}, senses.ErrEarly},
		"no rate":       {&senses.Early{Data: []byte("xx"), Channels: "1"}, senses.ErrEarly},
		"too long":      {&senses.Early{Data: make([]byte, 2*13*8000), Rate: "8000", Channels: "1"}, senses.ErrEarly},
		"bad packets":   {&senses.Early{Data: webm([][]byte{{0xff, 0xff, 0xff}}), Mime: "audio/webm;codecs=opus"}, senses.ErrEarly},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, true, &live{packets: packets, over: make(chan struct{})})
			if c.clip != nil && !l.ear.Before(*c.clip) {
				t.Fatal("not wanted")
			}
			l.until(t, "reason", func(p senses.Percept) bool {
				f, ok := p.(senses.Failed)
				return ok && errors.Is(f.Err, c.want) && errors.Is(f.Err, senses.ErrEarly)
			})
			if l.ear.Before(senses.Early{}) {
				t.Error("it is still wanted")
			}
			l.until(t, "sentence", func(p senses.Percept) bool {
				h, _ := p.(senses.Heard)
				f, final := h.Event.(hearing.Final)
				return final && strings.Contains(strings.ToLower(f.Text), "library is closed on sunday afternoon")
			})
		})
	}
	if listen(t, false, &live{over: make(chan struct{})}).ear.Before(senses.Early{}) {
		t.Error("a track that announced nothing takes something")
	}
}
