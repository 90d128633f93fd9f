// Package stream turns seeds into training examples: a picture as a model gets to see it after a
// trip through a video codec, scaled to the model's square input; what lies in each cell of that
// square; and questions with their answers.
//
// Example is pure: the same seed and settings give the same bytes. Writer puts examples on a pipe
// in the framing that its comment describes. The trainer in models/calibration reads them there, so
// that what is trained is what is shown.
package stream
