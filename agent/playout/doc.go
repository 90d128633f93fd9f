// Package playout paces a persona's voice: PCM in, one 20 ms Opus packet every 20 ms out.
//
// In: chunks of mono 48 kHz samples, written by one speaker at a time; Write blocks while the queue
// is full, so that at most MaxQueued of speech is ahead of the listener and an interruption is
// heard at once. Out: packets to a PacketWriter. One goroutine owns the encoder and the clock; it
// is started by New and ended by Close.
package playout
