// Package logmel computes the log-mel spectrogram that Whisper's encoder takes, and whatever was
// built on it.
//
// In: mono samples at 16 kHz. Out: log10 of the power in mel bands, as Whisper's own code scales
// it.
package logmel
