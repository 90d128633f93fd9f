package models

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed calibration/weights
var calibrationWeights embed.FS

// CalibrationID is the catalog id of the model whose files are inside this binary.
const CalibrationID = "calibration"

// CalibrationFS returns the files of the calibration model: config.json, generation_config.json,
// preprocessor_config.json, processor_config.json, tokenizer.json, chat_template.jinja and
// onnx/{vision_encoder,embed_tokens,decoder_model_merged}.onnx. The file system is read-only and
// lives as long as the process.
func CalibrationFS() (fs.FS, error) {
	sub, err := fs.Sub(calibrationWeights, "calibration/weights")
	if err != nil {
		return nil, fmt.Errorf("open the embedded calibration model: %w", err)
	}
	return sub, nil
}
