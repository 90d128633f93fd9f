// Package context says what two prompts have in common and keeps what was computed of them: keys
// of prefixes, the comparison of two prompts, and a store with a budget of bytes.
//
// In: prompts of package prompt, as their segments. Out: a [Key] for every prefix, [Compare], which
// names the segment and the byte where a prefix broke, and a [Reuse] that says in one sentence what
// a reply did not have to compute again and why not more.
//
// The package decides and computes nothing: it stands on the standard library alone, starts no
// goroutine, and time is passed in. A [Store] belongs to one goroutine.
package context
