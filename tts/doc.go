// Package tts turns text into speech.
//
// In: the words of a persona as they are written, piece by piece. A [Splitter] collects pieces and
// gives clauses, the first as early as sensible. A [Voice] turns one clause into mono samples at
// its own rate and passes them on while it works. Out: float32 samples in [-1,1], peak-limited, to
// the emit function of the caller.
//
// Three engines exist, each chosen by name and never in place of another: Piper
// ("piper:en_US-joe-medium"), Kokoro ("kokoro:af_heart") and espeak-ng ("espeak"). All three need
// the espeak-ng program: as phonemizer or as voice. It runs as a process, never linked.
//
//	clause ─► Speakable (words, package spoken) ─► phonemes (espeak-ng) ─► ids ─► ONNX session ─► guard (NaN, silence, peaks) ─► emit
//
// Piper's graph is cut in two when it is opened: text encoder and flow run once for a clause, the
// vocoder runs over consecutive pieces of the latent frames with enough context that the pieces
// equal the whole. So the first samples come after the encoder and a small first piece, whatever
// the length of the clause. Kokoro's vocoder normalises over the whole clause and cannot be cut;
// its weights are widened from half to single precision when it is opened, because half-precision
// activations overflow for some voices.
//
// [Narrate] says a stream of clauses and works ahead of the listener, so that the next clause is
// ready when one ends.
//
// The caller owns every voice it opened, and the slices that emit receives. A voice starts no
// goroutine of its own; Narrate starts one and waits for it. A voice may be used from several
// goroutines; their clauses are made side by side, and how many at once is the caller's business: a
// station of package compute, in a persona. The context stops a clause between two pieces and,
// where the runtime allows it, inside a run.
package tts
