package model

// Silicon is where a base model would run.
type Silicon string

// The silicon that a resolution can name.
const (
	SiliconCPU     Silicon = "cpu"
	SiliconGPU     Silicon = "gpu"
	SiliconUnified Silicon = "unified-memory"
	SiliconCloud   Silicon = "cloud"
)

// Execution providers that the resolver knows how to place.
const (
	ProviderCPU  = "cpu"
	ProviderCUDA = "cuda"
)

// Host is what a machine has. All sizes are in bytes. It is plain data, so that it can be saved,
// edited and replayed.
type Host struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	// CPU names the processor.
	CPU         string `json:"cpu,omitempty"`
	Cores       int    `json:"cores"`
	MemoryBytes int64  `json:"memory_bytes"`
	// MemoryFree is what can be allocated now.
	MemoryFree int64 `json:"memory_free"`
	GPUs       []GPU `json:"gpus"`
	// GPUProblem says why no GPU was found or why one cannot be used, in words.
	GPUProblem string `json:"gpu_problem,omitempty"`
	// Families lists the model families that this build can run, and as what; empty means that the
	// build does not say and none falls out.
	Families []Family `json:"families,omitempty"`
}

// GPU is one usable accelerator.
type GPU struct {
	// Index is its number for the execution provider: of the GPUs that CUDA shows to this process.
	// The driver may have another one for it, and knows it by UUID.
	Index int    `json:"index"`
	UUID  string `json:"uuid,omitempty"`
	Name  string `json:"name"`
	// Provider is the execution provider that drives it, such as "cuda".
	Provider    string `json:"provider"`
	Driver      string `json:"driver,omitempty"`
	Capability  string `json:"compute_capability,omitempty"`
	MemoryBytes int64  `json:"memory_bytes"`
	MemoryFree  int64  `json:"memory_free"`
	// Unified means that it shares the memory of the CPU.
	Unified bool `json:"unified,omitempty"`
}

// Stage is how far an entry has come on this host.
type Stage int

// The stages, in order.
const (
	// StageDeclared: the registry knows it; its bytes are not here.
	StageDeclared Stage = iota
	// StageVerified: bytes are here and have the right digests.
	StageVerified
	// StageLoaded: an engine holds it.
	StageLoaded
	// StageProbed: a fixed picture with known content changed the answer as it must (or the
	// adapter's own check passed).
	StageProbed
)

// String returns the word of the stage.
func (s Stage) String() string {
	switch s {
	case StageDeclared:
		return "declared"
	case StageVerified:
		return "verified"
	case StageLoaded:
		return "loaded"
	case StageProbed:
		return "probed"
	}
	return "unknown"
}

// State is the stage of one entry, with the reason why it went no further.
type State struct {
	Stage Stage
	// Problem is what failed on the way to the next stage: "the probe picture does not change the
	// answer".
	Problem string
	// Sight is what pictures cost, as it was measured the last time on each provider and device;
	// none where that was not done.
	Sight []SightCosts
}

// Readiness is the state of every entry of a registry and the stage that the caller asks for.
//
// Before anything is loaded the caller asks for StageVerified, which chooses what to load; once it
// is loaded and probed the caller asks for StageProbed, which confirms it. Remote entries have no
// bytes: they count as verified.
type Readiness struct {
	// Want is the stage a base model must have reached: StageVerified at least. Adapters,
	// components and runtimes must be verified.
	Want Stage
	// States by id; a missing id is StageDeclared.
	States map[string]State
}

// state returns the state of an entry.
func (r *Readiness) state(e *Entry) State {
	s := r.States[e.ID]
	if e.remote() && s.Stage < StageVerified {
		s.Stage = StageVerified
	}
	return s
}

// installed reports whether the entry's bytes are here.
func (r *Readiness) installed(e *Entry) bool { return r.state(e).Stage >= StageVerified }
