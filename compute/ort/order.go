package ort

import (
	"fmt"
	"os"
)

// CUDA numbers devices by their speed unless it is told to go by the PCI bus, as the driver's own
// library does, by whose numbers devices are chosen.
const (
	orderVariable = "CUDA_DEVICE_ORDER"
	busOrder      = "PCI_BUS_ID"
)

// orderDevices has CUDA number devices by the bus, unless somebody has said how. CUDA reads it
// once, when it first starts, which is after the library is opened. The environment is C's too, as
// for quiet.
func orderDevices() error {
	if os.Getenv(orderVariable) != "" {
		return nil
	}
	if err := os.Setenv(orderVariable, busOrder); err != nil {
		return fmt.Errorf("have CUDA number devices by the bus: %w", err)
	}
	return nil
}
