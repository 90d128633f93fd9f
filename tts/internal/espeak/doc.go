// Package espeak runs the espeak-ng program, for phonemes and for speech. It never links the
// library.
//
// In: one line of plain text. Out: International Phonetic Alphabet, or 16-bit samples.
//
// A Phonemizer keeps one espeak-ng process for one voice and asks it line after line: on the
// reference machine a line costs 1.5 ms that way and 10 ms with a process of its own. The process
// is started on first use, is restarted by the next call after it died, and has ended when Close
// returns. If this program dies first, the process sees its input end and stops by itself.
package espeak
