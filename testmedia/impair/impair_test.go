package impair_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/testmedia/impair"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wire keeps what comes through.
type wire struct {
	mu  sync.Mutex
	got []uint16
	at  []time.Duration
	t0  time.Time
}

// Write implements interceptor.RTPWriter.
func (w *wire) Write(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got, w.at = append(w.got, h.SequenceNumber), append(w.at, time.Since(w.t0))
	return len(payload), nil
}

// send sends n packets of 100 bytes, 20 ms apart, and waits until all have come.
func send(t *testing.T, c impair.Conditions, seed uint64, n int) (*wire, impair.Counts) {
	t.Helper()
	w := &wire{}
	var counts impair.Counts
	synctest.Test(t, func(t *testing.T) {
		link := impair.New(c, impair.Conditions{}, seed)
		w.t0 = time.Now()
		end, err := link.NewInterceptor("")
		if err != nil {
			t.Fatal(err)
		}
		info := &interceptor.StreamInfo{SSRC: 7}
		up := end.BindLocalStream(info, w)
		buf := make([]byte, 100)
		for i := range uint16(n) {
			if got, err := up.Write(&rtp.Header{SequenceNumber: i}, buf, nil); got != 100 || err != nil {
				t.Fatalf("packet %d: %d bytes, %v", i, got, err)
			}
			time.Sleep(20 * time.Millisecond)
			synctest.Wait()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		end.UnbindLocalStream(info)
		if err := end.Close(); err != nil {
			t.Error(err)
		}
		counts, _ = link.Counts()
	})
	return w, counts
}

func TestLossDropsItsShareAndTheSameOnesAgain(t *testing.T) {
	first, counts := send(t, impair.Conditions{Loss: 0.05}, 7, 10_000)
	again, _ := send(t, impair.Conditions{Loss: 0.05, Delay: time.Millisecond}, 7, 10_000)
	other, _ := send(t, impair.Conditions{Loss: 0.05}, 8, 10_000)
	lost := 10_000 - len(first.got)
	if lost < 400 || lost > 600 || counts != (impair.Counts{Packets: 10_000, Lost: uint64(lost)}) {
		t.Errorf("%d of 10000 packets dropped, want about 500: %+v", lost, counts)
	}
	if !slices.Equal(first.got, again.got) {
		t.Error("the same seed dropped other packets")
	}
	if slices.Equal(first.got, other.got) {
		t.Error("another seed dropped the same packets")
	}
	if all, _ := send(t, impair.Conditions{Loss: 1}, 1, 100); len(all.got) != 0 {
		t.Errorf("%d packets came through a link that loses all", len(all.got))
	}
	if none, _ := send(t, impair.Conditions{}, 1, 100); len(none.got) != 100 {
		t.Errorf("%d of 100 packets came through a good link", len(none.got))
	}
}

func TestJitterReordersAndBoundsTheDelay(t *testing.T) {
	c := impair.Conditions{Delay: 60 * time.Millisecond, Jitter: 50 * time.Millisecond}
	w, counts := send(t, c, 3, 1000)
	if len(w.got) != 1000 || counts.Lost != 0 {
		t.Fatalf("%d packets, %+v", len(w.got), counts)
	}
	early, late, overtook := time.Hour, time.Duration(0), uint64(0)
	for i, seq := range w.got {
		d := w.at[i] - time.Duration(seq)*20*time.Millisecond
		early, late = min(early, d), max(late, d)
		if rest := w.got[i+1:]; len(rest) > 0 && seq > slices.Min(rest) {
			overtook++
		}
	}
	if early < 10*time.Millisecond || early > 15*time.Millisecond || late > 110*time.Millisecond || late < 105*time.Millisecond {
		t.Errorf("packets came between %v and %v late", early, late)
	}
	if overtook < 100 || counts.Overtook != overtook {
		t.Errorf("%d packets came before an earlier one, counted %+v", overtook, counts)
	}
}

func TestDuplicatesArriveTwice(t *testing.T) {
	w, counts := send(t, impair.Conditions{Duplicate: 0.2}, 3, 1000)
	times := map[uint16]uint64{}
	for _, seq := range w.got {
		times[seq]++
	}
	twice := uint64(len(w.got) - len(times))
	if len(times) != 1000 || twice < 150 || twice > 250 || counts.Duplicated != twice {
		t.Errorf("%d different packets, %d twice, counted %+v", len(times), twice, counts)
	}
}

// TestASlowLinkQueuesAndThenDrops: 100 bytes each 20 ms are 40 kbit/s.
func TestASlowLinkQueuesAndThenDrops(t *testing.T) {
	w, counts := send(t, impair.Conditions{Bandwidth: 20_000}, 1, 1000)
	if got := len(w.got); got < 500 || got > 520 || counts.Full == 0 || counts.Full != counts.Lost || !slices.IsSorted(w.got) {
		t.Errorf("%d of 1000 packets came over half the bandwidth, in order %v: %+v", got, slices.IsSorted(w.got), counts)
	}
	for i, seq := range w.got {
		if d := w.at[i] - time.Duration(seq)*20*time.Millisecond; d > 240*time.Millisecond {
			t.Fatalf("packet %d waited for %v", seq, d)
		}
	}
	if w, counts := send(t, impair.Conditions{Bandwidth: 50_000, Queue: time.Millisecond}, 1, 100); len(w.got) != 100 {
		t.Errorf("a link that is fast enough lost %+v", counts)
	}
}

func TestConditionsChangeWhileItRuns(t *testing.T) {
	w := &wire{}
	link := impair.New(impair.Conditions{}, impair.Conditions{}, 1)
	end, err := link.NewInterceptor("")
	if err != nil {
		t.Fatal(err)
	}
	up := end.BindLocalStream(&interceptor.StreamInfo{}, w)
	for i, loss := range []float64{0, 1, 0} {
		link.Change(impair.Conditions{Loss: loss}, impair.Conditions{})
		if _, err := up.Write(&rtp.Header{SequenceNumber: uint16(i)}, []byte{1}, nil); err != nil { // small
			t.Fatal(err)
		}
	}
	if !slices.Equal(w.got, []uint16{0, 2}) {
		t.Errorf("came through: %v", w.got)
	}
	if err := end.Close(); err != nil {
		t.Error(err)
	}
}

// source hands out packets whose first byte is their number, and then says that it has none in
// time.
type source struct{ next, end byte }

var errTimeout = errors.New("nothing in time")

// Read implements interceptor.RTPReader.
func (s *source) Read(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	if s.next == s.end {
		return 0, nil, errTimeout
	}
	b[0] = s.next
	s.next++
	return 1, a, nil
}

func TestWhatArrivesIsDamagedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := impair.Conditions{Loss: 0.1, Duplicate: 0.1, Delay: 30 * time.Millisecond, Jitter: 30 * time.Millisecond}
		link := impair.New(impair.Conditions{}, down, 2)
		end, err := link.NewInterceptor("")
		if err != nil {
			t.Fatal(err)
		}
		from := &source{end: 200}
		reader := end.BindRemoteStream(&interceptor.StreamInfo{}, from)
		var got []byte
		var kept []interceptor.Attributes
		buf := make([]byte, 10)
		for range 300 {
			n, a, err := reader.Read(buf, interceptor.Attributes{})
			switch {
			case errors.Is(err, errTimeout):
				time.Sleep(20 * time.Millisecond)
				synctest.Wait()
			case err != nil || n != 1:
				t.Fatalf("%d bytes, %v", n, err)
			default:
				got = append(got, buf[0])
				a.Set("seen", buf[0]) // as interceptors behind it do
				kept = append(kept, a)
			}
		}
		_, counts := link.Counts()
		if counts.Packets != 200 || counts.Lost == 0 || counts.Duplicated == 0 || counts.Overtook == 0 ||
			uint64(len(got)) != counts.Packets-counts.Lost+counts.Duplicated {
			t.Errorf("%d came, %+v", len(got), counts)
		}
		for i, a := range kept {
			if a.Get("seen") != got[i] {
				t.Fatalf("packet %d has what was noted of %v", got[i], a.Get("seen"))
			}
		}
	})
}

// TestAStreamThatEndsTakesWhatIsOnItsWay: nothing is written after the end, and a second stream of
// the same number replaces the first.
func TestAStreamThatEndsTakesWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := impair.New(impair.Conditions{Delay: time.Second}, impair.Conditions{}, 1)
		end, err := link.NewInterceptor("")
		if err != nil {
			t.Fatal(err)
		}
		first, second := &wire{}, &wire{}
		info := &interceptor.StreamInfo{SSRC: 1}
		old := end.BindLocalStream(info, first)
		for _, w := range []interceptor.RTPWriter{old, end.BindLocalStream(info, second), old} {
			if _, err := w.Write(&rtp.Header{}, []byte{1}, nil); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(first.got) != 0 || len(second.got) != 1 {
			t.Errorf("%d packets of the first stream, %d of the second", len(first.got), len(second.got))
		}
		if err := errors.Join(end.Close(), end.Close()); err != nil {
			t.Error(err)
		}
	})
}
