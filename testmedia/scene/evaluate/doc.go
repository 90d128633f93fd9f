// Package evaluate measures how well a vision-language model answers questions about drawn scenes,
// along the path of the product: picture → video encoder → video decoder → texture → image features
// → answer, token by token.
//
// In goes a Model, opened from a folder of model files, and a Config; out comes a Report by kind of
// question, with two controls beside every figure: the same questions without a picture, and with
// the picture of another scene. What is right is decided by scene.Check, by content. Seeds count up
// from scene.EvaluationSeed, which training never reaches.
//
// A Model belongs to one goroutine at a time; Close releases its sessions. Nothing here starts a
// goroutine.
package evaluate
