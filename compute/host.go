package compute

import "fmt"

// Host is what budgets are derived from. It is data: whoever probes the machine fills it in, and
// tests write what they like.
type Host struct {
	// Cores are the logical processors, MemoryBytes the memory that this process may use.
	Cores       int
	MemoryBytes int64
	// GPUMemoryBytes is the memory of the GPU that models run on; 0 means that there is none.
	GPUMemoryBytes int64
	// Unified is true where GPU and processor share one memory, which then is MemoryBytes.
	Unified bool
	// Providers are the cloud providers and how many requests each may have under way.
	Providers map[string]int64
}

// What a host's parts are worth. A core is 1000 units; other silicons have 100 units, a percentage.
const (
	unitsPerCore  = 1000
	wholeUnits    = 100
	jobsPerCore   = 8 // small jobs, such as decoding one frame, take an eighth of a core
	gpuSlots      = 4
	networkSlots  = 64
	diskSlots     = 8
	memoryShare   = 2 // half of the memory: the rest belongs to the system and to what is not admitted here
	gpuShareTenth = 9 // nine tenths of a GPU's memory
)

// Budgets derives the budgets of a host. A silicon that the host does not have gets none, so that
// work for it is refused as no_budget. Errors: a *FieldError for a fact that is missing; nothing is
// guessed.
func (h Host) Budgets() ([]Budget, error) {
	if h.Cores < 1 {
		return nil, invalid("host.cores", "missing")
	}
	if h.MemoryBytes < 1 {
		return nil, invalid("host.memory_bytes", "missing")
	}
	if h.GPUMemoryBytes < 0 || h.Unified && h.GPUMemoryBytes > 0 {
		return nil, invalid("host.gpu_memory_bytes", "negative, or set although memory is unified")
	}
	cores := int64(h.Cores)
	budgets := []Budget{
		{Pool: Pool{Silicon: SiliconCPU}, Slots: cores * jobsPerCore, Units: cores * unitsPerCore, Bytes: h.MemoryBytes / memoryShare},
		{Pool: Pool{Silicon: SiliconNetwork}, Slots: networkSlots, Units: wholeUnits},
		{Pool: Pool{Silicon: SiliconDisk}, Slots: diskSlots, Units: wholeUnits},
		{Pool: Pool{Silicon: SiliconBackground}, Slots: max(cores/2, 1), Units: wholeUnits},
	}
	if h.GPUMemoryBytes > 0 {
		budgets = append(budgets, Budget{
			Pool: Pool{Silicon: SiliconGPU}, Slots: gpuSlots, Units: wholeUnits, Bytes: h.GPUMemoryBytes / 10 * gpuShareTenth,
		})
	}
	if h.Unified {
		budgets = append(budgets, Budget{
			Pool: Pool{Silicon: SiliconUnifiedMemory}, Slots: gpuSlots, Units: wholeUnits, Bytes: h.MemoryBytes / memoryShare,
		})
	}
	for provider, requests := range h.Providers {
		budgets = append(budgets, Budget{Pool: Pool{Silicon: SiliconCloud, Provider: provider}, Slots: requests, Units: requests})
	}
	if err := checkBudgets(budgets); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	return budgets, nil
}
