package access

import (
	"io/fs"
	"os"
	"sync"
	"time"
)

// settled is how old a change of a file has to be until its time says whether there was another
// one: clocks of file systems tick up to every 2 s (FAT), most in milliseconds.
const settled = 2 * time.Second

// Rotating is a secret in a file that may be changed while it is used. Its methods are safe from
// any goroutine.
type Rotating struct {
	flag, path string

	mu   sync.Mutex
	file fs.FileInfo // as it was when it was read; nil before
	at   time.Time   // when it was read
	text string
	err  error
}

// NewRotating makes one. flag is named in errors, as SecretFile has it. Nothing is read yet.
func NewRotating(flag, path string) *Rotating { return &Rotating{flag: flag, path: path} }

// Now is the secret as the file has it now. The file is read again where it is another one, or was
// changed; most calls only look at its time. A file that cannot be read, or is empty, is an error
// for as long as it is so: what it held before is not taken for the secret any more. Errors:
// *Error.
func (r *Rotating) Now() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	file, err := os.Stat(r.path)
	if err != nil {
		r.file = nil
		return "", &Error{r.flag, err.Error()}
	}
	if r.file != nil && r.err == nil && same(r.file, file) && r.at.Sub(file.ModTime()) > settled {
		return r.text, nil
	}
	r.file, r.at = file, time.Now()
	r.text, r.err = SecretFile(r.flag, r.path)
	return r.text, r.err
}

// same tells whether two looks at a path saw one file that nobody has changed meanwhile.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
