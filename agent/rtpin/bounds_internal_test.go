package rtpin

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// heldBytes adds up every buffer that v can reach, whatever its name, so that one added later
// counts too.
func heldBytes(v reflect.Value) int {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return 0
		}
		return heldBytes(v.Elem())
	case reflect.Slice:
		n := v.Cap() * int(v.Type().Elem().Size())
		for i := range v.Len() {
			n += heldBytes(v.Index(i))
		}
		return n
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			n += heldBytes(v.Field(i))
		}
		return n
	default:
		return 0
	}
}

// hostilePayload draws a payload that gets far in the format of c: pieces that begin, go on and
// never end, aggregates, layers, and bytes that mean nothing.
func hostilePayload(t *rapid.T, c codec.VideoCodec) []byte {
	var heads [][]byte
	switch c {
	case codec.VP8:
		heads = [][]byte{{0x10}, {0x00}, {0x90, 0x80, 0x01}, {0x07}}
	case codec.VP9:
		heads = [][]byte{{0x08}, {0x00}, {0x04}, {0x0c}, {0xa8, 1, 0, 0}, {0xa4, 1, 2, 0}, {0xac, 1, 4, 0}}
	case codec.H264:
		heads = [][]byte{{0x7c, 0x85, 0x80}, {0x7c, 0x05}, {0x7c, 0x45}, {0x65, 0x80}, {0x67}, {0x78, 0, 1, 0x67, 0, 1}, {0x78}}
	case codec.AV1:
		heads = [][]byte{{0x50, 0x08}, {0x50, 0x30}, {0xd0}, {0xd0}, {0x90}, {0x00, 1, 0x08}, {0x10, 0x30}, {0x20, 1, 0x08}, {0xc0, 2}}
	}
	head := rapid.SampledFrom(heads).Draw(t, "head")
	body := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "body")
	zeros := rapid.SampledFrom([]int{0, 0, 1, 100, 700}).Draw(t, "zeros")
	if c == codec.H264 && head[0] == 0x78 { // units of one byte: what grows most
		for range zeros / 3 {
			body = append(body, 0, 1, 0x61)
		}
		return append(append([]byte(nil), head...), body...)
	}
	return append(append(append([]byte(nil), head...), body...), make([]byte, zeros)...)
}

// TestAssemblerHoldsNoMoreThanItsLimit sends any packets at all and looks, after each, at every
// byte that is held.
func TestAssemblerHoldsNoMoreThanItsLimit(t *testing.T) {
	const limit = 1500
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			full := 0
			rapid.Check(t, func(t *rapid.T) {
				a, err := newAssembler(c)
				if err != nil {
					t.Fatal(err)
				}
				a.limit = limit
				out := &collector{}
				var p media.Packet
				for range rapid.IntRange(20, 120).Draw(t, "packets") {
					what := rapid.IntRange(0, 59).Draw(t, "what")
					p.Marker = what == 57
					p.Seq++
					switch what {
					case 58:
						p.Seq++ // one is lost
					case 59:
						p.Timestamp += 3000
					}
					p.Payload = hostilePayload(t, c)
					switch err := a.add(p, out); {
					case err == nil:
					case errors.Is(err, ErrTooLarge):
						full++
					case !errors.Is(err, ErrPayload):
						t.Fatalf("undocumented error: %v", err)
					}
					if n := len(a.unit.data); n > limit {
						t.Fatalf("an access unit of %d bytes", n)
					}
					// A buffer grows by a quarter or doubles; nothing else may be held.
					if n := heldBytes(reflect.ValueOf(a)); n > 2*limit+8*2*maxParts {
						t.Fatalf("%d bytes held, limit %d", n, limit)
					}
				}
				for _, parts := range out.parts {
					if len(parts) > maxParts {
						t.Fatalf("%d parts", len(parts))
					}
				}
			})
			if full == 0 {
				t.Error("no script came to the limit")
			}
		})
	}
}

// TestGrownIsEnough compares what payloads add with what is set aside for them.
func TestGrownIsEnough(t *testing.T) {
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), rapid.MakeCheck(func(t *rapid.T) {
			d, err := newDepacketizer(c)
			if err != nil {
				t.Fatal(err)
			}
			d.begin()
			var data []byte
			for range rapid.IntRange(1, 20).Draw(t, "packets") {
				payload := hostilePayload(t, c)
				before := len(data)
				if data, _, err = d.add(data, payload); err != nil {
					return
				}
				if n := len(data) - before; n > grown(len(payload)) {
					t.Fatalf("% x adds %d bytes, %d set aside", payload, n, grown(len(payload)))
				}
			}
		}))
	}
}
