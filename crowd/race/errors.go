package race

import "errors"

var (
	// ErrConfig means that a race cannot be run as it was asked for; the text says why.
	ErrConfig = errors.New("nothing can be measured like that")
	// ErrWorker means that a worker did not do its part; what it wrote is on standard error.
	ErrWorker = errors.New("the worker failed")
	// ErrLost means that an agent did not come, or that a question was not answered as it should
	// be; the report is whole all the same.
	ErrLost = errors.New("agents or answers were lost")
)
