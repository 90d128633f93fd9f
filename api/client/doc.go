// Package client calls a running process over its API.
//
// In: the address that it listens on and the token that it asks for. Out: the generated clients of
// all services, with the token in each call, and errors as [Error]: a code, a reason for programs
// and a text for people. Calls go straight to the address, by no proxy and without redirects; an
// answer is read up to a bound.
package client
