// Package interrupt decides what happens when somebody speaks while a persona does.
//
// In: what an ear reports about one speaker, and whether the persona is answering. Out: lower the voice, restore it, stop, and
// whether what was said asks anything. Everything is pure: no clock, goroutine or I/O. It is for English, as the ears are.
//
// What tells an interruption from a backchannel ("yes", "oh okay") is words, not time. The fast ear is wrong about the first syllables of
// many words, so words come in three kinds: backchannels, which never stop an answer; the words that interruptions begin with ("stop",
// "wait", "what"), which stop it at once; and all others, which stop it when two transcripts in a row have them. Without words a voice
// stops the answer after VoiceStop, where there is no fast ear after BlindStop.
package interrupt
