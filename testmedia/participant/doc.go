// Package participant is a scripted human in a LiveKit room: it speaks, shows pictures, listens and
// reads, over real WebRTC.
//
// In: PCM to say and pictures to show. Out: a channel of Events (voices heard, transcripts, states)
// and, if asked for, the recorded voice of every agent. A Participant owns its room, its microphone
// and its camera; Close ends them all.
package participant
