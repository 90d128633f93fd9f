// Package script reads, writes and replays conversations of a room as text.
//
// A script is one event a line, its time in seconds since the room opened in front, and what the
// table is to do about it below:
//
//	# Ada asks, and Iris answers.
//	0.00 seated iris
//	  → standing iris ready
//	  → state iris listening
//	1.20 typed ada "What is a fern?"
//	  → keep ada turn=1
//	  → start 1/iris for ada "What is a fern?" typed
//	  → state iris thinking
//
// Lines that begin with # and empty ones are for readers. A word is quoted, as in Go, where it is
// more than letters, digits and the signs _-./:#+@; what is often empty is written as name=value
// behind the others, and a flag by its name. A conversation begins with Begin; a line
// "policy …" changes what it names.
//
// Replay steps a table through a script and returns the differences; Rewrite writes the script anew
// with what the table does now; a Recorder writes one while a room runs. Everything is pure but for
// the reader and writer that are handed in. What people say stands in a script: it is as
// confidential as they are.
package script
