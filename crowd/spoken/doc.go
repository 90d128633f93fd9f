// Package spoken measures how well it is recognised who is meant by what people say aloud: labelled
// lines of package addressing are spoken by voices of a synthesiser and heard by the ears of a
// persona.
//
// In: lines, voices, ears ([Config]). Out: a [Result], a score for each set of lines and each
// voice, and every line that was decided otherwise than it is labelled.
//
// What a line goes through is what a room has: an Opus coder and packets, jitter buffer and
// decoder, voice detector, end of turn, fast and accurate ear, the latter told the personas' names,
// and then turn.Address for everything that was heard of it. No room is needed for that: sound is
// heard in media time, as fast as the machine can, and every transcript comes as late as on an idle
// one (pace.go), so that where a turn ends does not depend on how busy this one is.
//
//	spoken.go  the measurement, line by line
//	voices.go  who says them
//	clip.go    one line through the ears; pace.go its time
//	kept.go    what was heard, kept in a file: a run that was ended goes on, a second one is quick
//	score.go   what was heard becomes what would have been done; pure
//	table.go   the result as text
package spoken
