// Command release writes what goes beside a release: SHA256SUMS of its files, and provenance.json,
// an in-toto statement with a SLSA v1 predicate, unsigned. scripts/release calls it.
//
// Formats: https://in-toto.io/Statement/v1, https://slsa.dev/provenance/v1.
package main
