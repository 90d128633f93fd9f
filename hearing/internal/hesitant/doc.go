// Package hesitant lets scripted speakers pause inside their sentences, as people do who think
// while they speak: what the end of a turn is measured with.
//
// In: speakers and a set of sentences. Out: sound, with the places where somebody pauses and where
// they have finished. The same seed gives the same turns.
package hesitant
