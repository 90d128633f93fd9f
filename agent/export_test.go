package agent

import "time"

// Again is again, which decides whether a room is entered anew.
func Again(err error, attempts int) (time.Duration, bool) { return again(err, attempts) }
