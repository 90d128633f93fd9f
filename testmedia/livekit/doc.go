// Package livekit runs a real LiveKit server on loopback for tests, the demo and the benchmarks.
//
// In: the path of a livekit-server binary (or none: it is looked for beside the running program, in
// the module's bin folder and on PATH). Out: a running server with its URL and a fresh key pair.
// The caller owns the server and stops it; stopping ends the process by its own pid and removes its
// configuration file.
package livekit
