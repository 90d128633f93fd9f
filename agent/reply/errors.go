package reply

import "errors"

// ErrNoPicture means that a video track is there but gave no picture in time.
var ErrNoPicture = errors.New("no picture could be decoded")
