// Package yamlguard bounds a YAML text before a parser sees it.
//
// In: the bytes of a document that somebody else may have written. Out: nil, or a *LimitError that
// names the line and the limit. The parser of github.com/goccy/go-yaml takes memory that grows with
// the square of the nesting (40 kB of "[" took 2.7 GB, 1 MB ended the process) and of the number of
// keys in one mapping; its lexer is linear. So the text is cut into tokens first, and what those
// show is counted: bytes, tokens, nesting, aliases. What passes Check with Default costs the parser
// at most some 200 MB of short-lived memory and less than a second.
//
// The package is pure and starts no goroutine.
package yamlguard
