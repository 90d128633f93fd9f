package media

import "time"

// Packet is one RTP packet as far as ordering needs it.
type Packet struct {
	// Seq is the RTP sequence number.
	Seq uint16
	// Timestamp is the RTP timestamp in ticks of the codec's clock.
	Timestamp uint32
	// Marker is the RTP marker bit.
	Marker bool
	// Payload is the payload without padding. In a packet from Pop it is valid until the next Push
	// or Pop.
	Payload []byte
	// Arrived is when the packet came in.
	Arrived time.Time
	// Orientation is that of the picture which the packet is part of, where Oriented says that its
	// header has it.
	Orientation Orientation
	Oriented    bool
}

// Status says what Pop returned.
type Status uint8

const (
	// Empty means that nothing can be handed out yet.
	Empty Status = iota
	// Ready means that the next packet in order was returned.
	Ready
	// Lost means that one sequence number was given up; only Seq of the packet is set.
	Lost
)

// Verdict says what Push did with a packet.
type Verdict uint8

const (
	// Accepted means that the packet waits for its turn.
	Accepted Verdict = iota
	// Duplicate means that this sequence number is already waiting.
	Duplicate
	// Late means that the turn of this sequence number is over.
	Late
	// Held means that the sequence number is so far from the expected one that a second packet must
	// confirm it before it is believed (RFC 3550 appendix A.1). The packet itself is dropped.
	Held
	// Oversize means that the payload is above MaxPayload; it is dropped.
	Oversize
)

// MaxPayload is the largest payload that the buffer takes, in bytes. A connection reads datagrams
// of at most 1500 bytes (the receive MTU of pion), so nothing larger comes from a room; it bounds
// what a full buffer holds.
const MaxPayload = 2048

// JitterConfig configures a Jitter. The zero value is usable.
type JitterConfig struct {
	// ClockRate is the number of ticks a second of the timestamps; 0 means 48000.
	ClockRate int
	// MaxDelay is how long a packet that came in waits for missing ones before it; 0 means 60 ms,
	// three audio packets: long enough for one retransmission on a usual path, short enough for a
	// conversation.
	MaxDelay time.Duration
	// Capacity is the number of packets that can wait, rounded up to a power of two; 0 means 64.
	Capacity int
}

// JitterStats counts what happened since the buffer was made.
type JitterStats struct {
	// Received counts accepted packets, Popped those handed out again.
	Received, Popped uint64
	// Lost counts sequence numbers given up.
	Lost uint64
	// Late and Duplicates count packets dropped because their turn was over or their number was
	// already there.
	Late, Duplicates uint64
	// Reordered counts accepted packets that came after one with a higher number.
	Reordered uint64
	// Overflows counts waiting packets dropped to make room, Held and Oversize packets refused at
	// the door.
	Overflows, Held, Oversize uint64
	// Restarts counts how often the sender was found to have started over.
	Restarts uint64
	// Jitter is the interarrival jitter of RFC 3550 section 6.4.1.
	Jitter time.Duration
}
