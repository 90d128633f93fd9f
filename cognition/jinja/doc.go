// Package jinja renders a model's own chat template.
//
// In: the text of a template, as published beside a model (chat_template.jinja, or the field
// chat_template of another file), and the messages of a conversation. Out: the prompt as one
// string. A [Template] is immutable and safe for any number of goroutines.
//
// Templates are written in Jinja. This is an interpreter for the part of it that chat templates
// use: for, if, set, expressions, filters, tests and string methods, with the white space rules
// that model publishers rely on (trim_blocks, lstrip_blocks, no newline at the end of the
// template). Anything else is a [*SyntaxError] when the template is parsed, never a prompt that is
// almost right. Work and output are bounded, so a hostile template cannot hang or fill memory.
package jinja
