package codec

import (
	"fmt"
	"sync"

	"github.com/asticode/go-astiav"
)

// inputPadding is how many zero bytes FFmpeg's parsers may read behind a packet
// (AV_INPUT_BUFFER_PADDING_SIZE).
const inputPadding = 64

// quietFFmpeg switches FFmpeg's log off once for the process. A callback into Go is not used: the
// binding formats messages into a buffer of fixed size without a bound.
var quietFFmpeg = sync.OnceFunc(func() { astiav.SetLogLevel(astiav.LogLevelQuiet) })

// fillPacket gives packet a copy of data with the padding that FFmpeg asks for. scratch is reused
// between calls.
func fillPacket(packet *astiav.Packet, data, scratch []byte) ([]byte, error) {
	scratch = append(scratch[:0], data...)
	scratch = append(scratch, make([]byte, inputPadding)...)
	packet.Unref()
	if err := packet.FromData(scratch); err != nil {
		return scratch, fmt.Errorf("ffmpeg packet: %w", err)
	}
	packet.SetSize(len(data))
	return scratch, nil
}

// option is one entry of an FFmpeg dictionary.
type option struct{ key, value string }

// openContext opens ctx with options; an option that the codec does not know is an error, so that
// none is silently without effect.
func openContext(ctx *astiav.CodecContext, codec *astiav.Codec, options []option) error {
	dict := astiav.NewDictionary()
	defer dict.Free()
	for _, o := range options {
		if err := dict.Set(o.key, o.value, 0); err != nil {
			return fmt.Errorf("ffmpeg option %s: %w", o.key, err)
		}
	}
	if err := ctx.Open(codec, dict); err != nil {
		return fmt.Errorf("ffmpeg %s: %w", codec.Name(), err)
	}
	if left := dict.Get("", nil, astiav.NewDictionaryFlags(astiav.DictionaryFlagIgnoreSuffix)); left != nil {
		return fmt.Errorf("ffmpeg %s does not know option %s: %w", codec.Name(), left.Key(), ErrConfig)
	}
	return nil
}
