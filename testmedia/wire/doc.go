// Package wire has recorded sound cross the wire: it is encoded as a participant's microphone does,
// put into packets, and received as an ear of a room does.
//
// In: sound at 48 kHz, and the network in between. Out: what the ear is given, at 16 kHz, in media
// time. Nothing waits: packets arrive at the pace of a clock that exists in their time stamps
// alone, so that what is measured behind it does not depend on how busy the machine is. Receive
// alone does the second half, with a track of a real room and in its time.
package wire
