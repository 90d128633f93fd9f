// Package hearing turns the sound of one track into utterances with transcripts.
//
// In: mono float32 samples in [-1,1] at 16 kHz with their media time (Listener.Write). Out: events
// (Config.Sink): speech started, interim transcripts, speech stopped or resumed, end of turn, final
// transcript.
//
//	Write ─► inbox (bounded, drop oldest) ─► windows of 512 ─► VoiceDetector ─► Endpointer ─► events
//	                                             │                              │
//	                                             └► tape (prefix and speech) ───┴► interim and final Transcriber
//	                                             └► TurnDetector, at the silences that the Endpointer names
//
// A final transcript that nothing vouches for is no transcript: Evidence.Doubt decides, purely, and
// the utterance ends with Dismissed.
//
// Endpointer is a pure machine: probabilities and verdicts in, signals out; no clock, goroutine
// or I/O. It follows how the speaker of its track pauses, and waits longer for who pauses longer,
// and hardly for who never does. One goroutine per listener owns it and all other state; two
// workers run the transcribers, a third asks the TurnDetector, and hand results back to that
// goroutine. The engines are in packages of their own: silero (voice activity), smartturn
// (whether somebody has finished), moonshine (interim transcripts) and whisper (final ones); usm
// makes what a language model that hears by itself takes of a clip. Their sessions are shared by
// all listeners and owned by whoever opened them; a listener owns only its per-stream detector
// state and its buffers.
package hearing
