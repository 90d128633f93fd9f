// Package listen measures what a persona costs that nobody speaks to: processor time and memory
// of its process while it hears one microphone and sees one camera.
//
// In: how long, and what the camera shows ([Config]). The persona and the human are processes of
// the program itself, called as people call it; the server is a third. Out: a [Result], for
// machines and as text. [Run] returns when all three have ended.
package listen
