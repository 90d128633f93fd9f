//go:build !race

package compute_test

// raceEnabled shortens the longest test under the race detector.
const raceEnabled = false
