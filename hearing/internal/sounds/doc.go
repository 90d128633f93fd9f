// Package sounds makes what microphones pick up beside speech: applause, cheering, babble, music,
// keys, fans, traffic, rain, laughter, coughs, a television behind a wall.
//
// In: a kind, a seed and a length. Out: mono samples at 16 kHz, the same for the same seed, owned
// by the caller. Babble and television are made of speech that the caller hands in. Nothing here is
// recorded; the sounds are drawn after what makes them: bursts of filtered noise, glottal pulses
// through formants, struck resonances, chords.
package sounds
