package torch

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// littleEndian is what the entry byteorder holds; files of before PyTorch 2.1 have none.
const littleEndian = "little"

// readArchive reads a zip file with data.pkl and a file data/KEY for each storage, not compressed.
func readArchive(r io.ReaderAt, size int64) (*File, error) {
	places, folder, err := entries(r, size)
	if err != nil {
		return nil, err
	}
	if order, ok := places[path.Join(folder, "byteorder")]; ok {
		said := make([]byte, min(order.size, int64(len(littleEndian)+1)))
		if _, err := r.ReadAt(said, order.offset); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if strings.TrimSpace(string(said)) != littleEndian {
			return nil, &ggml.FormatError{Field: "byteorder", Offset: order.offset, Err: fmt.Errorf("%w: %q", ErrUnsupported, said)}
		}
	}
	found := places[path.Join(folder, "data.pkl")]
	s := ggml.NewScanner(io.NewSectionReader(r, found.offset, found.size), found.size)
	state := unpickle(s)
	if err := s.Err(); err != nil {
		var at *ggml.FormatError
		if errors.As(err, &at) {
			at.Offset += found.offset
		}
		return nil, err
	}
	data := map[string]place{}
	for name, p := range places {
		if key, ok := strings.CutPrefix(name, path.Join(folder, "data")+"/"); ok {
			data[key] = p
		}
	}
	return index(state, data)
}

// entries are the places of all files of an archive by name, and the folder of the one data.pkl.
func entries(r io.ReaderAt, size int64) (places map[string]place, folder string, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, "", err
	}
	places = map[string]place{}
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			return nil, "", err
		}
		_, twice := places[f.Name]
		pickled := path.Base(f.Name) == "data.pkl"
		switch {
		case f.Method != zip.Store || f.Flags&1 != 0:
			err = ErrUnsupported
		case twice || pickled && folder != "":
			err = ggml.ErrDuplicate
		case f.UncompressedSize64 != f.CompressedSize64:
			err = ggml.ErrHeader
		case at < 0 || at > size || f.UncompressedSize64 > uint64(size-at):
			err = ggml.ErrTruncated
		}
		if err != nil {
			return nil, "", &ggml.FormatError{Field: fmt.Sprintf("entry %.80q", f.Name), Offset: at, Err: err}
		}
		if pickled {
			folder = path.Dir(f.Name)
		}
		places[f.Name] = place{at, int64(f.UncompressedSize64)}
	}
	if folder == "" {
		return nil, "", &ggml.FormatError{Field: "data.pkl", Err: ggml.ErrMissing}
	}
	return places, folder, nil
}
