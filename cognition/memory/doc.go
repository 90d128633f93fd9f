// Package memory is what a persona remembers of people and rooms beyond one conversation: what is
// kept, what is put into its prompts, and what is forgotten.
//
// In: what was said in a room, as [Utterance]s with who said it and how far that can be trusted,
// and what a model's answer asks to keep. Out: [Decision]s of the [Gate] with one [Reason] each, a
// [Change] of the memories, and a [Block] of at most 2 KB for prompts.
//
// # What gets in
//
// A person asks for it in so many words ("remember that …", [Requests]), the model's answer carries
// a field {"remember": […]} ([ParseField]), or, where a persona remembers of its own accord, a
// person states something plain and lasting about themselves ([Statements]). Each is a [Candidate],
// and the gate decides on it. What a person did not say is not kept: neither what the persona said
// itself, nor what its model made up. English only.
//
// # What gets out
//
// [Recall] chooses by who is present, by what is spoken about and by age, and writes data behind a
// fence, with who said it and when. A [Keeper] renders it when memories are consolidated, and at no
// other time: the prompt before it stays as it is, and with it what a model has computed of it.
//
// # Rules
//
// Everything here is a pure function of its arguments, or a value that belongs to one goroutine:
// the package stands on the standard library alone, starts no goroutine, reads no clock and writes
// no log. What was said stays out of errors, too.
package memory
