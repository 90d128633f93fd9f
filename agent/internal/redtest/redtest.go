package redtest

// PayloadType is the RTP payload type of the packets, OpusType the one of the blocks within.
const (
	PayloadType = 63
	OpusType    = 111
)

// Payload puts packet i, of 20 ms at 48 kHz as all of them, with the depth packets before it into
// one payload of RFC 2198. Packets are shorter than 1 KiB.
func Payload(packets [][]byte, i, depth int) []byte {
	var head, body []byte
	for k := max(i-depth, 0); k < i; k++ {
		word := uint32(1)<<31 | OpusType<<24 | uint32(i-k)*960<<10 | uint32(len(packets[k]))
		head = append(head, byte(word>>24), byte(word>>16), byte(word>>8), byte(word))
		body = append(body, packets[k]...)
	}
	head = append(head, OpusType)
	return append(append(head, body...), packets[i]...)
}
