package rtpin_test

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is when every test begins.
var epoch = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// recording gathers what an AudioReceiver emits.
type recording struct {
	t         testing.TB
	pcm       []float32
	frames    int
	concealed int
	rate      int
	next      time.Duration
	first     time.Duration
	captured  time.Time
}

// take checks that frames follow each other and keeps them.
func (r *recording) take(f rtpin.Frame) {
	r.t.Helper()
	if r.frames == 0 {
		r.first, r.next = f.MediaTime, f.MediaTime
	}
	if d := f.MediaTime - r.next; d < -time.Microsecond {
		r.t.Fatalf("frame %d at %v overlaps the one before, which ends at %v", r.frames, f.MediaTime, r.next)
	} else if d > time.Microsecond {
		r.pcm = append(r.pcm, make([]float32, int(d.Seconds()*float64(r.rate)+0.5))...)
	}
	r.next = f.MediaTime + time.Duration(len(f.PCM))*time.Second/time.Duration(r.rate)
	r.frames++
	if f.Concealed {
		r.concealed++
	}
	r.pcm = append(r.pcm, f.PCM...)
	r.captured = f.Captured
}

// between cuts out a span of media time.
func (r *recording) between(from, to time.Duration) []float32 {
	at := func(d time.Duration) int {
		return min(max(int((d-r.first).Seconds()*float64(r.rate)), 0), len(r.pcm))
	}
	return r.pcm[at(from):at(to)]
}

func packet(seq uint16, ts uint32, marker bool, payload []byte) *rtp.Packet {
	return &rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: 111, SequenceNumber: seq, Timestamp: ts, Marker: marker},
		Payload: payload,
	}
}
