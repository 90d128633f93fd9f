package hearing

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sample is one sample of a model of the inbox: its value and its clocks.
type sample struct {
	value float32
	media time.Duration
}

// epoch is when the first sample of a test was captured.
func epoch() time.Time { return time.Unix(1_700_000_000, 0) }

// TestInboxAgreesWithAList: what is put comes out once, in order and with its clocks, and whole
// chunks, the oldest, are dropped and counted where there is no room.
func TestInboxAgreesWithAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.IntRange(1, 3_000).Draw(t, "room")
		b := newInbox(room)
		var model [][]sample // chunks
		var dropped uint64
		size, next, media, ended := 0, float32(0), time.Duration(0), false
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			switch rapid.IntRange(0, 20).Draw(t, "what") {
			case 0:
				b.end()
				ended = true
			case 1, 2, 3, 4, 5, 6, 7, 8:
				dst := make([]float32, rapid.IntRange(1, 700).Draw(t, "take"))
				got, over := b.take(dst)
				if len(model) == 0 {
					if got.samples != 0 || over != ended {
						t.Fatalf("an empty inbox gave %d samples, over %v", got.samples, over)
					}
					continue
				}
				n := min(len(dst), len(model[0]))
				first := model[0][0]
				if got.samples != n || over || got.media != first.media || !got.captured.Equal(epoch().Add(first.media)) {
					t.Fatalf("%d samples at %v, want %d at %v", got.samples, got.media, n, first.media)
				}
				for i, s := range model[0][:n] {
					if dst[i] != s.value {
						t.Fatalf("sample %d is %v, want %v", i, dst[i], s.value)
					}
				}
				size -= n
				if model[0] = model[0][n:]; len(model[0]) == 0 {
					model = model[1:]
				}
			default:
				many := 1
				if rapid.IntRange(0, 30).Draw(t, "burst") == 0 {
					many = 300 // more than there are places for chunks
				}
				for range many {
					pcm := make([]float32, rapid.IntRange(0, 40).Draw(t, "put")*rapid.SampledFrom([]int{1, 1, 100}).Draw(t, "times"))
					var chunk []sample
					for i := range pcm {
						next++
						pcm[i] = next
						chunk = append(chunk, sample{next, media + durationOf(int64(i))})
					}
					b.put(pcm, media, epoch().Add(media))
					media += time.Duration(len(pcm)) * 62_500 * time.Nanosecond
					if ended {
						dropped += uint64(len(pcm))
						continue
					}
					if extra := len(chunk) - room; extra > 0 {
						dropped += uint64(extra)
						chunk = chunk[extra:]
					}
					if len(chunk) == 0 {
						continue
					}
					for len(model) == inboxChunks || room-size < len(chunk) {
						dropped += uint64(len(model[0]))
						size -= len(model[0])
						model = model[1:]
					}
					model, size = append(model, chunk), size+len(chunk)
				}
			}
			if b.drops() != dropped {
				t.Fatalf("%d samples dropped, want %d", b.drops(), dropped)
			}
		}
	})
}

// TestInboxWakesItsReader once, however much was put, and at its end.
func TestInboxWakesItsReader(t *testing.T) {
	b := newInbox(100)
	woken := func() bool {
		select {
		case <-b.ready:
			return true
		default:
			return false
		}
	}
	b.put(nil, 0, epoch())
	if woken() {
		t.Error("woken for nothing")
	}
	b.put(make([]float32, 10), 0, epoch())
	b.put(make([]float32, 10), 0, epoch())
	if !woken() || woken() {
		t.Error("not woken once")
	}
	b.end()
	if !woken() {
		t.Error("not woken at the end")
	}
}

