// Package models knows which model files exist, where their bytes come from and whether they are on
// this machine.
//
// In: catalog.yaml and profiles.yaml (embedded, plus a user's own file of the same form), and
// requests to pull, verify, remove or import. Out: verified files under <dir>/<id>/<path>, a lock
// file beside them that says what was accepted and why, and the plain structs that package
// cognition/model decides on.
//
// Bytes are trusted by SHA-256 only, so any source will do; sources are tried in the order of the
// catalog. A file is written beside its final place and renamed when its digest is right: a wrong
// digest leaves nothing, a broken transfer leaves a part that the next pull continues.
//
// What is installed is checked once a process before it is used (Path, Folder, FS): by CRC-32C
// where size and time are as recorded, by SHA-256 where the time changed, after which the record is
// fresh. A folder that was copied is used, one that was damaged is a *DamagedError. A file that is
// written into while it is in use is not noticed: weights are mapped into memory.
//
// A Store may be shared by goroutines. Two processes may pull into one directory: the second waits
// for the first.
package models
