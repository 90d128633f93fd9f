// Package demo is what the program shows of itself on one machine: a server, one persona and a
// human who asks about a live picture ([Demo.Run]), or three personas and two humans who talk
// ([Demo.Table]). Both fail where an answer is not true of the picture.
//
// In: a seed, from which picture and question follow, and how models are opened ([Config]). Out:
// lines of what happens; of one persona also its answer as a WAV file and the frame that it saw
// as a PNG file. Both return when everything that they started has ended.
package demo
