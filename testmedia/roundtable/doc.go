// Package roundtable lets people say what a script has them say to several personas, one line after
// the other, and judges what comes of it: who was meant answers rightly, nobody else answers, and
// two are never audible at once.
//
// In: a way to have somebody say something, and the events of a room ([Table.Observe]). Out: an
// error that says what went wrong. The package knows neither rooms nor models.
package roundtable
