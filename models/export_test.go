package models

import (
	"context"
	"io"
	"time"
)

// What tests reach.
var (
	FreeSpace      = freeSpace
	LockDir        = lockDir
	TryLockDir     = tryLockDir
	ErrLocked      = errLocked
	ConnectFailure = connectFailure
)

// StallReader returns a reader that ends its transfer, and what ends the watch.
func StallReader(r io.Reader, limit time.Duration, cancel context.CancelCauseFunc) (watched io.Reader, stop func()) {
	s := &stallReader{r: r, limit: limit, cancel: cancel}
	return s, s.stop
}
