package impair_test

import (
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
