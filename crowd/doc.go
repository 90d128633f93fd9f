// Package crowd measures what rooms cost: rooms with one persona and one scripted human each, or
// one room with several personas. All personas are in this process, all humans in another one, and
// the server is a third.
//
// In: models and how many rooms ([Config]). Out: a [Record]: cores and memory of this process,
// the time from the end of a human's speech to the first packet of the answer at its ear and what
// that is made of, and every turn that was lost or answered wrong, by name. [Table] shows records.
//
//	bench.go     one measurement, step by step
//	rooms.go     the personas' rooms in this process
//	process.go   the process of the humans, as this one sees it: started, asked to stop, ended
//	humans.go    the humans inside their process: [Humans]
//	speaker.go   one of them: what it says and shows
//	askings.go   which answer belongs to which question, and whether it is the right one
//	panel.go     several personas in one room whom nobody calls: hearing and seeing for all of them
//	second.go    a second persona with another voice, and the memory that it takes
//	record.go    what was measured, and what of it is a failure
//	memory.go    memory of this process; processor.go: processor time of all three
//	table.go     records as text
//
// [Run] returns when everything that it started has ended. The process of the humans ends with its
// standard input, and so with this one whatever becomes of it.
package crowd
