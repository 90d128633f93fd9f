// Package container takes packets of Opus out of the two containers that browsers and SDKs record
// microphones in: WebM and Ogg.
//
// In: a whole recording, as it came over a network from anybody. Out: its packets, in order, as
// parts of it. What is no such recording is an error; one that is cut off at its end gives what is
// whole. The package is pure, keeps nothing and allocates no more than a list.
package container
