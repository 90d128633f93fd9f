package torch_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/torch"
)

// Opcodes of a pickle that PyTorch could have written.
func integer(n int32) string { return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func global(module, name string) string { return "c" + module + "\n" + name + "\n" }

func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

func stored(class, key string, count int32) string {
	return tuple(text("storage"), global("torch", class), text(key), text("cpu"), integer(count)) + "Q"
}

// floats are a storage of two values, which archived puts beside the pickle.
func floats() string { return stored("FloatStorage", "0", 2) }

// weight is a vector of a storage; its tail is what follows sizes and strides.
func weight(storage string, sizes, strides, tail string) string {
	return global("torch._utils", "_rebuild_tensor_v2") + tuple(storage, integer(0), sizes, strides, tail) + "R"
}

func entry(name, storage string, offset, size int32) string {
	return text(name) + global("torch._utils", "_rebuild_tensor_v2") + tuple(storage, integer(offset), tuple(integer(size)), tuple(integer(1)), "\x89") + "R"
}

func state(entries string) string { return "\x80\x02}(" + entries + "u." }

// copied has one long tuple as sizes and strides of many weights.
func copied(many, long int) string {
	sizes := tuple(strings.Repeat("K\x01", long)) + "q\x00"
	entries := text("first") + sizes
	for range many {
		entries += text("a") + weight(floats(), "h\x00", "h\x00", "\x89")
	}
	return state(entries)
}

// file is an entry of an archive.
type file struct {
	name, data string
	flags      uint16
	method     uint16
}

// archive is a zip file.
func archive(tb testing.TB, files ...file) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: f.method, Flags: f.flags})
		if err == nil {
			_, err = w.Write([]byte(f.data))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// archived is one with a pickle and the storage "0", of 8 bytes.
func archived(tb testing.TB, pickle string) []byte {
	tb.Helper()
	return archive(tb, file{name: "x/data.pkl", data: pickle}, file{name: "x/data/0", data: "12345678"})
}

// TestBentPickles: each has one fault, and is read without it.
func TestBentPickles(t *testing.T) {
	good := entry("a", floats(), 0, 2)
	if f, err := read(archived(t, state(good))); err != nil || len(f.Names()) != 1 {
		t.Fatalf("without a fault: %v", err)
	}
	for name, c := range map[string]struct {
		pickle string
		want   error
	}{
		"empty":            {"", ggml.ErrTruncated},
		"no end":           {strings.TrimSuffix(state(good), "."), ggml.ErrTruncated},
		"half a text":      {"\x80\x02}(X\x20\x00\x00\x00a", ggml.ErrTruncated},
		"long text":        {"\x80\x02}(X\xff\xff\xff\xffa", torch.ErrPickle},
		"no value":         {".", torch.ErrPickle},
		"two values":       {"N" + state(good), torch.ErrPickle},
		"no mark":          {strings.Replace(state(good), "}(", "}", 1), torch.ErrPickle},
		"unknown":          {"\xff" + state(good), torch.ErrPickle},
		"protocol":         {strings.Replace(state(good), "\x80\x02", "\x80\x09", 1), torch.ErrPickle},
		"no memory":        {"}(" + text("a") + "h\x01u.", torch.ErrPickle},
		"items of nothing": {"K\x01(" + good + "u.", torch.ErrPickle},
		"half a pair":      {state(good + "N"), torch.ErrPickle},
		"no dictionary":    {"K\x01.", torch.ErrPickle},
		"long name":        {state(text("a") + global(strings.Repeat("x", 300), "y")), torch.ErrPickle},
		"no storage":       {state(text("a") + weight("N", tuple(integer(2)), tuple(integer(1)), "\x89")), torch.ErrPickle},
		"strange storage":  {state(entry("a", strings.Replace(floats(), "torch\nFloatStorage", "os\nsystem", 1), 0, 2)), torch.ErrPickle},
		"a call":           {state(text("a") + global("os", "system") + tuple(text("true")) + "R"), torch.ErrPickle},
		"itself":           {"]q\x00h\x00a.", torch.ErrPickle},
		"no weight":        {state(text("a") + "N"), torch.ErrPickle},
		"two counts":       {state(good + entry("b", stored("FloatStorage", "0", 3), 0, 3)), torch.ErrPickle},
		"two classes":      {state(good + entry("b", stored("HalfStorage", "0", 2), 0, 2)), torch.ErrPickle},
		"five axes":        {state(text("a") + weight(floats(), tuple(strings.Repeat("K\x01", 5)), tuple(strings.Repeat("K\x01", 5)), "\x89")), torch.ErrPickle},
		"one name twice":   {state(good + good), ggml.ErrDuplicate},
		"other count":      {state(entry("a", stored("FloatStorage", "0", 3), 0, 2)), ggml.ErrHeader},
		"other width":      {state(entry("a", stored("HalfStorage", "0", 2), 0, 2)), ggml.ErrHeader},
		"other counter":    {state(entry("a", stored("LongStorage", "0", 2), 0, 2)), ggml.ErrHeader},
		"no such storage":  {state(entry("a", stored("FloatStorage", "1", 2), 0, 2)), ggml.ErrMissing},
		"past the end":     {state(entry("a", floats(), 1, 2)), ggml.ErrTruncated},
	} {
		if _, err := read(archived(t, c.pickle)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOneLongTupleOfManyWeights is not copied for each of them: that would take 300 times 1.6 MB.
func TestOneLongTupleOfManyWeights(t *testing.T) {
	data := archived(t, copied(300, 100_000))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := read(data); !errors.Is(err, torch.ErrPickle) {
		t.Errorf("read as %v", err)
	}
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 64<<20 {
		t.Errorf("%d bytes were taken for %d", spent, len(data))
	}
}

// TestLongPickles are read up to 16 MiB.
func TestLongPickles(t *testing.T) {
	const more = 17 << 20
	if _, err := read(archived(t, strings.Repeat("\x80\x02", more/2)+"N.")); !errors.Is(err, torch.ErrPickle) || !strings.Contains(err.Error(), "16777216") {
		t.Errorf("%v", err)
	}
}

// TestBentArchives: what another reader of the archive could take for something else is refused.
func TestBentArchives(t *testing.T) {
	pickle, values := file{name: "x/data.pkl", data: state(entry("a", floats(), 0, 2))}, file{name: "x/data/0", data: "12345678"}
	hidden, squeezed := values, values
	hidden.flags, squeezed.method = 1, zip.Deflate
	for name, c := range map[string]struct {
		files []file
		want  error
	}{
		"as it is":        {[]file{pickle, values, {name: "x/byteorder", data: "little"}}, nil},
		"without a name":  {[]file{{name: "data.pkl", data: pickle.data}, {name: "data/0", data: values.data}}, nil},
		"other byteorder": {[]file{pickle, values, {name: "x/byteorder", data: "big"}}, torch.ErrUnsupported},
		"no byteorder":    {[]file{pickle, values, {name: "x/byteorder", data: "littlest"}}, torch.ErrUnsupported},
		"encrypted":       {[]file{pickle, hidden}, torch.ErrUnsupported},
		"compressed":      {[]file{pickle, squeezed}, torch.ErrUnsupported},
		"a storage twice": {[]file{pickle, values, values}, ggml.ErrDuplicate},
		"two pickles":     {[]file{pickle, values, {name: "y/data.pkl", data: pickle.data}}, ggml.ErrDuplicate},
		"no pickle":       {[]file{values}, ggml.ErrMissing},
	} {
		if _, err := read(archive(t, c.files...)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestErrorsAreShortAndSayWhere: what a file says is quoted in part, and places are those in the
// file.
func TestErrorsAreShortAndSayWhere(t *testing.T) {
	name := strings.Repeat("n", 1000)
	for _, pickle := range []string{
		state(entry(name, stored("FloatStorage", name, 2), 0, 2)), state(entry("a", stored(name[:200], name, 2), 0, 2)),
		state(text("a") + global(name[:200], "y") + ")R"),
	} {
		_, err := read(archived(t, pickle))
		var at *ggml.FormatError
		if !errors.As(err, &at) || len(err.Error()) > 400 {
			t.Errorf("%.500v", err)
		}
	}
	data := archived(t, "}(\xff")
	var at *ggml.FormatError
	if _, err := read(data); !errors.As(err, &at) || at.Offset != int64(bytes.Index(data, []byte("}(\xff")))+3 {
		t.Errorf("%v", err)
	}
}

// TestTheOtherOrderOfBytes is refused in the older form too.
func TestTheOtherOrderOfBytes(t *testing.T) {
	data := open(t, "legacy.pth")
	at := bytes.Index(data, []byte("little_endian"))
	said := at + bytes.IndexByte(data[at:], 0x88)
	data[said] = 0x89
	if _, err := read(data); at < 0 || !errors.Is(err, torch.ErrUnsupported) {
		t.Errorf("%v", err)
	}
}
