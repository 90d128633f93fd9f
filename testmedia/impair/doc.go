// Package impair is a bad network in a process: it damages the RTP packets of one participant's
// connection, in both directions.
//
// In: [Conditions] of the way up and the way down, and a seed. Out: an interceptor factory for the
// connection, which loses, delays, reorders, duplicates and queues packets as a real link does, and
// [Counts]. It stands next to the wire: retransmissions are damaged like everything else, and the
// connection notices and reacts as it does on a real link. What is no RTP, such as signalling, data
// channels and reports, passes.
//
//	stage.go     what becomes of a packet, pure
//	held.go      packets that are on their way, in the order in which they arrive
//	uplink.go    a stream that leaves
//	downlink.go  a stream that arrives
package impair
