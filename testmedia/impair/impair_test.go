package impair_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/testmedia/impair"
)

func TestLossDropsItsShareAndTheSameOnesAgain(t *testing.T) {
	passed := func() []uint16 {
		loss := impair.NewLoss(0.05, 7)
		link, err := loss.NewInterceptor("")
		if err != nil {
			t.Fatal(err)
		}
		var got []uint16
		w := link.BindLocalStream(nil, interceptor.RTPWriterFunc(func(h *rtp.Header, _ []byte, _ interceptor.Attributes) (int, error) {
			got = append(got, h.SequenceNumber)
			return 0, nil
		}))
		for i := range uint16(10_000) {
			if _, err := w.Write(&rtp.Header{SequenceNumber: i}, []byte{1}, nil); err != nil {
				t.Fatal(err)
			}
		}
		sent, dropped := loss.Counts()
		if sent != 10_000 || int(dropped) != 10_000-len(got) {
			t.Errorf("counted %d of %d dropped, %d passed", dropped, sent, len(got))
		}
		return got
	}
	first, second := passed(), passed()
	if n := 10_000 - len(first); n < 400 || n > 600 {
		t.Errorf("%d of 10000 packets dropped, want about 500", n)
	}
	if len(first) != len(second) {
		t.Error("the same seed dropped other packets")
	}
}

// TestLossAtItsEdges drops nothing and everything; a dropped packet counts as sent for the sender.
func TestLossAtItsEdges(t *testing.T) {
	broken := errors.New("no way out")
	for rate, want := range map[float64]uint64{0: 0, 1: 100} {
		loss := impair.NewLoss(rate, 1)
		link, err := loss.NewInterceptor("")
		if err != nil {
			t.Fatal(err)
		}
		passed := 0
		w := link.BindLocalStream(nil, interceptor.RTPWriterFunc(func(*rtp.Header, []byte, interceptor.Attributes) (int, error) {
			passed++
			return 7, broken
		}))
		for range 100 {
			n, err := w.Write(&rtp.Header{}, []byte{1, 2, 3}, nil)
			if want == 0 && (n != 7 || !errors.Is(err, broken)) || want > 0 && (n != 3 || err != nil) {
				t.Fatalf("rate %v: %d bytes, %v", rate, n, err)
			}
		}
		if sent, dropped := loss.Counts(); sent != 100 || dropped != want || uint64(passed) != 100-want {
			t.Errorf("rate %v: %d sent, %d dropped, %d passed", rate, sent, dropped, passed)
		}
	}
}

// TestLossIsSharedByConnections counts the packets of two links together, and another seed drops others.
func TestLossIsSharedByConnections(t *testing.T) {
	pattern := func(seed uint64) string {
		loss := impair.NewLoss(0.5, seed)
		var out strings.Builder
		for i := range 64 {
			link, err := loss.NewInterceptor("")
			if err != nil {
				t.Fatal(err)
			}
			got := byte('-')
			w := link.BindLocalStream(nil, interceptor.RTPWriterFunc(func(*rtp.Header, []byte, interceptor.Attributes) (int, error) {
				got = '+'
				return 1, nil
			}))
			if _, err := w.Write(&rtp.Header{SequenceNumber: uint16(i)}, []byte{1}, nil); err != nil {
				t.Fatal(err)
			}
			out.WriteByte(got)
		}
		if sent, _ := loss.Counts(); sent != 64 {
			t.Errorf("%d packets counted", sent)
		}
		return out.String()
	}
	if a, b := pattern(1), pattern(2); a == b || a != pattern(1) {
		t.Errorf("seeds 1 and 2 drop %s and %s", a, b)
	}
}
