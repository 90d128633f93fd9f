package rtpin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// TestVideoPiecesWithoutEndAreBounded begins a unit of each codec and never ends it.
func TestVideoPiecesWithoutEndAreBounded(t *testing.T) {
	const size = 1400
	for c, heads := range map[codec.VideoCodec][2][]byte{
		codec.VP8:  {{0x10}, {0x00}},
		codec.VP9:  {{0x08}, {0x00}},
		codec.H264: {{0x7c, 0x85, 0x80}, {0x7c, 0x05}},
		codec.AV1:  {{0x50, 0x30}, {0xd0}},
	} {
		t.Run(string(c), func(t *testing.T) {
			s, _ := newScreen(t, c)
			sent := 0
			for i := 0; ; i++ {
				head := heads[min(i, 1)]
				payload := append(append(make([]byte, 0, size), head...), make([]byte, size-len(head))...)
				_, err := s.Push(packet(uint16(i), 7, false, payload), epoch.Add(time.Duration(i)*time.Millisecond))
				sent += size - len(head)
				if errors.Is(err, rtpin.ErrTooLarge) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if sent > rtpin.MaxAccessUnit {
					t.Fatalf("%d bytes of one access unit were taken, at most %d may be", sent, rtpin.MaxAccessUnit)
				}
			}
			if sent < rtpin.MaxAccessUnit*9/10 {
				t.Errorf("refused after %d bytes, the limit is %d", sent, rtpin.MaxAccessUnit)
			}
			if st := s.Stats(); st.Broken != 1 || st.Corrupt != 1 || st.Units != 0 {
				t.Errorf("stats: %+v", st)
			}
			if !s.NeedKeyframe(epoch.Add(time.Hour)) {
				t.Error("no keyframe is wanted")
			}
		})
	}
}

// TestVideoLayersAreBounded sends an access unit of more spatial layers than VP9 can number.
func TestVideoLayersAreBounded(t *testing.T) {
	s, _ := newScreen(t, codec.VP9)
	for i := range 8 {
		if _, err := s.Push(packet(uint16(i), 7, false, []byte{0x0c, byte(i + 1)}), epoch); err != nil {
			t.Fatalf("layer %d: %v", i, err)
		}
	}
	if _, err := s.Push(packet(8, 7, false, []byte{0x0c, 9}), epoch); !errors.Is(err, rtpin.ErrPayload) {
		t.Errorf("a ninth layer: %v", err)
	}
	if st := s.Stats(); st.Broken != 1 || st.Corrupt != 1 || st.Units != 0 {
		t.Errorf("stats: %+v", st)
	}
}
