package container

import "bytes"

// oggHeader is the length of a page's header before its lacing values.
// https://www.rfc-editor.org/rfc/rfc3533#section-6
const oggHeader = 27

// ogg takes the packets out of pages. The two in front say what it is (RFC 7845).
func ogg(data []byte) (packets [][]byte, err error) {
	var open []byte // a packet that goes on in the next page
	for number := 0; len(data) > 0; {
		if len(data) < oggHeader || !bytes.HasPrefix(data, []byte(oggMagic)) {
			return packets, broken(packets)
		}
		n := oggHeader + int(data[oggHeader-1])
		if len(data) < n {
			return packets, broken(packets)
		}
		lengths, body := data[oggHeader:n], data[n:]
		length := 0
		for _, l := range lengths {
			length += int(l)
			if length > len(body) {
				return packets, broken(packets) // cut off
			}
			if l == 255 {
				continue
			}
			packet := body[:length]
			if len(open) > 0 {
				packet, open = append(open, packet...), nil
			}
			body, length = body[length:], 0
			if number++; number == 1 && !bytes.HasPrefix(packet, []byte("OpusHead")) {
				return nil, ErrCodec
			}
			if number > 2 && len(packet) > 0 {
				packets = append(packets, packet)
			}
		}
		open = append(open, body[:length]...)
		data = body[length:]
	}
	return packets, nil
}
