// Package agent puts a persona into a room and keeps it there ([Stay]), and many personas into
// many rooms, side by side ([Host]): each seat has a goroutine that opens the models, enters and
// stays; seats of one room share it. Beside those of a file ([Host.Apply]) there are personas
// that somebody asks for ([Host.Spawn]) and those of dispatches ([Host.Hold]).
//
// What it is made of, from the room down; nothing knows what stands above it:
//
//	room     one goroutine a room around the table of package turn; seats, listener, transcripts, records
//	lk       one participant's connection; the only package that knows LiveKit's SDK
//	senses   a track becomes percepts: decoded once, sights and transcripts
//	reply    one reply as one cancellable scope: sight, tokens, clauses, prepared speech, trace
//	engine   the machine (library, ledger, pool) and the models of a persona (ears, eyes, mind, voice)
//	rtpin    packets to frames
//	playout  PCM to paced packets
//	limits   what others may send
//	persona  what a persona is, as data
//	fence    panics end the part that they happen in
package agent
