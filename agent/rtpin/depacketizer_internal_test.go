package rtpin

import (
	"bytes"
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// collector is a sink that keeps what it is given.
type collector struct {
	units [][]byte
	parts [][]int
	gaps  int
}

func (c *collector) accessUnit(u *accessUnit) {
	c.units = append(c.units, bytes.Clone(u.data))
	c.parts = append(c.parts, append([]int(nil), u.parts...))
}

func (c *collector) gap() { c.gaps++ }

// assemble gives payloads of one access unit to a new assembler.
func assemble(t *testing.T, c codec.VideoCodec, payloads ...[]byte) (*collector, error) {
	t.Helper()
	a, err := newAssembler(c)
	if err != nil {
		t.Fatal(err)
	}
	out := &collector{}
	for i, payload := range payloads {
		p := media.Packet{Seq: uint16(i), Timestamp: 1, Marker: i == len(payloads)-1, Payload: payload}
		if err := a.add(p, out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func TestDepacketizersByHand(t *testing.T) {
	for name, c := range map[string]struct {
		codec    codec.VideoCodec
		payloads [][]byte
		want     []byte
		parts    int
	}{
		"vp8 with a picture id": {codec.VP8, [][]byte{{0x90, 0x80, 0x81, 0x02, 1, 2}, {0x80, 0x80, 0x81, 0x02, 3}}, []byte{1, 2, 3}, 1},
		"vp9 in two layers": {
			codec.VP9,
			[][]byte{{0xa8, 1, 0x00, 0, 11}, {0xa4, 1, 0x00, 0, 12}, {0xac, 1, 0x02, 0, 21}},
			[]byte{11, 12, 21},
			2,
		},
		"h264 alone": {codec.H264, [][]byte{{0x67, 1}, {0x65, 0x80}}, []byte{0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 0x80}, 1},
		"h264 together": {
			codec.H264,
			[][]byte{{0x78, 0, 2, 0x67, 1, 0, 1, 0x68}},
			[]byte{0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68},
			1,
		},
		"h264 in pieces": {
			codec.H264,
			[][]byte{{0x7c, 0x85, 0x80}, {0x7c, 0x05, 2}, {0x7c, 0x45, 3}},
			[]byte{0, 0, 0, 1, 0x65, 0x80, 2, 3},
			1,
		},
		"av1 counted": {codec.AV1, [][]byte{{0x28, 2, 0x08, 7, 0x30, 8, 9}}, []byte{0x0a, 1, 7, 0x32, 2, 8, 9}, 1},
		"av1 with lengths": {
			codec.AV1,
			[][]byte{{0x08, 2, 0x08, 7, 3, 0x30, 8, 9}},
			[]byte{0x0a, 1, 7, 0x32, 2, 8, 9},
			1,
		},
		"av1 in pieces": {
			codec.AV1,
			[][]byte{{0x58, 0x30, 1}, {0xd0, 2}, {0xa0, 1, 3, 0x30, 4}},
			[]byte{0x32, 3, 1, 2, 3, 0x32, 1, 4},
			1,
		},
		"av1 with size fields and delimiters": {
			codec.AV1,
			[][]byte{{0x00, 2, 0x12, 0, 3, 0x32, 1, 5, 4, 0x36, 0x40, 1, 6, 2, 0x7a, 0}},
			[]byte{0x32, 1, 5, 0x36, 0x40, 1, 6},
			1,
		},
	} {
		out, err := assemble(t, c.codec, c.payloads...)
		if err != nil || len(out.units) != 1 {
			t.Errorf("%s: %d access units, %v", name, len(out.units), err)
			continue
		}
		if !bytes.Equal(out.units[0], c.want) || len(out.parts[0]) != c.parts {
			t.Errorf("%s: % x in %v, want % x in %d parts", name, out.units[0], out.parts[0], c.want, c.parts)
		}
	}
}

func TestDepacketizersRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		codec    codec.VideoCodec
		payloads [][]byte
	}{
		"vp8 descriptor cut off":          {codec.VP8, [][]byte{{0x10, 1}, {0x80, 0x80}}},
		"vp9 descriptor cut off":          {codec.VP9, [][]byte{{0x88, 1, 1}, {0x80, 0x80}}},
		"h264 piece without beginning":    {codec.H264, [][]byte{{0x67, 1}, {0x7c, 0x05, 2}}},
		"h264 piece without end":          {codec.H264, [][]byte{{0x7c, 0x85, 0x80}}},
		"h264 piece begun twice":          {codec.H264, [][]byte{{0x7c, 0x85, 0x80}, {0x7c, 0x85, 0x80}}},
		"h264 unit inside a piece":        {codec.H264, [][]byte{{0x7c, 0x85, 0x80}, {0x65, 1}}},
		"h264 piece without header":       {codec.H264, [][]byte{{0x67, 1}, {0x7c}}},
		"h264 aggregate too long":         {codec.H264, [][]byte{{0x78, 0, 2, 0x67, 1, 0, 9, 0x68}}},
		"h264 aggregate with half length": {codec.H264, [][]byte{{0x78, 0, 2, 0x67, 1, 0}}},
		"h264 aggregate of nothing":       {codec.H264, [][]byte{{0x78, 0, 2, 0x67, 1, 0, 0}}},
		"h264 unknown packet":             {codec.H264, [][]byte{{0x67, 1}, {0x7d, 1, 2}}},
		"av1 piece without beginning":     {codec.AV1, [][]byte{{0x18, 0x30, 1}, {0x90, 2}}},
		"av1 piece without end":           {codec.AV1, [][]byte{{0x58, 0x30, 1}}},
		"av1 piece not continued":         {codec.AV1, [][]byte{{0x58, 0x30, 1}, {0x10, 0x30, 1}}},
		"av1 element too long":            {codec.AV1, [][]byte{{0x10, 0x30, 1}, {0x00, 9, 0x30}}},
		"av1 length without end":          {codec.AV1, [][]byte{{0x10, 0x30, 1}, {0x00, 0xff, 0xff}}},
		"av1 forbidden bit":               {codec.AV1, [][]byte{{0x10, 0x30, 1}, {0x10, 0xb0, 1}}},
		"av1 header cut off":              {codec.AV1, [][]byte{{0x10, 0x30, 1}, {0x10, 0x34}}},
		"av1 size too large":              {codec.AV1, [][]byte{{0x10, 0x30, 1}, {0x10, 0x32, 9, 1}}},
	} {
		out, err := assemble(t, c.codec, c.payloads...)
		if !errors.Is(err, ErrPayload) || len(out.units) != 0 || out.gaps == 0 {
			t.Errorf("%s: %d access units, %d gaps, %v", name, len(out.units), out.gaps, err)
		}
	}
}

func TestAssemblerBoundsAccessUnits(t *testing.T) {
	a, err := newAssembler(codec.VP8)
	if err != nil {
		t.Fatal(err)
	}
	out := &collector{}
	payload := append([]byte{0x10}, make([]byte, 60000)...)
	for seq := uint16(0); ; seq++ {
		err = a.add(media.Packet{Seq: seq, Timestamp: 1, Payload: payload}, out)
		payload[0] = 0
		if err != nil {
			break
		}
		if int(seq) > MaxAccessUnit/60000+1 {
			t.Fatalf("%d packets in one access unit", seq)
		}
	}
	if !errors.Is(err, ErrTooLarge) || a.broken != 1 || a.corrupt != 1 {
		t.Errorf("%v, %d broken, %d corrupt", err, a.broken, a.corrupt)
	}
}

func TestAssemblerUnendedUnitDoesNotTakeTheNextWithIt(t *testing.T) {
	a, err := newAssembler(codec.H264)
	if err != nil {
		t.Fatal(err)
	}
	out := &collector{}
	if err := a.add(media.Packet{Seq: 1, Timestamp: 1, Payload: []byte{0x7c, 0x85, 0x80}}, out); err != nil {
		t.Fatal(err)
	}
	err = a.add(media.Packet{Seq: 2, Timestamp: 2, Marker: true, Payload: []byte{0x67, 9}}, out)
	if !errors.Is(err, ErrPayload) || len(out.units) != 1 || out.units[0][4] != 0x67 {
		t.Errorf("%v, units % x", err, out.units)
	}
}
