// Package printable makes text from strangers safe to show: on a terminal, in a log, in a line that
// another program reads.
//
// In: text that somebody else chose (an identity, a name, what was said, an error that quotes a
// server). Out: the same text with everything escaped that is not seen as what it is: control
// characters of both sets (an escape sequence runs, a newline forges a line), marks that turn the
// direction of writing, line separators, invisible and unassigned characters, broken UTF-8. Letters
// of every script, marks, emoji and their joiners stay.
//
// Text is for one field of a line. Writer stands behind everything that the program prints and is
// the net: it lets through newlines and tabs, which the program itself writes. Both escape in the
// form that JSON has, so that a JSON document that went through Writer means the same.
package printable
