// Package impair damages the uplink of a headless human: it drops a share of the RTP packets that
// leave, retransmissions included.
//
// In: a loss rate and a seed. Out: an interceptor factory for the participant's connection, with
// counters. The server sees a lossy link and reacts as it does to a real one: it asks for
// retransmissions of video and passes audio on with gaps.
package impair
