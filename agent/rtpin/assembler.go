package rtpin

import (
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// MaxAccessUnit is the largest access unit that is put together, in bytes, unfinished pieces
// included: a keyframe of 4K at high quality is a quarter of it.
const MaxAccessUnit = 8 << 20

// maxParts is the largest number of spatial layers in one access unit: VP9 numbers them with 3
// bits, RFC 9628 section 4.2.
const maxParts = 8

// accessUnit is everything the sender made of one picture.
type accessUnit struct {
	// data is the bitstream, valid during the call that hands it out.
	data []byte
	// parts are the ends, within data, of the pieces that the decoder takes one after the other.
	parts []int
	// timestamp is the RTP timestamp.
	timestamp uint32
	// arrived is when the first packet came.
	arrived time.Time
	// orientation is what the last packet with one said, where oriented.
	orientation media.Orientation
	oriented    bool
}

// assembler puts access units together from packets in order. A missing packet costs the access
// unit it belonged to and every one that does not begin visibly after it.
type assembler struct {
	depacketizer depacketizer
	limit        int // bytes of an access unit

	unit     accessUnit
	open     bool // unit is being filled
	skipping bool // everything with timestamp skipped belongs to a broken access unit
	skipped  uint32

	started bool
	seq     uint16

	// broken counts access units lost in part, corrupt those among them with invalid payloads.
	broken, corrupt uint64
}

func newAssembler(c codec.VideoCodec) (*assembler, error) {
	d, err := newDepacketizer(c)
	if err != nil {
		return nil, err
	}
	return &assembler{depacketizer: d, limit: MaxAccessUnit}, nil
}

// sink takes what an assembler makes.
type sink interface {
	// accessUnit is called for each complete access unit.
	accessUnit(u *accessUnit)
	// gap is called when something is missing: what follows may depend on it.
	gap()
}

// add takes the next packet. Error: ErrPayload, ErrTooLarge, and the access unit is dropped.
func (a *assembler) add(p media.Packet, out sink) error {
	gap := a.started && p.Seq != a.seq+1
	resync := gap || !a.started
	a.started, a.seq = true, p.Seq
	if gap {
		a.lose(p.Timestamp, out)
	}
	if len(p.Payload) == 0 {
		return nil // padding only
	}
	if a.skipping && p.Timestamp == a.skipped {
		return nil
	}
	var unended error
	if a.open && p.Timestamp != a.unit.timestamp {
		unended = a.finish(out) // its marker bit was never set
	}
	resync = resync || a.skipping
	a.skipping = false
	if !a.open {
		if resync && !a.depacketizer.starts(p.Payload) {
			a.skip(p.Timestamp, out)
			return unended
		}
		a.begin(p)
	}
	if err := a.fill(p, out); err != nil {
		return err
	}
	return unended
}

// lose drops the access unit a packet is missing from. ts is the timestamp of the packet after the
// gap.
func (a *assembler) lose(ts uint32, out sink) {
	if a.open {
		a.skip(a.unit.timestamp, out)
		return
	}
	out.gap()
	if a.unit.timestamp == ts && !a.skipping && len(a.unit.parts) > 0 {
		a.skipping, a.skipped = true, ts // more of an access unit that seemed complete
	}
}

// skip gives up the access unit with timestamp ts.
func (a *assembler) skip(ts uint32, out sink) {
	a.open, a.skipping, a.skipped = false, true, ts
	a.broken++
	out.gap()
}

func (a *assembler) begin(p media.Packet) {
	a.open = true
	a.unit = accessUnit{
		data: a.unit.data[:0], parts: a.unit.parts[:0], timestamp: p.Timestamp, arrived: p.Arrived,
	}
	a.depacketizer.begin()
}

func (a *assembler) fill(p media.Packet, out sink) error {
	if p.Oriented {
		a.unit.orientation, a.unit.oriented = p.Orientation, true
	}
	part, err := a.take(p.Payload)
	if err == nil && part {
		err = a.cut()
	}
	if err != nil {
		a.corrupt++
		a.skip(p.Timestamp, out)
		return err
	}
	if p.Marker {
		return a.finish(out)
	}
	return nil
}

// take appends what payload carries. What it may come to is counted before anything is kept.
func (a *assembler) take(payload []byte) (part bool, err error) {
	if len(a.unit.data)+grown(len(payload)) > a.limit {
		return false, ErrTooLarge
	}
	a.unit.data, part, err = a.depacketizer.add(a.unit.data, payload)
	return part, err
}

// grown is the most that a payload of n bytes adds to an access unit: an aggregate of H264 turns
// three bytes into five, and a start code or a size field of 4 bytes may be added to what was there
// before.
func grown(n int) int { return 2*n + 4 }

// cut ends a part at what has been appended so far. Error: ErrPayload for more parts than there are
// spatial layers.
func (a *assembler) cut() error {
	start := 0
	if n := len(a.unit.parts); n > 0 {
		start = a.unit.parts[n-1]
	}
	if len(a.unit.data) == start {
		return nil
	}
	if len(a.unit.parts) == maxParts {
		return fmt.Errorf("more than %d layers: %w", maxParts, ErrPayload)
	}
	a.unit.parts = append(a.unit.parts, len(a.unit.data))
	return nil
}

// finish hands the access unit out.
func (a *assembler) finish(out sink) error {
	a.open = false
	err := a.depacketizer.end()
	if err == nil {
		err = a.cut()
	}
	if err != nil {
		a.corrupt++
		a.skip(a.unit.timestamp, out)
		return err
	}
	if len(a.unit.parts) > 0 {
		out.accessUnit(&a.unit)
	}
	return nil
}
