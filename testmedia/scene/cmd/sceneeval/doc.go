// Command sceneeval measures a vision-language model on drawn scenes that went through a real video
// codec, and prints the table of its model card.
//
//	sceneeval -model models/calibration/weights -scenes 24
package main
