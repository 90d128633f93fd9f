// Package ops answers an operator's questions about a running program over HTTP: whether it lives,
// whether it is ready, what it holds.
//
// In: an address, a token or the explicit wish to do without one, and functions that give the
// answers. Out: a server with limits on everything that a client can take (connections, bytes of a
// header, time), and a client for it. GET /healthz and /readyz need no token: probes of container
// engines have none, and the answers hold a word each. Every other path is behind the token where
// there is one.
//
// On loopback no token is needed, but the Host header must name this machine: a web page cannot
// have a browser read the answers under a name of its own (DNS rebinding). Beyond loopback an
// address is refused without a token, or Open. A browser that asks for a page of another origin to
// have something changed is refused everywhere.
//
// A Mount puts another handler behind the same listener and checks: package api is one.
//
// Answers go through printable, since they hold names that strangers chose. Start owns one
// goroutine; Close waits for it.
package ops
