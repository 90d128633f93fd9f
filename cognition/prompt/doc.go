// Package prompt is what a model is asked and what it answers, whoever runs the model: roles,
// messages and their parts, settings of sampling, reasons why an answer ends, results.
//
// Packages generate (models in this process) and remote (models behind a server) both take a
// [Request] and return a [Result]. What a picture or a sound is differs between them, so a
// [Part] is an interface that each of them implements for what its models take.
//
// The package stands on the standard library alone, starts no goroutine and keeps no state.
package prompt
