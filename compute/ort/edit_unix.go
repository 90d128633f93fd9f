//go:build unix

package ort

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// edited maps a file with an edit behind and over it: only the pages that the edit touches are
// memory of this process. release unmaps it.
func (e *Edit) edited(model, path string) (data []byte, release func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	size := info.Size()
	if err := e.check(model, size); err != nil {
		return nil, nil, err
	}
	// Memory for file and tail first, then the file over its beginning: the rest of the file's last
	// page, and what follows, is free.
	room, err := unix.Mmap(-1, 0, int(size)+len(e.Tail), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, nil, err
	}
	release = func() error { return unix.Munmap(room) }
	if size > 0 {
		if _, err := unix.MmapPtr(int(f.Fd()), 0, unsafe.Pointer(&room[0]), uintptr(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED); err != nil {
			return nil, nil, joinClose(err, release())
		}
	}
	copy(room[e.At:], e.Over)
	copy(room[size:], e.Tail)
	return room, release, nil
}
