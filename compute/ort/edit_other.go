//go:build !unix

package ort

import "os"

// edited reads a file and edits it. release gives it back.
func (e *Edit) edited(model, path string) (data []byte, release func() error, err error) {
	data, err = os.ReadFile(path)
	if err == nil {
		err = e.check(model, int64(len(data)))
	}
	if err != nil {
		return nil, nil, err
	}
	copy(data[e.At:], e.Over)
	return append(data, e.Tail...), func() error { return nil }, nil
}
