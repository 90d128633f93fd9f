// Package wer measures how well a transcript agrees with what was said.
//
// In: what was said and what was heard. Out: word errors as counts, so that rates add up over many
// sentences. Text is normalised first, so that spelling, punctuation and the way numbers are
// written do not count as errors.
package wer
