// Package context says what two prompts have in common, and what of what was computed of them may
// be kept: keys of prefixes, the comparison of two prompts, and a store with a budget of bytes.
//
// In: prompts of package prompt, as their segments. Out: a [Key] for every prefix, [Compare], which
// names the segment and the byte where a prefix broke, and a [Reuse] that says in one sentence what
// a reply did not have to compute again and why not more.
//
// A [Cache] keeps contexts that another process gives under their keys: it asks what is missing,
// gives that, and has turns carried out by key.
//
// The package computes no model and keeps nothing that one computed. It stands on the standard
// library and package prompt alone, starts no goroutine and reads no clock. A [Store] and a [Cache]
// belong to one goroutine each.
package context
