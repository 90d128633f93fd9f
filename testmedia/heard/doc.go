// Package heard holds the test that what is meant is what is heard: text of the kinds that people
// write most goes through the voice (Piper) and the ear (Whisper), and its numbers and relations
// have to come back.
//
// It stands here because it needs the voice and the ear at once, which know nothing of each other.
package heard
