package reply

import "errors"

// ErrFinished means that a reply was told to end with the clause that was being heard, and that
// there was more to say; or that nothing of it was heard yet. See [Reply.Finish].
var ErrFinished = errors.New("the answer was ended after a clause")

// ErrNoPlace means that a guess found no free place to think: others do.
var ErrNoPlace = errors.New("no place was free to think ahead")

// ErrNoPicture means that a video track is there but gave no picture in time.
var ErrNoPicture = errors.New("no picture could be decoded")
