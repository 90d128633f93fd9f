package ort

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// Place is where models take memory: the processor, or one device.
type Place struct {
	Provider Provider
	Device   int
}

// String returns "cpu", or for example "cuda:0".
func (p Place) String() string {
	if p.Provider == CPU {
		return p.Provider.String()
	}
	return fmt.Sprintf("%s:%d", p.Provider, p.Device)
}

// identity says whether two callers mean the same model: the same bytes with the same options. A
// file is known by path, size and time of change, with the files of external data beside it; bytes
// by their SHA-256.
type identity struct {
	path   string
	files  [3]stamp
	digest [sha256.Size]byte
	edit   [sha256.Size]byte // zero without one
	opt    Options
}

// stamp is size and time of change of a file, zero where there is none.
type stamp struct{ size, changed int64 }

func (id identity) place() Place {
	if id.opt.Provider == CPU {
		return Place{}
	}
	return Place{Provider: id.opt.Provider, Device: id.opt.DeviceID}
}

// identify returns the identity of a source and the bytes of its files.
func identify(src Source, opt Options) (identity, int64, error) {
	if err := src.check(); err != nil {
		return identity{}, 0, err
	}
	opt.Threads = opt.threads()
	id := identity{opt: opt}
	if src.Edit != nil {
		id.edit = src.Edit.digest()
	}
	if src.Path == "" {
		id.digest = sha256.Sum256(src.Bytes)
		return id, int64(len(src.Bytes)), nil
	}
	var err error
	if id.path, err = filepath.Abs(src.Path); err != nil {
		return identity{}, 0, &ModelError{Kind: ErrModelMissing, Model: src.label(), Detail: err.Error()}
	}
	var bytes int64
	for i, suffix := range []string{"", "_data", ".data"} {
		info, err := os.Stat(id.path + suffix)
		switch {
		case err == nil:
			id.files[i] = stamp{info.Size(), info.ModTime().UnixNano()}
			bytes += info.Size()
		case i == 0:
			return identity{}, 0, &ModelError{Kind: ErrModelMissing, Model: src.label(), Detail: err.Error()}
		}
	}
	return id, bytes, nil
}
