// Package gpu runs on a machine with an NVIDIA card what can be run nowhere else, in one go, and
// gives a verdict on each: does the provider open, are a small and a large model's tokens the
// processor's, does the texture step run on the card, does the program live on when the card's
// memory is used up, how fast is it beside PyTorch, and does a persona see and answer with a model
// on the card.
//
// In: command line arguments; a folder that [Main]'s command pack has written, or a checkout. Out:
// one line a [Verdict], or JSON, on a writer, and an exit code. A rehearsal takes the same steps on
// the processor, so that mistakes of this package are found before there is a card; its verdicts
// have names of their own and never count for a card.
//
// Each step runs in a process of its own, which may crash or hang without taking the others along.
// [Main] waits for all of them, and removes what it has unpacked. It links neither OpenCV nor
// FFmpeg: the program that a persona needs is another file.
package gpu
