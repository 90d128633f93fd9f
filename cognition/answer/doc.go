// Package answer stands at the border of a mind: what a language model writes goes in, what people
// are to see and hear comes out.
//
// In: pieces of text as a model in this process ([cognition/generate]) or a server
// ([cognition/remote]) streams them, and at the end the reason why the answer ended. Out: visible
// text through [Filter], without thoughts, tool calls and the tokens of chat templates, and one
// typed [Error] from [Outcome.Err] where nothing, or not everything, can be shown.
//
// # What is taken out
//
// Thoughts between the marks that published models use (thoughtMarks in marks.go), tool calls
// written into the text, turns that a model writes for somebody else, headers and end marks of
// templates. A mark may be cut anywhere by the stream; how the text is cut into pieces never
// changes the result. Marks inside Markdown code or directly behind a quotation mark are text,
// since people ask about them: a model that explains <think> in backticks is not silenced. "a < b",
// "<3", HTML and generics are text.
//
// A [Cutter] takes out, of what is visible, what is not said: the persona's own name before the
// answer, and the field of what is to be remembered.
//
// # An answer that begins inside a thought
//
// Some templates open the thought in the prompt, so that an answer shows the closing mark only.
// [Beginning] says what is known of a model; [Habit] learns it from answer to answer. Until it is
// known the beginning of an answer is held back, at most [HoldLimit] bytes of it, because a thought
// that was shown cannot be taken back.
//
// # Ownership and memory
//
// A Filter belongs to one answer and one goroutine; a Habit belongs to one model and may be used
// from any. A Filter holds at most HoldLimit bytes, whatever is written to it, a Cutter a few KB.
// The package is pure: no clock, no goroutine, no input or output.
package answer
