// Package persona says what a persona is and which rooms it sits in: data, as a file or a call
// gives it. It is pure. People of a room must be able to call its personas apart: by package turn.
//
// A Persona is a definition; a persona in a room is a seat (package agent/room). A Set is
// everything that one process serves. Check names every mistake in a set, each with the field that
// it is in. Diff says what has to happen when one set follows another: which rooms open and close,
// and who takes and leaves a seat. What is the same in both is not touched.
package persona
