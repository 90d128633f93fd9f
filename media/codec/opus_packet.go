package codec

// OpusDuration returns how many samples at rate Hz a packet decodes to, 0 for a packet that is not
// valid (RFC 6716 section 3.1 and 3.2).
func OpusDuration(packet []byte, rate int) int {
	frames := opusFrames(packet)
	if frames == 0 {
		return 0
	}
	n := frames * opusFrameSamples(packet[0], rate)
	if n > rate*MaxOpusFrame/1000 {
		return 0
	}
	return n
}

// OpusIsDTX reports whether a packet carries no audio: libopus calls packets of up to two bytes not
// worth sending, and a sender in discontinuous transmission sends one of them as a sign of life.
func OpusIsDTX(packet []byte) bool { return len(packet) <= 2 }

// OpusHasFEC reports whether a packet carries a copy of the packet before it (the low bit-rate
// redundancy flag of the SILK layer, RFC 6716 section 4.2.4).
func OpusHasFEC(packet []byte) bool {
	if len(packet) < 2 || packet[0]&0x80 != 0 {
		return false // nothing inside, or CELT, which has no redundancy
	}
	frame := opusFirstFrame(packet)
	if len(frame) == 0 {
		return false
	}
	// SILK works in frames of 20 ms: one activity flag for each, then the redundancy flag; a second
	// set for stereo.
	silk := max(1, opusFrameSamples(packet[0], 1000)/20)
	if frame[0]>>(7-silk)&1 == 1 {
		return true
	}
	return packet[0]&0x04 != 0 && frame[0]>>(6-2*silk)&1 == 1
}

// opusFrames returns the number of frames in a packet.
func opusFrames(packet []byte) int {
	if len(packet) == 0 {
		return 0
	}
	switch packet[0] & 3 {
	case 0:
		return 1
	case 1, 2:
		return 2
	}
	if len(packet) < 2 {
		return 0
	}
	return int(packet[1] & 0x3f)
}

// opusFrameSamples returns the length of one frame from the configuration number, RFC 6716 table 2.
func opusFrameSamples(toc byte, rate int) int {
	config := toc >> 3
	switch {
	case config >= 16: // CELT: 2.5, 5, 10, 20 ms
		return rate << (config & 3) / 400
	case config >= 12: // hybrid: 10, 20 ms
		return rate << (config & 1) / 100
	case config&3 == 3:
		return rate * 60 / 1000
	default: // SILK: 10, 20, 40 ms
		return rate << (config & 3) / 100
	}
}

// opusFirstFrame returns the packet from its first frame on (the frame's own end does not matter
// here).
func opusFirstFrame(packet []byte) []byte {
	switch packet[0] & 3 {
	case 0, 1:
		return packet[1:]
	case 2:
		return skipOpusLength(packet[1:])
	}
	count, rest := packet[1], packet[2:]
	for count&0x40 != 0 { // padding
		if len(rest) == 0 {
			return nil
		}
		more := rest[0] == 255
		rest = rest[1:]
		if !more {
			break
		}
	}
	if count&0x80 == 0 {
		return rest
	}
	for range int(count&0x3f) - 1 {
		rest = skipOpusLength(rest)
	}
	return rest
}

// skipOpusLength steps over one frame length, RFC 6716 section 3.2.1.
func skipOpusLength(b []byte) []byte {
	switch {
	case len(b) == 0:
		return nil
	case b[0] < 252:
		return b[1:]
	case len(b) == 1:
		return nil
	}
	return b[2:]
}
