// Package codec decodes and encodes what travels in a room: Opus audio and VP8, H264, VP9 and AV1
// video.
//
// In: whole packets (Opus) and whole access units (video), already in order. Out: PCM at the rate
// the listener needs, pictures in [media.I420] form.
//
// Opus is libopus, video is FFmpeg (with libvpx, libx264, libaom and dav1d). A decoder or encoder
// holds native memory until Close; [Handles] counts the open ones. Bitstreams come from strangers:
// whatever they contain gives a picture or an error, and after an error a video decoder waits for
// the next keyframe. FFmpeg's own log is switched off for the process, because its messages go to
// standard error and repeat the bytes of strangers.
package codec
