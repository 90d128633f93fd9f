// Package media holds what audio and video have in common before any codec or model is involved.
//
// In: RTP payloads with their sequence numbers, PCM samples, planar pictures, WAV files.
// Out: packets in order, media times, resampled PCM, pooled pictures.
//
// Everything here is pure Go and standard library only. Time is always passed in, so that every
// decision can be replayed. Audio samples are float32 in [-1, 1], mono. Queues are bounded and
// count what they drop: [Ring] drops the oldest entry, [Latest] keeps only the newest one.
//
// Ownership: a slice passed to a function stays with the caller; a slice returned belongs to the
// caller unless the comment of the function names a shorter life. A picture from an [I420Pool] goes
// back with [I420.Release].
package media
