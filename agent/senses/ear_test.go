package senses_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/internal/redtest"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// microphone is a track in a test: what its packets are made of and what is lost of them.
type microphone struct {
	mime  string
	red   bool // packets carry a copy of the one before
	loses func(i int) bool
}

// send returns what an ear makes of packets, and what its receiver counted.
func (m microphone) send(t *testing.T, packets [][]byte) ([]float32, rtpin.AudioStats) {
	t.Helper()
	ear, err := senses.NewPacketEar()
	if err != nil {
		t.Fatal(err)
	}
	var pcm []float32
	hear := func(f rtpin.Frame) { pcm = append(pcm, f.PCM...) }
	now := time.Unix(1000, 0)
	for i, payload := range packets {
		now = now.Add(20 * time.Millisecond)
		p := &rtp.Packet{
			Header:  rtp.Header{PayloadType: redtest.OpusType, SequenceNumber: uint16(65000 + i), Timestamp: uint32(i) * 960},
			Payload: payload,
		}
		if m.red {
			p.PayloadType, p.Payload = redtest.PayloadType, redtest.Payload(packets, i, 1)
		}
		if m.loses == nil || !m.loses(i) {
			ear.Packet(p, m.mime, now)
		}
		ear.Pop(now, hear)
	}
	ear.Pop(now.Add(60*time.Millisecond), hear)
	stats := ear.Stats()
	if err := ear.Close(); err != nil {
		t.Fatal(err)
	}
	return pcm, stats
}

// A fifth of the packets is lost, none beside another. The copies bring every sample back, so that
// the same words are heard.
func TestRedundantAudioBringsLostWordsBack(t *testing.T) {
	const said = "The library is closed on Sunday afternoon."
	quiet := make([]float32, speech.SampleRate/2)
	spoken, err := speech.Say(t.Context(), speech.Default, said)
	if err != nil {
		t.Fatal(err)
	}
	packets := codectest.Opus(t, slices.Concat(quiet, spoken, quiet), codec.OpusEncoderConfig{Bitrate: 32000})
	fifth := func(i int) bool { return i%5 == 2 && i < len(packets)-1 } // the last packet has none behind it that could carry its copy
	lost := uint64(0)
	for i := range packets {
		if fifth(i) {
			lost++
		}
	}

	whole, _ := microphone{mime: "audio/opus"}.send(t, packets)
	copied, stats := microphone{mime: "audio/red", red: true, loses: fifth}.send(t, packets)
	if stats.Redundant != lost || stats.Lost+stats.Corrupt != 0 {
		t.Errorf("%d of %d packets were lost: %+v", lost, len(packets), stats)
	}
	if !slices.Equal(copied, whole) {
		t.Errorf("%d samples, %d without loss, and not the same", len(copied), len(whole))
	}
	if _, stats := (microphone{mime: "audio/opus", loses: fifth}).send(t, packets); stats.Lost != lost {
		t.Errorf("without copies %d of %d packets are missing", stats.Lost, lost)
	}

	_, models := shared.Open(t)
	var texts []string
	for _, pcm := range [][]float32{whole, copied} {
		got, err := models.Final(senses.Lab).Transcribe(t.Context(), pcm)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, got.Text)
	}
	if texts[0] != texts[1] || !strings.Contains(strings.ToLower(texts[1]), "library is closed on sunday afternoon") {
		t.Errorf("heard %q, without loss %q", texts[1], texts[0])
	}
}

// A sender may go over to redundant audio and back within a track.
func TestEarFollowsTheCodecOfEachPacket(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), codec.OpusEncoderConfig{})
	whole, _ := microphone{mime: "audio/opus"}.send(t, packets)
	ear, err := senses.NewPacketEar()
	if err != nil {
		t.Fatal(err)
	}
	var pcm []float32
	now := time.Unix(1000, 0)
	for i, payload := range packets {
		now = now.Add(20 * time.Millisecond)
		p := &rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * 960}, Payload: payload}
		mime := "audio/opus"
		p.PayloadType = redtest.OpusType
		if i/10%2 == 1 {
			mime, p.PayloadType, p.Payload = "Audio/RED", redtest.PayloadType, redtest.Payload(packets, i, 1)
		}
		ear.Packet(p, mime, now)
		ear.Pop(now, func(f rtpin.Frame) { pcm = append(pcm, f.PCM...) })
	}
	ear.Pop(now.Add(60*time.Millisecond), func(f rtpin.Frame) { pcm = append(pcm, f.PCM...) })
	if s := ear.Stats(); s.Corrupt+s.Lost != 0 || !slices.Equal(pcm, whole) {
		t.Errorf("%d samples, want %d: %+v", len(pcm), len(whole), s)
	}
	if err := ear.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAPanicInTheDetectorIsAnError(t *testing.T) {
	var p *fence.PanicError
	if err := senses.PanicInDetector(); !errors.As(err, &p) || p.Value != "deaf" {
		t.Errorf("got %v", err)
	}
}
