package gpu

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	manifestName    = "parts.json"
	manifestVersion = 1
	// PartBytes is the largest size of a part unless another one is asked for: what mail, chats and
	// small disks take.
	PartBytes = 60_000_000
)

// Manifest is the list of everything that was packed: parts.json beside it.
type Manifest struct {
	Version int      `json:"version"`
	Bundles []Bundle `json:"bundles"`
	// Alone are files that are not part of an archive: what unpacks the others.
	Alone []Part `json:"alone,omitempty"`
}

// Bundle is an archive (tar, compressed with gzip) that was cut into parts.
type Bundle struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"` // of all files in it, unpacked
	Parts []Part `json:"parts"`
}

// Part is one file beside the list.
type Part struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// item is a file to pack: its name in the archive, with slashes, and where it is.
type item struct{ name, path string }

// splitter writes a stream into files of bounded size.
type splitter struct {
	dir, name string
	most      int64
	file      *os.File
	sum       hash.Hash
	parts     []Part
}

// Write implements io.Writer.
func (s *splitter) Write(p []byte) (done int, err error) {
	for len(p) > 0 {
		if s.file == nil {
			if err := s.next(); err != nil {
				return done, err
			}
		}
		part := &s.parts[len(s.parts)-1]
		piece := p[:min(int64(len(p)), s.most-part.Bytes)]
		n, err := s.file.Write(piece)
		s.sum.Write(piece[:n])
		part.Bytes += int64(n)
		done, p = done+n, p[n:]
		if err != nil {
			return done, err
		}
		if part.Bytes == s.most {
			if err := s.end(); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// next begins a part.
func (s *splitter) next() (err error) {
	name := fmt.Sprintf("%s.tar.gz.%02d", s.name, len(s.parts)+1)
	if s.file, err = os.Create(filepath.Join(s.dir, name)); err != nil {
		return err
	}
	s.sum = sha256.New()
	s.parts = append(s.parts, Part{Name: name})
	return nil
}

// end finishes the part that is being written, if there is one.
func (s *splitter) end() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file, s.parts[len(s.parts)-1].SHA256 = nil, hex.EncodeToString(s.sum.Sum(nil))
	return err
}

// pack writes files as the parts of a bundle into a folder, each part of at most so many bytes.
func pack(ctx context.Context, dir, name string, items []item, most int64) (b Bundle, err error) {
	out := &splitter{dir: dir, name: name, most: most}
	zip := gzip.NewWriter(out)
	archive := tar.NewWriter(zip)
	b.Name = name
	for _, i := range items {
		n, err := add(ctx, archive, i)
		if err != nil {
			return b, errors.Join(err, out.end())
		}
		b.Bytes += n
	}
	err = errors.Join(archive.Close(), zip.Close(), out.end())
	b.Parts = out.parts
	return b, err
}

// add writes one file into an archive. Links are followed: the name stays.
func add(ctx context.Context, to *tar.Writer, i item) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	f, err := os.Open(i.path)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	header, err := tar.FileInfoHeader(info, "")
	if err != nil {
		return 0, err
	}
	header.Name, header.Uid, header.Gid, header.Uname, header.Gname = i.name, 0, 0, "", ""
	header.Format, header.AccessTime, header.ChangeTime = tar.FormatPAX, time.Time{}, time.Time{} // times to the nanosecond
	if err := to.WriteHeader(header); err != nil {
		return 0, err
	}
	return io.Copy(to, f)
}

// sumFile is the entry of a file in the list.
func sumFile(path string) (Part, error) {
	f, err := os.Open(path)
	if err != nil {
		return Part{}, err
	}
	defer f.Close() //nolint:errcheck // read only
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return Part{Name: filepath.Base(path), Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// write puts the list beside its parts, last of all: a folder with one is whole.
func (m *Manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestName), append(data, '\n'), 0o644)
}
