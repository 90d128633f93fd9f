// Package scripted speaks sentences for tests with the speech synthesizers of the system: flite and
// espeak-ng.
//
// In: a text. Out: mono samples at 16 kHz, owned by the caller. A missing program fails the test:
// the set-up installs both.
package scripted
