// Package addressing measures how well it is recognised who is meant by what people say: some 460
// labelled lines, and a score. The lines and their format are in lines.txt; others may use them.
//
// It is pure, and has nothing but the standard library and package turn.
package addressing
