//go:build race

package lk_test

const raceDetector = true
