package hearing

import (
	"context"
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

// TestInboxAgreesWithAList: what is put comes out once, in order and with its clocks, and whole chunks, the oldest, are dropped and counted where
// there is no room.
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

// TestTapeAgreesWithAList: a tape is a list of samples of which the beginning may be forgotten, never anything that is to be kept; and the
// clocks of a position are those of the last anchor before it, of the latest 64.
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

// sunk takes every event.
func sunk(context.Context, Event) bool { return true }

// TestDefaults are those that the documentation names; what was set stays.
func TestDefaults(t *testing.T) {
	got, err := Config{VAD: nothing{}, Final: nothing{}, Sink: sunk}.withDefaults()
	if err != nil || got.Logger == nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]time.Duration{
		"prefix": {got.Prefix, 500 * time.Millisecond}, "first interim": {got.FirstInterim, 250 * time.Millisecond},
		"interims": {got.InterimEvery, 300 * time.Millisecond}, "alert first": {got.AlertFirst, 192 * time.Millisecond},
		"alert interims": {got.AlertEvery, 64 * time.Millisecond}, "soft part": {got.SoftPart, 12 * time.Second},
		"hard part": {got.HardPart, 25 * time.Second}, "timeout": {got.FinalTimeout, 20 * time.Second}, "buffer": {got.Buffer, 2 * time.Second},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %v, want %v", name, c[0], c[1])
		}
	}
	if got.QuietRMS != 1e-4 {
		t.Errorf("%v", got.QuietRMS)
	}
	set := got
	set.QuietRMS, set.Prefix, set.SoftPart, set.Buffer = -1, time.Second, set.HardPart, WindowLength // what is just allowed
	if again, err := set.withDefaults(); err != nil || again.QuietRMS != -1 || again.Prefix != time.Second ||
		again.SoftPart != set.HardPart || again.Buffer != WindowLength {
		t.Errorf("%+v, %v", again, err)
	}
	turn, err := EndpointConfig{}.withDefaults()
	want := EndpointConfig{
		Start: 0.5, Stop: 0.35, MinSpeech: 50 * time.Millisecond, Pause: 200 * time.Millisecond, CompleteSilence: 350 * time.Millisecond,
		EndSilence: 500 * time.Millisecond, MaxSilence: 3 * time.Second, MaxLength: time.Minute,
	}
	marks := []time.Duration{128 * time.Millisecond, 500 * time.Millisecond, 1200 * time.Millisecond}
	if err != nil || !slices.Equal(turn.Marks, marks) {
		t.Errorf("%v, %v", turn.Marks, err)
	}
	if turn.Marks = nil; turn.Start != want.Start || turn.Stop != want.Stop || turn.MinSpeech != want.MinSpeech || turn.Pause != want.Pause ||
		turn.CompleteSilence != want.CompleteSilence || turn.EndSilence != want.EndSilence || turn.MaxSilence != want.MaxSilence || turn.MaxLength != want.MaxLength {
		t.Errorf("%+v, want %+v", turn, want)
	}
	if low, err := (EndpointConfig{Start: 0.2}).withDefaults(); err != nil || low.Stop != 0.2 {
		t.Errorf("%+v, %v", low, err)
	}
	own := []time.Duration{5, 5, 6}
	edges := EndpointConfig{Start: 1, Stop: 1, MinSpeech: 1, Pause: 1, CompleteSilence: 1, EndSilence: 1, MaxSilence: 1, MaxLength: 1, Marks: own}
	edge, err := edges.withDefaults()
	if err != nil || !slices.Equal(edge.Marks, own) {
		t.Fatalf("what is just allowed: %+v, %v", edge, err)
	}
	if own[0] = 9; edge.Marks[0] != 5 {
		t.Error("the marks are the caller's own")
	}
}

// TestConfigsThatNothingWorksWith name what is wrong.
func TestConfigsThatNothingWorksWith(t *testing.T) {
	good, err := Config{VAD: nothing{}, Final: nothing{}, Sink: sunk}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(c *Config){
		"prefix": func(c *Config) { c.Prefix = -1 }, "first interim": func(c *Config) { c.FirstInterim = -1 },
		"interim interval": func(c *Config) { c.InterimEvery = -1 }, "alert first interim": func(c *Config) { c.AlertFirst = -1 },
		"alert interim interval": func(c *Config) { c.AlertEvery = -1 }, "soft part": func(c *Config) { c.SoftPart = -1 },
		"hard part": func(c *Config) { c.HardPart = -1 }, "final timeout": func(c *Config) { c.FinalTimeout = -1 }, "buffer": func(c *Config) { c.Buffer = -1 },
		"longer than hard part": func(c *Config) { c.SoftPart = c.HardPart + 1 }, "a sink": func(c *Config) { c.Sink = nil },
		"buffer 31.9": func(c *Config) { c.Buffer = WindowLength - 100*time.Microsecond }, "voice detector": func(c *Config) { c.VAD = nil },
		"final transcriber": func(c *Config) { c.Final = nil },
	} {
		c := good
		spoil(&c)
		if _, err := c.withDefaults(); !errorSays(err, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	turn := EndpointConfig{Start: 0.5, Stop: 0.4, MinSpeech: 1, Pause: 2, CompleteSilence: 3, EndSilence: 4, MaxSilence: 5, MaxLength: 6}
	for name, spoil := range map[string]func(c *EndpointConfig){
		"stop (-0.1)": func(c *EndpointConfig) { c.Stop = -0.1 }, "stop (0.6)": func(c *EndpointConfig) { c.Stop = 0.6 }, "start (1.1)": func(c *EndpointConfig) { c.Start = 1.1 },
		"minimum speech": func(c *EndpointConfig) { c.MinSpeech = -1 }, "pause (-1ns)": func(c *EndpointConfig) { c.Pause = -1 }, "pause (4ns)": func(c *EndpointConfig) { c.Pause = 4 },
		"complete (5ns)": func(c *EndpointConfig) { c.CompleteSilence = 5 }, "end (6ns)": func(c *EndpointConfig) { c.EndSilence = 6 }, "longest utterance 4ns": func(c *EndpointConfig) { c.MaxLength = 4 },
		"not ascending": func(c *EndpointConfig) { c.Marks = []time.Duration{1, 3, 2} },
	} {
		c := turn
		spoil(&c)
		if _, err := c.withDefaults(); !errorSays(err, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInboxWakesForWhatIsWorthIt: the listener is woken when there is as much as it asked for, when the track ends, and when there is
// no room for more; not before.
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
