// Package interrupt decides what happens when somebody speaks while a persona does.
//
// In: what an ear reports about one speaker, and whether the persona is answering. Out: lower the
// voice, restore it, stop, and whether what was said asks anything. Everything is pure: no clock,
// goroutine or I/O. It is for English, as the ears are.
//
// What tells an interruption from a backchannel ("yes", "oh okay") is words, not time. The fast ear
// is wrong about the first syllables of many words, and about one of two, so transcripts come in
// three kinds: backchannels, where at least half of the words that say something are; those that
// interruptions begin with ("stop", "wait", "what"); and all others. Only what keeps being heard
// counts: others stop an answer when transcripts in a row have had such for a third of a second,
// cues in a third of that, both later where the ear is not sure. Without words a voice stops the
// answer after VoiceStop, where there is no fast ear after BlindStop.
package interrupt
