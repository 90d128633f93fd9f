// Package fence turns panics into errors, so that a fault in one part of a session, or in a library
// under it, ends that part and not the process with all its rooms.
//
// It stands on the standard library alone. Package lk has fences of its own: there a panic ends a
// connection, and callbacks have nobody to return an error to.
package fence
