//go:build !linux

package models

import (
	"context"
	"math"
)

// freeSpace does not know the free space here; a full disk shows when writing.
func freeSpace(string) (int64, error) { return math.MaxInt64, nil }

// lockDir takes no lock here: run one pull at a time.
func lockDir(context.Context, string) (func(), error) { return func() {}, nil }

// tryLockDir takes no lock either.
func tryLockDir(string) (func(), error) { return func() {}, nil }
