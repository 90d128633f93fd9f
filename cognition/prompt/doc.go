// Package prompt is what a model is asked and what it answers, whoever runs the model: roles,
// messages and their parts, settings of sampling, reasons why an answer ends, results.
//
// Packages generate (models in this process) and remote (models behind a server) both take a
// [Request] and return a [Result]. What a picture or a sound is differs between them, so a [Part]
// is an interface that each of them implements for what its models take.
//
// A [Conversation] is what one persona was told and said in one room: a transcript that is only
// ever added to, or compacted at a watermark, and prompts of fixed segments that fit a model's
// window.
//
// The package stands on the standard library alone, starts no goroutine and reads no clock. A
// conversation belongs to one goroutine, the room's; everything else here is a value.
package prompt
