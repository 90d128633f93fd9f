package rtpin_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

const frame20 = 20 * time.Millisecond

// voice is the configuration of the packets of most tests: low enough that Opus speaks SILK and can
// carry copies.
var voice = codec.OpusEncoderConfig{Bitrate: 24000, FEC: true, ExpectedLossPercent: 20}

func newAudio(tb testing.TB, cfg rtpin.AudioConfig) (*rtpin.AudioReceiver, *recording) {
	tb.Helper()
	r, err := rtpin.NewAudioReceiver(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		for range 2 {
			if err := r.Close(); err != nil {
				tb.Error(err)
			}
		}
	})
	return r, &recording{t: tb, rate: 16000}
}

// push sends packet i of a stream that began at the epoch.
func push(tb testing.TB, r *rtpin.AudioReceiver, i int, payload []byte) time.Time {
	tb.Helper()
	at := epoch.Add(time.Duration(i) * frame20)
	if err := r.Push(packet(uint16(65500+i), uint32(0xffff0000+i*960), false, payload), at); err != nil {
		tb.Fatal(err)
	}
	return at
}

func TestAudioKeepsATone(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000*2, 48000, 440, 0.5), voice)
	r, rec := newAudio(t, rtpin.AudioConfig{})
	for i, p := range packets {
		r.Pop(push(t, r, i, p), rec.take)
	}
	if rec.frames != len(packets) || len(rec.pcm) != len(packets)*320 {
		t.Fatalf("%d frames, %d samples for %d packets", rec.frames, len(rec.pcm), len(packets))
	}
	if level := codectest.ToneLevel(rec.pcm[1600:], 16000, 440); level < 0.4 || level > 0.6 {
		t.Errorf("the tone comes out with %.3f, went in with 0.5", level)
	}
	if want := epoch.Add(99 * frame20); !rec.captured.Equal(want) {
		t.Errorf("the last frame was captured at %v, want %v", rec.captured, want)
	}
	if s := r.Stats(); s.Packets != 100 || s.Lost+s.Concealed+s.Recovered+s.Silence+s.Corrupt != 0 {
		t.Errorf("stats of a perfect link: %+v", s)
	}
}

func TestAudioWithRandomLoss(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000*20, 48000, 440, 0.5), voice)
	r, rec := newAudio(t, rtpin.AudioConfig{})
	random := rand.New(rand.NewPCG(7, 5))
	dropped := 0
	for i, p := range packets {
		last := i == len(packets)-1
		if i > 0 && !last && random.Float64() < 0.05 {
			dropped++
			continue
		}
		r.Pop(push(t, r, i, p), rec.take)
	}
	r.Pop(epoch.Add(time.Duration(len(packets))*frame20+80*time.Millisecond), rec.take)
	s := r.Stats()
	if dropped < 20 || s.Lost != uint64(dropped) {
		t.Fatalf("%d packets dropped, %d counted", dropped, s.Lost)
	}
	if s.Recovered == 0 || s.Recovered+s.Concealed != s.Lost || uint64(rec.concealed) != s.Concealed {
		t.Errorf("%d lost, %d recovered, %d concealed, %d frames marked", s.Lost, s.Recovered, s.Concealed, rec.concealed)
	}
	if s.Recovered < s.Lost*8/10 {
		t.Errorf("only %d of %d lost packets came back from the packet after them", s.Recovered, s.Lost)
	}
	if len(rec.pcm) != len(packets)*320 {
		t.Errorf("%d samples, want %d", len(rec.pcm), len(packets)*320)
	}
	for i := 1600; i+1600 <= len(rec.pcm); i += 1600 {
		if level := codectest.ToneLevel(rec.pcm[i:i+1600], 16000, 440); level < 0.25 {
			t.Errorf("at %.1f s the tone is down to %.3f", float64(i)/16000, level)
		}
	}
}

func TestAudioGapIsConcealedAndItsEndRestored(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 300, 0.5), voice)
	r, rec := newAudio(t, rtpin.AudioConfig{})
	var order []bool
	take := func(f rtpin.Frame) {
		order = append(order, f.Concealed)
		rec.take(f)
	}
	for i, p := range packets[:26] {
		if i >= 20 && i < 23 {
			continue
		}
		r.Pop(push(t, r, i, p), take)
	}
	if len(order) != 20 {
		t.Fatalf("%d frames while packets are missing, want 20", len(order))
	}
	r.Pop(epoch.Add(23*frame20+60*time.Millisecond), take)
	if len(order) != 26 {
		t.Fatalf("%d frames, want 26", len(order))
	}
	for i, concealed := range order {
		if want := i == 20 || i == 21; concealed != want {
			t.Errorf("frame %d: concealed is %v", i, concealed)
		}
	}
	if s := r.Stats(); s.Lost != 3 || s.Concealed != 2 || s.Recovered != 1 {
		t.Errorf("stats: %+v", s)
	}
}

