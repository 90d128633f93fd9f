// Package ending turns signals into the end of a program.
//
// In: signals of the operating system. Out: a context that the first of them ends, and with it
// everything that works under it; and, where that does not end the program, a call of Exit: at once
// for a second signal, and when the orderly end has taken longer than its limit. What still ran
// then is named (Goroutines), since nobody will be able to ask any more.
//
// The codes: a program that a signal ended before its work was done ends with 128 + the signal's
// number, as a shell would report it; a second signal does so at once. CodeForced is the end after
// the limit. Programs whose work is to stay until a signal comes end with 0.
package ending
