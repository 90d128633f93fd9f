// Package rtpin turns the RTP packets of one subscribed track into what the rest of the program
// works with.
//
// In: packets as they arrive, with their arrival time; late, twice, out of order, damaged or not at
// all. Out: an [AudioReceiver] gives PCM in order, every gap filled; a [VideoReceiver] holds the
// newest decoded picture, upright, and says when a keyframe has to be asked for.
//
// Nothing here knows a room or a connection, starts a goroutine or reads a clock: the owner of a
// track calls Push for each packet and Pop or Poll now and then, and passes the time in. Every
// packet that does not become sound or picture is counted in the Stats.
//
// The payload descriptors of VP8 and VP9 are read by pion. H264 and AV1 are taken apart here: an
// access unit is built from several payloads, and this package builds it in one reused buffer,
// bounded, and refuses fragments without a beginning or an end.
package rtpin