func TestAudioReordersAndDropsCopies(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), voice)
	straight, want := newAudio(t, rtpin.AudioConfig{})
	for i, p := range packets {
		straight.Pop(push(t, straight, i, p), want.take)
	}
	r, got := newAudio(t, rtpin.AudioConfig{})
	r.Pop(push(t, r, 0, packets[0]), got.take)
	for i := 1; i+2 < len(packets); i += 3 {
		for _, k := range []int{i + 2, i, i, i + 1, i} {
			r.Pop(push(t, r, k, packets[k]), got.take)
		}
	}
	for i, v := range got.pcm {
		if v != want.pcm[i] {
			t.Fatalf("sample %d differs after reordering", i)
		}
	}
	if s := r.Stats(); s.Late != 32 || s.Lost != 0 || len(got.pcm) != 49*320 {
		t.Errorf("%d samples, want %d; %+v", len(got.pcm), 49*320, s)
	}
}

// TestAudioPauseIsSilence sends as browsers do: while nothing is said only every twentieth packet
// goes out, and the sequence numbers do not count the others.
func TestAudioPauseIsSilence(t *testing.T) {
	pcm := append(codectest.Tone(48000, 48000, 440, 0.5), make([]float32, 3*48000)...)
	pcm = append(pcm, codectest.Tone(48000, 48000, 700, 0.5)...)
	cfg := voice
	cfg.DTX = true
	r, rec := newAudio(t, rtpin.AudioConfig{})
	seq, sent, quiet := uint16(9), 0, 0
	for i, p := range codectest.Opus(t, pcm, cfg) {
		now := epoch.Add(time.Duration(i) * frame20)
		if codec.OpusIsDTX(p) {
			quiet++
		} else {
			quiet = 0
		}
		if quiet%20 <= 1 {
			if err := r.Push(packet(seq, uint32(i*960), false, p), now); err != nil {
				t.Fatal(err)
			}
			seq++
			sent++
		}
		r.Pop(now, rec.take)
		if behind := time.Duration(i)*frame20 - rec.next; behind > 160*time.Millisecond {
			t.Fatalf("at %v the listener has heard up to %v only", time.Duration(i)*frame20, rec.next)
		}
	}
	s := r.Stats()
	if sent > 180 || s.Silence < 80 {
		t.Fatalf("%d packets sent, %d frames of silence: the sender did not pause", sent, s.Silence)
	}
	if s.Lost+s.Concealed+s.Recovered != 0 || s.DTX == 0 {
		t.Errorf("a pause was counted as loss: %+v", s)
	}
	if level := media.RMS(rec.between(1500*time.Millisecond, 3900*time.Millisecond)); level > 0.01 {
		t.Errorf("the pause has a level of %.4f", level)
	}
	if level := codectest.ToneLevel(rec.between(4100*time.Millisecond, 4900*time.Millisecond), 16000, 700); level < 0.4 {
		t.Errorf("after the pause the second tone is at %.3f where it should be", level)
	}
}

func TestAudioSilenceEndsWhenTheSenderIsGone(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), voice)
	r, rec := newAudio(t, rtpin.AudioConfig{MaxSilence: time.Second})
	for i, p := range packets {
		r.Pop(push(t, r, i, p), rec.take)
	}
	for i := range 500 {
		r.Pop(epoch.Add(time.Second+time.Duration(i)*frame20), rec.take)
	}
	if s := r.Stats(); s.Silence != 50 || rec.next != 2*time.Second {
		t.Fatalf("%d frames of silence, heard up to %v", s.Silence, rec.next)
	}
	// The microphone comes back half a minute later: the track goes on at its own time, without
	// half a minute of zeros.
	before := rec.frames
	at := epoch.Add(30 * time.Second)
	if err := r.Push(packet(14, 0xffff0000+1500*960-1<<32, true, packets[49]), at); err != nil {
		t.Fatal(err)
	}
	r.Pop(at, rec.take)
	if rec.frames != before+1 || rec.next != 30*time.Second+frame20 {
		t.Errorf("%d frames, up to %v", rec.frames-before, rec.next)
	}
}

func TestAudioSurvivesASenderThatStartsOver(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), voice)
	r, rec := newAudio(t, rtpin.AudioConfig{})
	for i, p := range packets[:25] {
		r.Pop(push(t, r, i, p), rec.take)
	}
	for i, p := range packets[25:] {
		at := epoch.Add(time.Duration(25+i) * frame20)
		if err := r.Push(packet(uint16(30000+i), uint32(5000+i*960), false, p), at); err != nil {
			t.Fatal(err)
		}
		r.Pop(at, rec.take)
	}
	if s := r.Stats(); s.Restarts != 1 || s.Lost != 0 {
		t.Errorf("stats: %+v", s)
	}
	if off := rec.next - 50*frame20; off < -frame20 || off > frame20 {
		t.Errorf("heard up to %v, want about %v", rec.next, 50*frame20)
	}
}

func TestAudioCorruptPacketsAreReplaced(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), voice)
	r, rec := newAudio(t, rtpin.AudioConfig{})
	for i, p := range packets {
		if i == 20 {
			p = []byte{0xff} // announces a number of frames that it does not have
		}
		r.Pop(push(t, r, i, p), rec.take)
	}
	if s := r.Stats(); s.Corrupt != 1 || s.Recovered != 1 || s.Lost != 0 {
		t.Errorf("stats: %+v", s)
	}
	if rec.frames != len(packets) {
		t.Errorf("%d frames for %d packets", rec.frames, len(packets))
	}
}
