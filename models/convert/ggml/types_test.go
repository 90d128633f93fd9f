package ggml_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/half"
	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// half16 appends a half precision number.
func half16(b []byte, f float32) []byte { return binary.LittleEndian.AppendUint16(b, half.From(f)) }

func TestDecodeBlocks(t *testing.T) {
	nibbles := make([]byte, 16) // value i = i, value i+16 = 15-i
	for i := range nibbles {
		nibbles[i] = byte(i | (15-i)<<4)
	}
	bytes := make([]byte, 32)
	for i := range bytes {
		bytes[i] = byte(int8(i*8 - 128))
	}
	raised := binary.LittleEndian.AppendUint32(nil, 0x0000_ffff) // fifth bit for the first half only
	for name, c := range map[string]struct {
		kind  ggml.Type
		block []byte
		value func(i int) float32
	}{
		"Q8_0": {ggml.Q8_0, append(half16(nil, 0.5), bytes...), func(i int) float32 { return float32(i*8-128) / 2 }},
		"Q4_0": {ggml.Q4_0, append(half16(nil, 2), nibbles...), func(i int) float32 {
			if i < 16 {
				return float32(i-8) * 2
			}
			return float32(15-(i-16)-8) * 2
		}},
		"Q4_1": {ggml.Q4_1, append(half16(half16(nil, 2), -3), nibbles...), func(i int) float32 {
			if i < 16 {
				return float32(i)*2 - 3
			}
			return float32(31-i)*2 - 3
		}},
		"Q5_0": {ggml.Q5_0, append(append(half16(nil, 2), raised...), nibbles...), func(i int) float32 {
			if i < 16 {
				return float32(i) * 2
			}
			return float32(31-i-16) * 2
		}},
		"Q5_1": {ggml.Q5_1, append(append(half16(half16(nil, 2), 1), raised...), nibbles...), func(i int) float32 {
			if i < 16 {
				return float32(i+16)*2 + 1
			}
			return float32(31-i)*2 + 1
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := make([]float32, 64)
			if err := c.kind.Decode(got, append(c.block, c.block...)); err != nil {
				t.Fatal(err)
			}
			for i, v := range got {
				if want := c.value(i % 32); v != want {
					t.Fatalf("value %d is %g, want %g", i, v, want)
				}
			}
		})
	}
}

func TestDecodePlain(t *testing.T) {
	got := make([]float32, 2)
	if err := ggml.F16.Decode(got, half16(half16(nil, 1.5), -4)); err != nil || got[0] != 1.5 || got[1] != -4 {
		t.Errorf("half: %v, %v", got, err)
	}
	if err := ggml.BF16.Decode(got, []byte{0x80, 0x3f, 0x00, 0xc1}); err != nil || got[0] != 1 || got[1] != -8 {
		t.Errorf("brain float: %v, %v", got, err)
	}
	if err := ggml.F32.Decode(got, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}); err != nil || got[0] != 1 || got[1] != -2 {
		t.Errorf("float: %v, %v", got, err)
	}
}

func TestDecodeErrors(t *testing.T) {
	if err := ggml.Type(77).Decode(make([]float32, 1), nil); !errors.Is(err, ggml.ErrType) {
		t.Errorf("unknown format: %v", err)
	}
	if err := ggml.Q4_1.Decode(make([]float32, 31), make([]byte, 100)); !errors.Is(err, ggml.ErrShape) {
		t.Errorf("part of a block: %v", err)
	}
	if err := ggml.F32.Decode(make([]float32, 2), make([]byte, 7)); !errors.Is(err, ggml.ErrTruncated) {
		t.Errorf("short input: %v", err)
	}
}
