// Command scenestream writes training examples to standard output, for the trainer in
// models/calibration. The framing is that of the package testmedia/scene/stream.
//
//	scenestream -start 0 -count 1000 -kinds dense=3,number=1 -questions where=5,at=1
package main
