//go:build race

package lkroom_test

const raceDetector = true
