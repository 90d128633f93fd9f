package container_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/media/container"
)

// element is one of WebM; a size below 0 is unknown.
func element(id []byte, size int, body []byte) []byte {
	out := slices.Clone(id)
	if size < 0 {
		out = append(out, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	} else {
		out = append(out, 0x40|byte(size>>8), byte(size))
	}
	return append(out, body...)
}

func sized(id, body []byte) []byte { return element(id, len(body), body) }

var (
	ebml    = []byte{0x1a, 0x45, 0xdf, 0xa3}
	segment = []byte{0x18, 0x53, 0x80, 0x67}
	tracks  = []byte{0x16, 0x54, 0xae, 0x6b}
	cluster = []byte{0x1f, 0x43, 0xb6, 0x75}
)

func simple(track byte, payload string) []byte {
	return sized([]byte{0xa3}, append([]byte{0x80 | track, 0, 0, 0x80}, payload...))
}

// recording is as MediaRecorder writes it: segment and clusters without a known end.
func recording(codec string, blocks ...[]byte) []byte {
	entry := slices.Concat(sized([]byte{0xd7}, []byte{1}), sized([]byte{0x86}, []byte(codec)))
	return slices.Concat(
		sized(ebml, sized([]byte{0x42, 0x82}, []byte("webm"))), element(segment, -1, nil), sized([]byte{0x15, 0x49, 0xa9, 0x66}, []byte("info")),
		sized(tracks, sized([]byte{0xae}, entry)), element(cluster, -1, nil), sized([]byte{0xe7}, []byte{0}), slices.Concat(blocks...),
	)
}

func page(lengths []byte, body string) []byte {
	head := append([]byte("OggS"), make([]byte, 22)...)
	binary.LittleEndian.PutUint32(head[14:], 7)
	head = append(head, byte(len(lengths)))
	return slices.Concat(head, lengths, []byte(body))
}

func TestPacketsOfWebM(t *testing.T) {
	group := sized([]byte{0xa0}, slices.Concat(sized([]byte{0xa1}, append([]byte{0x81, 0, 20, 0}, "two"...)), sized([]byte{0x9b}, []byte{20})))
	data := recording("A_OPUS", simple(1, "one"), group, simple(2, "of another track"), element(cluster, -1, nil), sized([]byte{0xe7}, []byte{1}), simple(1, "three"))
	packets(t, "whole", data, "one", "two", "three")
	packets(t, "cut off", data[:len(data)-1], "one", "two")
	packets(t, "cut off in a header", data[:len(data)-8], "one", "two")
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"another codec":       {recording("A_VORBIS", simple(1, "one")), container.ErrCodec},
		"no packet":           {recording("A_OPUS"), container.ErrBroken},
		"an empty one":        {recording("A_OPUS", simple(1, "")), container.ErrBroken},
		"several in one":      {recording("A_OPUS", sized([]byte{0xa3}, []byte{0x81, 0, 0, 0x82, 'x'})), container.ErrBroken},
		"a short block":       {recording("A_OPUS", sized([]byte{0xa3}, []byte{0x81, 0, 0})), container.ErrBroken},
		"a block without end": {recording("A_OPUS", element([]byte{0xa3}, -1, []byte{0x81, 0, 0, 0, 'x'})), container.ErrBroken},
		"its beginning only":  {ebml, container.ErrBroken},
		"nonsense":            {append(slices.Clone(ebml), 0), container.ErrBroken},
		"nothing":             {nil, container.ErrUnknown},
		"MP4":                 {[]byte("\x00\x00\x00\x20ftypiso5"), container.ErrUnknown},
	} {
		if got, err := container.Opus(c.data); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestPacketsOfOgg(t *testing.T) {
	long := string(bytes.Repeat([]byte("x"), 255)) + "yz"
	data := slices.Concat(
		page([]byte{8}, "OpusHead"), page([]byte{8}, "OpusTags"), page([]byte{3, 3, 255, 2}, "onetwo"+long),
		page([]byte{1, 255}, "s"+long[:255]), page([]byte{2, 0, 4}, "yzlast"),
	)
	packets(t, "whole", data, "one", "two", long, "s", long, "last")
	packets(t, "cut off", data[:len(data)-1], "one", "two", long, "s", long)
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"another codec": {slices.Concat(page([]byte{8}, "fishhead"), page([]byte{1}, "x"), page([]byte{1}, "x")), container.ErrCodec},
		"no packet":     {slices.Concat(page([]byte{8}, "OpusHead"), page([]byte{8}, "OpusTags")), container.ErrBroken},
		"no page":       {[]byte("OggS"), container.ErrBroken},
		"half a page":   {page([]byte{8}, "")[:27], container.ErrBroken},
	} {
		if got, err := container.Opus(c.data); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func packets(t *testing.T, what string, data []byte, want ...string) {
	t.Helper()
	got, err := container.Opus(data)
	var texts []string
	for _, p := range got {
		texts = append(texts, string(p))
	}
	if err != nil || !slices.Equal(texts, want) {
		t.Errorf("%s: %q, %v; want %q", what, texts, err, want)
	}
}

// FuzzOpus: no data bring it down; packets are not empty and no longer than the data.
func FuzzOpus(f *testing.F) {
	f.Add(recording("A_OPUS", simple(1, "one"), simple(1, "two")))
	f.Add(slices.Concat(page([]byte{8}, "OpusHead"), page([]byte{8}, "OpusTags"), page([]byte{3, 255}, "one"+string(make([]byte, 255))), page([]byte{1}, "x")))
	f.Add(ebml)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := container.Opus(data)
		if (err == nil) != (len(got) > 0) {
			t.Fatalf("%d packets, %v", len(got), err)
		}
		sum := 0
		for _, p := range got {
			sum += len(p)
			if len(p) == 0 {
				t.Fatal("an empty packet")
			}
		}
		if sum > len(data) {
			t.Fatalf("%d bytes of packets in %d", sum, len(data))
		}
	})
}
