package agent

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// Again is again, which decides whether a room is entered anew.
func Again(err error, attempts int) (time.Duration, bool) { return again(err, attempts) }

// LogRooms has what happens in rooms logged.
func LogRooms(l *Events, cfg *room.Config) { l.rooms(cfg) }

// Reopens, Jittered and Over are what halls and seats decide by.
var (
	Reopens  = reopens
	Jittered = jittered
	Over     = over
)
