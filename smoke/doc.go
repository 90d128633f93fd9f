// Package smoke holds the acceptance smokes: one attempt, one named bucket for every failure, one
// JSON record at the end.
//
// In: the program itself, run through its public commands as an operator would, and a LiveKit
// server. Out: a Record. What was observed is collected first (Observation); the verdict on it is a
// pure function. A fault of the harness is never reported as one of the product.
package smoke
