package ort

import (
	"fmt"
	"os"
)

// quietVariables are the switches by which ONNX Runtime's official libraries send nothing, make no
// device id and keep no event database: the name that versions 1.29 to 1.31 read, and the name of
// the versions after them (github.com/microsoft/onnxruntime, pull requests 27379 and 29843). They
// are read once, when the library is opened.
func quietVariables() []string { return []string{"ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"} }

// quiet switches the telemetry of every library opened after it off, whatever the environment said
// before. With cgo, which this package needs anyway, os.Setenv changes the environment that C reads
// too.
func quiet() error {
	for _, name := range quietVariables() {
		if os.Getenv(name) == "1" {
			continue
		}
		if err := os.Setenv(name, "1"); err != nil {
			return fmt.Errorf("switch the telemetry of the runtime library off: %w", err)
		}
	}
	return nil
}
