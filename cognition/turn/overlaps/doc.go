// Package overlaps measures what a table makes of somebody who speaks over an answer: recorded
// overlaps, and a score.
//
// An overlap is what real ears reported of one clip, as a script of package script without effects,
// behind a line that says what it is:
//
//	overlap interruption begins=0.96 slt wait a moment.
//	1.024 voiced ada 0s
//	1.12 voiced ada 128ms
//	1.30 interim ada Wait to=1.24 sure=-0.4
//	…
//
// Kinds are interruption, by which the persona is meant and stops, and all that is to stop nobody:
// backchannel, talk (with Bob), laughter, cough and noise. begins is where the sound begins. Iris,
// a room's only persona, answers Ada at great length; Ada and Bob are there.
//
// testdata has three sets: tuned.txt and tuned1.txt are those that rules were improved on,
// heldout.txt is one of other voices, words and sounds, scored before anything was learnt from it.
// TestFiguresInterruptions and TestFiguresOverheard of package hearing record clips, and
// TestWriteOverlaps writes them.
//
// The score has, of interruptions, how many were missed: the answer went on in the end; of all
// others, how many stopped it; and of all that had the answer fall silent, how long after the first
// sound that was, in the time of the media: a network and a player come to that. The marks of these
// clips are at 128 ms of speech; a mark at 96 ms is reached 32 ms sooner.
//
// The package is pure, and has nothing but the standard library and packages turn and script.
package overlaps
