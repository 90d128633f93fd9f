package media_test

import (
	"bytes"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
)

func TestRedundancyIsLaidOutAsInRFC2198(t *testing.T) {
	r := media.Redundancy{Depth: 2, PayloadType: 111}
	for i, want := range [][]byte{
		append([]byte{111}, "one"...),
		append([]byte{0xef, 0x0f, 0x00, 3, 111}, "onetwo"...),
		append([]byte{0xef, 0x1e, 0x00, 3, 0xef, 0x0f, 0x00, 3, 111}, "onetwothree"...),
		append([]byte{0xef, 0x1e, 0x00, 3, 0xef, 0x0f, 0x00, 5, 111}, "twothreefour"...),
	} {
		text := []string{"one", "two", "three", "four"}[i]
		if got := r.Pack(uint32(i)*960-960, []byte(text)); !bytes.Equal(got, want) { // the clock wraps
			t.Errorf("%s: % x, want % x", text, got, want)
		}
	}
}

// TestRedundancyLeavesOutWhatHasNoRoomInItsHeaders: long and old packets.
func TestRedundancyLeavesOutWhatHasNoRoomInItsHeaders(t *testing.T) {
	r := media.Redundancy{Depth: 1, PayloadType: 111}
	r.Pack(0, []byte("old"))
	if got := r.Pack(1<<14, []byte("new")); string(got) != "onew" {
		t.Errorf("an old packet is copied: %q", got)
	}
	if got := r.Pack(1<<14, []byte("again")); string(got) != "oagain" {
		t.Errorf("a packet of the same time is copied: %q", got)
	}
	r.Pack(1<<14+960, make([]byte, 1024))
	if got := r.Pack(1<<14+1920, []byte("x")); len(got) != 4+1+len("again")+1 {
		t.Errorf("%d bytes: a long packet is copied, or the one before it is not", len(got))
	}
	var none media.Redundancy
	none.Pack(0, []byte("a"))
	if got := none.Pack(960, []byte("b")); string(got) != "\x00b" {
		t.Errorf("without depth: %q", got)
	}
	many := media.Redundancy{Depth: 20}
	for i := range uint32(20) {
		many.Pack(i*960, []byte("z"))
	}
	if got := many.Pack(20*960, nil); len(got) != 8*5+1 {
		t.Errorf("%d bytes with eight copies", len(got))
	}
}
