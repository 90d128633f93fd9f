// Package house holds the tests that the repository keeps its own rules: lengths of files and
// lines, a comment for every package, commands that only wire, and arrows between the files of a
// package that point one way. Which package may import which is a test of internal/arrows; what a
// function may hold is a matter of the linter.
package house
