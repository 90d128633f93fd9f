package espeak

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// header is a WAV header; the sizes are those of a stream whose length is not known.
func header(format, channels uint16, rate uint32, bits uint16) []byte {
	b := []byte("RIFF\x00\xf0\xff\x7fWAVEfmt \x10\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, format)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate*2)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, bits)
	return append(b, "data\x00\xf0\xff\x7f"...)
}

func TestReadHeader(t *testing.T) {
	good := header(1, 1, SampleRate, 16)
	if err := readHeader(bytes.NewReader(good)); err != nil {
		t.Error(err)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "cut": good[:20], "no riff": append([]byte("JUNK"), good[4:]...), "stereo": header(1, 2, SampleRate, 16),
		"rate": header(1, 1, 44100, 16), "bits": header(1, 1, SampleRate, 8), "float": header(3, 1, SampleRate, 16),
		"no format": append(append([]byte{}, good[:12]...), good[36:]...),
	} {
		if err := readHeader(bytes.NewReader(b)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add(append(header(1, 1, SampleRate, 16), 1, 2, 3))
	f.Add([]byte("RIFF....WAVEdata"))
	f.Fuzz(func(t *testing.T, data []byte) {
		samples := 0
		emitErr, readErr := pump(t.Context(), bytes.NewReader(data), func(p []float32) error {
			samples += len(p)
			for _, v := range p {
				if v < -1 || v >= 1 {
					t.Errorf("sample %v", v)
				}
			}
			return nil
		})
		if emitErr != nil || 2*samples > len(data) || (readErr != nil && samples > 0) {
			t.Errorf("%d samples of %d bytes, %v, %v", samples, len(data), emitErr, readErr)
		}
	})
}
