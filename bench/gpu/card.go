package gpu

import (
	"fmt"
	"os"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// hideEnv shows programs some cards only.
const hideEnv = "CUDA_VISIBLE_DEVICES"

// cards lists the NVIDIA cards that programs of this environment see, by their numbers for these.
// Where there is none, why says so in words.
func cards(lib nvml.Interface) (list []model.GPU, why string) {
	list, why, err := host.GPUs(lib, os.LookupEnv)
	if err != nil {
		why = err.Error()
	}
	return list, why
}

// described names a card for people.
func described(g *model.GPU) string {
	return fmt.Sprintf("%s, %d MB, driver %s", g.Name, g.MemoryBytes>>20, g.Driver)
}
