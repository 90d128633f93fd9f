// Package output stands between those who print and a reader who may not read.
//
// In: whole lines, from any goroutine. Out: the same lines, in order, written by one goroutine of
// the Queue's own. A pipe that nobody empties blocks that goroutine and nobody else: the queue is
// bounded in lines and bytes, what finds it full is dropped and counted, and once the reader takes
// lines again a notice says how many are missing, at the place where they are missing. A reader
// that has gone away ends the queue: Gone tells, and Err says why.
//
// Close writes what still waits, for as long as its context lasts. A goroutine that is stuck in a
// write cannot be ended: it is left behind then, which only the end of the process makes good.
package output
