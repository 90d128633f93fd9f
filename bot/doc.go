// Package bot is a scripted human of the command line: it joins a room, shows a picture, speaks and
// writes, and waits for an answer to each.
//
// In: what it shows, says and writes, and how long it waits ([Config]). Out: a line for each thing
// that it does or notices, and the longest recording of an agent as a WAV file. [Run] returns when
// all is done, or something did not come, and everything that it started has ended.
package bot
