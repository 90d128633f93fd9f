package codec

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestIsKeyframe tells access units at which decoding can start from all others, by hand.
func TestIsKeyframe(t *testing.T) {
	for c, units := range map[VideoCodec]map[string]bool{
		VP8: {
			"100200 9d012a 40003000": true, "110200 9d012a 40003000": false, "100200 9d012a 400030": false, "": false,
			"100200 9c012a 40003000": false, "100200 9d022a 40003000": false, "100200 9d012b 40003000": false,
		},
		H264: {
			"00000001 6742 00000001 68ce 00000001 6588": true, "000001 65 88": true, "000001 65": true, "000001 41 9a": false,
			"00000001 6742": false, "000001": false, "00000165": true, "0065": false, "": false, "000001 25 80": true,
			"000001 41 000001 05": true, "000001 41 000001": false, "000001 15": false,
		},
		VP9: {
			"82 498342": true, "86 00": false, "8a": false, "02": false, "c2": false, "": false, // profile 0; other, shown again, no mark
			"a2 498342": true, "a6": false, "aa": false, // profile 1
			"92 498342": true, "96": false, // profile 2
			"b1 498342": true, "b3": false, "b5": false, "b8": true, // profile 3: one bit more
		},
		AV1: {
			"0a01 00": true, "1200 0a01 00": true, "1200 3201 00 0a01 00": true, "3201 00": false, "1200": false, "": false,
			"0e00 01 00": true, "1600 00 0a01 00": true, "36": false, "3203 00 0a01 00": false, "32ffffffffffffffffff 0a": false,
			"3280 8000 0a01 00": true, "30 0a01 00": false, "3200 0a01 00": true, "32": false, "3280": false,
			"328101 0a": false,
		},
		"theora": {"80": false},
	} {
		for text, want := range units {
			if got := IsKeyframe(c, unhex(t, text)); got != want {
				t.Errorf("%s %s: %v, want %v", c, text, got, want)
			}
		}
	}
}

func TestStripTemporalDelimiters(t *testing.T) {
	for text, want := range map[string]string{
		"1200 0a0100 320105":  "0a0100 320105",
		"0a0100 1200 320105":  "0a0100 320105",
		"160000 36000105":     "36000105",
		"1200":                "",
		"":                    "",
		"1200 3209 05":        "3209 05", // damaged: what cannot be read stays as it is
		"30 05 1200":          "30 05 1200",
		"0a8100 00 1200":      "0a8100 00",
		"0a8180 00 77 1200":   "0a8180 00 77",
		"1200 36":             "36",
		"0a0100 16":           "0a0100 16",
		"3281 80 80 80 80 80": "3281 80 80 80 80 80",
	} {
		if got := stripTemporalDelimiters(unhex(t, text)); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%s: % x, want %s", text, got, want)
		}
	}
}

// TestOpusHasFEC builds packets of the SILK layer around one frame that begins with activity and
// redundancy flags, RFC 6716 sections 3.2 and 4.2.4.
func TestOpusHasFEC(t *testing.T) {
	const on20, off20 = "40", "bf" // one flag of activity, then redundancy
	for text, want := range map[string]bool{
		"08" + on20: true, "08" + off20: false, "08": false, "": false, "88" + on20: false, "f8" + on20: false,
		"00" + on20: true, "10" + "20": true, "10" + "c0": false, // 10 ms; 40 ms: two activity flags
		"18" + "10": true, "18" + "e0": false, // 60 ms: three
		"68" + on20: true, "78" + off20: false, // hybrid
		"09" + on20: true, "09" + off20: false, // two frames of equal length
		"0a" + "01" + on20: true, "0a" + "40" + off20: false, "0a": false, "0a01": false, // two frames with a length
		"0a" + "fc01" + on20: true, "0a" + "fcff" + off20: false, "0afc": false, "0afb" + on20: true,
		"0b" + "01" + on20: true, "0b" + "02" + off20: false, "0b": false, "0b01": false,
		"0b" + "82" + "01" + on20: true, "0b" + "83" + "0101" + on20: true, "0b" + "8301" + on20: false,
		"0b" + "41" + "00" + on20: true, "0b" + "41" + "02" + on20: true, "0b" + "41" + "ff00" + on20: true,
		"0b" + "41ff": false, "0b" + "41": false, "0b" + "c1" + "00" + on20: true, "0b" + "c2" + "0001" + on20: true,
		"0c" + "10": true, "0c" + "40": true, "0c" + "a0": false, "08" + "10": false, // stereo: the second channel's flags
	} {
		if got := OpusHasFEC(unhex(t, text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestOpusLongestPacket(t *testing.T) {
	for text, want := range map[string]int{"1b02": 5760, "1b03": 0, "fb06": 5760, "fb07": 0, "0b06": 5760, "e330": 5760, "e331": 0} {
		if got := OpusDuration(unhex(t, text), 48000); got != want {
			t.Errorf("%s lasts %d samples, want %d", text, got, want)
		}
	}
	for n, want := range map[int]bool{0: true, 1: true, 2: true, 3: false} {
		if got := OpusIsDTX(make([]byte, n)); got != want {
			t.Errorf("a packet of %d bytes says that nothing is to be heard: %v", n, got)
		}
	}
}

func TestClip(t *testing.T) {
	zero := float32(0)
	pcm := []float32{0.5, 1, 1.5, -1, -1.5, zero / zero, 0}
	clip(pcm)
	for i, want := range []float32{0.5, 1, 1, -1, -1, 0, 0} {
		if pcm[i] != want {
			t.Errorf("sample %d is %v, want %v", i, pcm[i], want)
		}
	}
}
