package api

import (
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/sensory-agent/sensory-agent/api/sensory/v1/sensoryv1connect"
)

// Bounds of what clients can take together. A client on loopback makes some hundred calls a second
// if it hurries; a page that is open makes one or two.
const (
	callsAtOnce = 16
	// arrivingAtOnce are requests whose bodies are on their way: those that take their time hold
	// none of the places of calls.
	arrivingAtOnce = 128
	largeAtOnce    = 2 // of those whose request may be large
	// streamsAtOnce are those that go on until their caller goes. The log of events has a bound of
	// its own for who watches it.
	streamsAtOnce = 160
	callRate      = 200
	callBurst     = 400
	// Questions and messages: what a room's own limits let everybody in it write, for some rooms.
	tellRate  = 20
	tellBurst = 100
	// readLimit is for the body of a request, sendLimit for that of an answer.
	readLimit = 10 * time.Second
	sendLimit = 10 * time.Second
)

// bound is what one call may take.
type bound struct {
	bytes int           // of its request
	time  time.Duration // from its body to its answer
	tells bool          // it tells a room something
	// streams says that it ends when its caller goes: it takes none of the places of calls, but one
	// of those of streams.
	streams bool
}

const (
	usualBytes   = 1 << 20
	contextBytes = 16<<20 + 1<<20 // texts of 16 MiB, and what JSON puts around them
	usualTime    = 10 * time.Second
	spawnTime    = 2 * time.Minute // models are loaded; who leaves says its clause first
	importTime   = 2 * time.Minute // of all memories of a persona, into a database that is far away
	runTime      = 2 * time.Minute // of a turn: the floor and all answers
)

// boundOf is what a call may take, by its procedure.
func boundOf(procedure string) bound {
	b := bound{bytes: usualBytes, time: usualTime}
	switch procedure {
	case sensoryv1connect.RoomServicePublishStimulusProcedure, sensoryv1connect.ChatServiceSendChatProcedure:
		b.tells = true
	case sensoryv1connect.PersonaServiceSpawnPersonaProcedure, sensoryv1connect.PersonaServiceRemovePersonaProcedure:
		b.time = spawnTime
	case sensoryv1connect.TurnServiceCacheContextProcedure:
		b.bytes = contextBytes
	case sensoryv1connect.MemoryServiceImportMemoriesProcedure:
		b.bytes, b.time = contextBytes, importTime
	case sensoryv1connect.TurnServiceRunTurnProcedure:
		b.time, b.tells = runTime, true
	case sensoryv1connect.EventServiceWatchEventsProcedure, sensoryv1connect.EventServiceWatchLevelsProcedure:
		b.streams = true
	}
	return b
}

// gates are what clients share.
type gates struct {
	arriving, calls, large, streams chan struct{}
	all, tells                      *rate.Limiter
}

func newGates() gates {
	return gates{
		arriving: make(chan struct{}, arrivingAtOnce), calls: make(chan struct{}, callsAtOnce),
		large: make(chan struct{}, largeAtOnce), streams: make(chan struct{}, streamsAtOnce),
		all: rate.NewLimiter(callRate, callBurst), tells: rate.NewLimiter(tellRate, tellBurst),
	}
}

// often tells whether a call is one too many in this second.
func (g *gates) often(b bound, now time.Time) bool {
	return !g.all.AllowN(now, 1) || b.tells && !g.tells.AllowN(now, 1)
}

// places are those of a call that is there.
func (g *gates) places(b bound) chan struct{} {
	if b.streams {
		return g.streams
	}
	return g.calls
}

// take takes a place where one is free; leave gives it back.
func take(places chan struct{}) (leave func(), ok bool) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, true
	default:
		return nil, false
	}
}

// callName is a procedure as it is counted: Service/Call.
func callName(procedure string) string {
	return strings.TrimPrefix(procedure, "/sensory.v1.")
}
