// Package race measures workers of different frameworks side by side: each takes dispatches of a
// name at a real server, in rooms with a person each who speaks, and has parts that cost nothing
// (bench/worker). What is measured is measured from outside and in the same way for all: processor
// time and memory of a worker with all its processes, joins, and what people hear.
//
// In: commands that start workers ([Contender]), how many rooms, how long ([Config]). Out: a
// [Report]: records of load, of dispatches and of dispatches that came before their worker.
//
//	race.go     what is measured, in which order
//	load.go     N rooms in which people speak
//	dispatch.go from the call to an agent that listens: dispatched, direct, and the server's part
//	direct.go   who enters without a dispatch
//	late.go     dispatches that are older than their worker
//	worker.go   the process of a worker: started, ready, ended
//	tree.go     processor time and memory of a process with all that it started
//	person.go   one person: what it says, sees and hears
//	sound.go    what was heard as sounds, and which of them answers what
//	table.go    the report as text
//
// Everybody speaks from this process, and the server is one of its own. [Run] returns when all that
// it started has ended.
package race
