// Package speech is the scripted speaker of headless humans: text in, mono 48 kHz samples out.
//
// It runs a small synthesiser as a process, flite by default because speech recognisers understand
// it best, and never picks another when the one asked for is missing.
package speech
