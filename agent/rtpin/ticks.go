package rtpin

import "time"

// opusClock is the RTP clock of Opus, whatever rate the sender encodes from (RFC 7587 section 4.1).
const opusClock = 48000

// frameTicks is the length of an emitted frame, 20 ms.
const frameTicks = opusClock / 50

func toTicks(d time.Duration) int64 { return int64(d/time.Microsecond) * opusClock / 1e6 }

func toDuration(ticks int64) time.Duration {
	return time.Duration(ticks/opusClock)*time.Second + time.Duration(ticks%opusClock)*time.Second/opusClock
}
