// Package scene draws simple pictures from a seed, says what is true of them, asks questions about
// them with their answers, and judges what somebody else says of them.
//
// In goes a seed; out comes a Scene, owned by the caller: the picture, its objects with boxes,
// Facts, and QA. Nothing is kept, nothing depends on time or machine, and every function may be
// called from any goroutine.
//
// Two kinds are for what a drawing is not: a real picture, of which nothing is known but that it
// was not drawn (Real makes one of a photograph, package album of a folder of them), and a change,
// which has the picture before it.
//
// The same scenes are trained on (package stream), measured with, published by the scripted
// participant and shown by the demonstration and the acceptance test. So that none of them meets a
// picture that the model was trained on, they draw their seeds from TrainingSeed, EvaluationSeed
// and LiveSeed upwards.
//
// Sprites are rendered from Noto Color Emoji (SIL Open Font License, sprites/OFL.txt, which also
// names the author). Numbers are written in the Go fonts (BSD licence, in golang.org/x/image),
// DejaVu (Bitstream Vera licence) and Liberation (SIL Open Font License), both from the go-fonts
// modules, which carry the licence texts.
package scene

const (
	// TrainingSeed is the first seed of training pictures; they end below EvaluationSeed.
	TrainingSeed uint64 = 0
	// EvaluationSeed is the first seed of the pictures that figures are measured on.
	EvaluationSeed uint64 = 1_000_000_000_000
	// LiveSeed is the first seed of the pictures that the demonstration and the acceptance test
	// show.
	LiveSeed uint64 = 2_000_000_000_000
)
