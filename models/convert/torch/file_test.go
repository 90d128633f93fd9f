package torch_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/torch"
)

func open(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func read(b []byte) (*torch.File, error) { return torch.Read(bytes.NewReader(b), int64(len(b))) }

// TestWhatPyTorchSaved is read in both forms: values, dimensions and parts of a storage; counters
// are no weights.
func TestWhatPyTorchSaved(t *testing.T) {
	for _, form := range []string{"archive.pth", "legacy.pth"} {
		data := open(t, form)
		f, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"matrix", "kernel", "half", "bfloat", "first", "last", "turned", "parameter"}; !slices.Equal(f.Names(), want) {
			t.Errorf("%s: names %v", form, f.Names())
		}
		for name, want := range map[string][]float32{
			"matrix": {0, .25, .5, .75, 1, 1.25}, "half": {.5, -2}, "bfloat": {1, -3}, "first": {0, 1, 2, 3}, "last": {4, 5, 6, 7, 8, 9}, "parameter": {1.5},
			"turned": {0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23},
		} {
			x, err := f.Tensor(name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := x.Values(bytes.NewReader(data))
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %s: %v %s", form, name, err, diff)
			}
		}
		if x, err := f.Tensor("kernel", 2, 1, 3, 4); err != nil || !slices.Equal(x.Dims, []int64{2, 1, 3, 4}) {
			t.Errorf("%s: %+v, %v", form, x, err)
		}
		if _, err := f.Tensor("kernel", 2, 1, 4, 3); !errors.Is(err, ggml.ErrShape) {
			t.Errorf("%s: other dimensions: %v", form, err)
		}
		if _, err := f.Tensor("counter"); !errors.Is(err, ggml.ErrMissing) {
			t.Errorf("%s: a counter: %v", form, err)
		}
		module, err := read(open(t, strings.Replace(form, ".", "_module.", 1)))
		if want := []string{"0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var"}; err != nil || !slices.Equal(module.Names(), want) {
			t.Errorf("%s of a module: %v, %v", form, module, err)
		}
	}
}

// TestWhatIsRefused: weights with gaps, what would have to be run, and every file that ends too
// early.
func TestWhatIsRefused(t *testing.T) {
	for name, want := range map[string]error{
		"archive_gaps.pth": ggml.ErrShape, "legacy_gaps.pth": ggml.ErrShape,
		"archive_called.pth": torch.ErrPickle, "legacy_called.pth": torch.ErrPickle,
	} {
		if _, err := read(open(t, name)); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := open(t, "legacy.pth")
	for n := range len(whole) {
		if _, err := read(whole[:n]); !errors.Is(err, ggml.ErrTruncated) && !errors.Is(err, ggml.ErrMagic) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
}

// TestStoragesThatLie have other counts than the pickle announces.
func TestStoragesThatLie(t *testing.T) {
	whole := open(t, "legacy.pth")
	six := binary.LittleEndian.AppendUint64(nil, 6) // values of the storage of "matrix"
	at := bytes.LastIndex(whole, append(six, 0, 0, 0, 0))
	if at < 0 {
		t.Fatal("the file is another one")
	}
	for _, count := range []uint64{5, 7, 1 << 62, 1 << 63} {
		bent := slices.Clone(whole)
		binary.LittleEndian.PutUint64(bent[at:], count)
		if _, err := read(bent); !errors.Is(err, ggml.ErrHeader) {
			t.Errorf("%d values: %v", count, err)
		}
	}
}

// FuzzRead: no bytes crash the reader; what it gives lies inside of the file.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"archive.pth", "legacy.pth", "legacy_gaps.pth", "archive_called.pth", "legacy_module.pth"} {
		f.Add(open(f, name))
	}
	f.Add(archived(f, "]q\x00h\x00h\x00h\x00\x87q\x01h\x01h\x01h\x01\x87."))
	f.Add(archived(f, state(entry("a", floats(), 0, 2))))
	f.Add(archived(f, copied(8, 1000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := read(data)
		if err != nil {
			return
		}
		for _, name := range file.Names() {
			x, err := file.Tensor(name)
			if err != nil || x.Offset < 0 || x.Size < 0 || x.Offset > int64(len(data))-x.Size {
				t.Fatalf("%s: %+v of %d bytes, %v", name, x, len(data), err)
			}
			if _, err := x.Values(bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
