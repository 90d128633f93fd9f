// Package floor measures from outside how personas of one room take turns at being audible: whether
// two are heard at once, how long it is quiet between two of them, how fast they are silent when a
// person speaks, and whether each gets its share.
//
// In: canned models (a [Config]), so that only the way of a room is measured: a real LiveKit
// server, connections, codecs, voice detector, turns and floor. Two people speak and type, and one
// of them listens: what is measured is what arrives there, track by track, and when. Out: a
// [Result].
//
//	script.go  what is asked in which turn; pure
//	floor.go   the measurement, step by step; stage.go the room and who is in it
//	ask.go     one turn
//	watch.go   what the room reports meanwhile
//	heard.go   what is heard becomes spans of sound; pure
//	score.go   spans and turns become figures; pure
//	table.go   the result as text
package floor
