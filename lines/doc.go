// Package lines tells what happens in a room as lines: of text for people, as JSON objects for
// machines.
//
// In: events of rooms ([OfAgent]) and of scripted humans ([OfHuman]), and whatever a program has to
// say of itself, each a [Line]. Out: the same in order, by a [Printer], from any goroutine; nobody
// waits for the reader. What others wrote is printed escaped.
//
//	agent.go    what personas do
//	human.go    what a scripted human notices
//	printer.go  Line, and how it is printed
package lines