// TestTapeAgreesWithAList: a tape is a list of samples of which the beginning may be forgotten,
// never anything that is to be kept; and the clocks of a position are those of the last anchor
// before it, of the latest 64.
func TestTapeAgreesWithAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			tp      tape
			all     []float32
			anchors []anchor
			kept    int64
		)
		if _, ok := tp.next(); ok {
			t.Fatal("a time before the first anchor")
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				n := rapid.IntRange(0, 50).Draw(t, "silence")
				tp.fill(n)
				all = append(all, make([]float32, n)...)
			case 1:
				a := anchor{int64(len(all)), time.Duration(rapid.IntRange(0, 1_000_000).Draw(t, "media")) * time.Microsecond, epoch().Add(time.Duration(len(anchors)) * time.Hour)}
				tp.anchor(a.media, a.captured)
				anchors = append(anchors, a)
			case 2:
				kept = max(kept, rapid.Int64Range(0, int64(len(all))).Draw(t, "keep"))
				tp.keep(kept)
			default:
				var pcm []float32
				for range rapid.IntRange(0, 50).Draw(t, "samples") {
					pcm = append(pcm, float32(len(all)+len(pcm)+1))
				}
				tp.add(pcm)
				all = append(all, pcm...)
			}
			if tp.end() != int64(len(all)) || tp.base > kept || int64(len(tp.pcm)) > 2*(int64(len(all))-kept) && tp.base < kept-1 {
				t.Fatalf("from %d to %d of %d, keeping %d", tp.base, tp.end(), len(all), kept)
			}
			at := rapid.Int64Range(kept, int64(len(all))+20).Draw(t, "from")
			head := []float32{-1}
			if got, want := tp.copyFrom(at, head), append([]float32{-1}, all[min(at, int64(len(all))):]...); !slices.Equal(got, want) {
				t.Fatalf("from %d: %d samples, want %d", at, len(got), len(want))
			}
			if len(anchors) == 0 {
				continue
			}
			latest := anchors[max(0, len(anchors)-64):]
			want := latest[0]
			for _, a := range latest {
				if a.at <= at {
					want = a
				}
			}
			media, captured := tp.when(at)
			if shift := durationOf(at - want.at); media != want.media+shift || !captured.Equal(want.captured.Add(shift)) {
				t.Fatalf("position %d is at %v, %v, want %v, %v", at, media, captured, want.media+shift, want.captured.Add(shift))
			}
		}
	})
}

// TestTapeGivesMemoryBack after a long utterance.
func TestTapeGivesMemoryBack(t *testing.T) {
	var tp tape
	tp.fill(60 * SampleRate)
	tp.keep(30 * SampleRate)
	if got := cap(tp.pcm); got < 60*SampleRate {
		t.Errorf("%d samples while 30 s are kept", got)
	}
	tp.keep(59 * SampleRate)
	if got := cap(tp.pcm); got != 4*SampleRate || tp.end() != 60*SampleRate || tp.base != 59*SampleRate {
		t.Errorf("%d samples, from %d to %d", got, tp.base, tp.end())
	}
}

// TestInboxWakesForWhatIsWorthIt: the listener is woken when there is as much as it asked for, when
// the track ends, and when there is no room for more; not before.
func TestInboxWakesForWhatIsWorthIt(t *testing.T) {
	woken := func(b *inbox) bool {
		select {
		case <-b.ready:
			return true
		default:
			return false
		}
	}
	put := func(b *inbox, n int) bool {
		b.put(make([]float32, n), 0, epoch())
		return woken(b)
	}
	b := newInbox(4000)
	if !put(b, 1) {
		t.Error("at first every sample counts")
	}
	b.want(500)
	if put(b, 320) {
		t.Error("woken with 321 of 500 samples")
	}
	if !put(b, 179) {
		t.Error("not woken with 500 of 500")
	}
	if b.want(600); woken(b) {
		t.Error("500 of 600 are there")
	}
	if b.want(400); !woken(b) {
		t.Error("not woken although there was enough when it asked")
	}
	b.want(WindowSamples)
	b.end()
	if !woken(b) {
		t.Error("not woken at the end")
	}
	small := newInbox(600)
	small.want(WindowSamples)
	if put(small, 299); !put(small, 299) {
		t.Error("an inbox that is nearly full waits for what it has no room for")
	}
	tiny := newInbox(4000)
	tiny.want(WindowSamples)
	for i := range inboxChunks {
		if put(tiny, 1) {
			return
		}
		if i == inboxChunks-1 {
			t.Error("samples that come one by one fill all places and wake nobody")
		}
	}
}
