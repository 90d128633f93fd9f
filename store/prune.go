package store

import (
	"context"
	"errors"
)

// Prune deletes all that is old of the store of a place, in pieces between which others write, and
// returns how many rows that were. Errors: those of DeleteOld, *Error.
func Prune(ctx context.Context, place string, old Old) (deleted int, err error) {
	reader, err := OpenReader(ctx, place) // makes none where there is none
	if err != nil {
		return 0, err
	}
	if err := reader.Close(); err != nil {
		return 0, err
	}
	d, err := Open(ctx, place)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	for {
		n, err := d.DeleteOld(ctx, old, defaultPiece, nil)
		deleted += n
		if err != nil || n < defaultPiece {
			return deleted, err
		}
	}
}
