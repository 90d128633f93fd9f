package container

import "bytes"

// Beginnings of recordings.
const (
	ebmlMagic = "\x1a\x45\xdf\xa3"
	oggMagic  = "OggS"
)

// Opus returns the packets of a recording, which are parts of data. Errors: ErrUnknown, ErrCodec,
// ErrBroken.
func Opus(data []byte) ([][]byte, error) {
	var packets [][]byte
	var err error
	switch {
	case bytes.HasPrefix(data, []byte(ebmlMagic)):
		packets, err = webm(data)
	case bytes.HasPrefix(data, []byte(oggMagic)):
		packets, err = ogg(data)
	default:
		return nil, ErrUnknown
	}
	if err == nil && len(packets) == 0 {
		err = ErrBroken
	}
	if err != nil {
		return nil, err
	}
	return packets, nil
}
