// Package tokenizer turns text into token ids and back as a tokenizer.json file says.
//
// In: the bytes of a tokenizer.json. Out: a [Tokenizer], immutable and safe for any number of
// goroutines.
//
// Supported are the two models BPE, byte-level or with byte fallback, and WordLevel, the
// pre-tokenizers Digits, ByteLevel, Whitespace, WhitespaceSplit, Split (a plain string, or one of
// the two published GPT patterns) and Sequence, the Unicode, Lowercase and Replace normalizers, and
// the decoders ByteLevel, Fuse, none, and the Replace, ByteFallback, Fuse of SentencePiece
// vocabularies. Anything else is a [*FieldError] that names the field, never a guess: a tokenizer
// that is almost right makes a model almost right.
//
// The reader is the project's own because the kept Go library was not exact when compared line by
// line with the reference implementation: it merged runs of white space that the pattern keeps
// apart, lost added tokens inside longer lines, and panicked on bytes that the vocabulary lacks.
// The golden vectors in testdata come from the reference implementation.
package tokenizer
