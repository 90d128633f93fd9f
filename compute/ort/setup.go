package ort

import (
	"strconv"

	ortgo "github.com/yalue/onnxruntime_go"
)

// sessionOptions makes the native options; the caller destroys them.
func sessionOptions(opt Options) (*ortgo.SessionOptions, error) {
	options, err := ortgo.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	spin := "0"
	if opt.Spin {
		spin = "1"
	}
	level := ortgo.GraphOptimizationLevel(ortgo.GraphOptimizationLevelEnableAll)
	if opt.NoOptimize {
		level = ortgo.GraphOptimizationLevelDisableAll
	}
	steps := []func() error{
		func() error { return options.SetIntraOpNumThreads(opt.threads()) },
		func() error { return options.SetInterOpNumThreads(1) },
		func() error { return options.AddSessionConfigEntry("session.intra_op.allow_spinning", spin) },
		func() error { return options.AddSessionConfigEntry("session.inter_op.allow_spinning", spin) },
		func() error { return options.SetGraphOptimizationLevel(level) },
		func() error { return options.SetLogSeverityLevel(ortgo.LoggingLevelFatal) },
		func() error { return keepOnDevice(options, opt) },
		func() error { return appendProvider(options, opt) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, joinClose(err, options.Destroy())
		}
	}
	return options, nil
}

// keepOnDevice has the runtime refuse what a device would not run whole.
func keepOnDevice(options *ortgo.SessionOptions, opt Options) error {
	if !opt.NoFallback || opt.Provider == CPU {
		return nil
	}
	return options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1")
}

// appendProvider adds the execution provider asked for; the processor needs none.
func appendProvider(options *ortgo.SessionOptions, opt Options) error {
	if opt.Provider == CPU {
		return nil
	}
	if opt.Provider != CUDA {
		return &ProviderError{Kind: ErrProviderMissing, Provider: opt.Provider, Detail: "unknown provider"}
	}
	cuda, err := ortgo.NewCUDAProviderOptions()
	if err != nil {
		return providerError(CUDA, err)
	}
	defer func() { _ = cuda.Destroy() }()
	if err := cuda.Update(cudaSettings(opt)); err != nil {
		return providerError(CUDA, err)
	}
	if err := options.AppendExecutionProviderCUDA(cuda); err != nil {
		return providerError(CUDA, err)
	}
	return nil
}

// cudaSettings are the options of the CUDA provider by the runtime's names. Without use_tf32 the
// runtime rounds the factors of float32 products to 10 bits; float32 is float32 here, as on a
// processor. By itself it also searches exhaustively how to do a convolution: for every new shape,
// which each number of squares and each length of a sentence is, it is documented to try what there
// is, which takes up to seconds, and what it takes may differ from run to run, and with it the last
// bits of what comes out (github.com/microsoft/onnxruntime, issues 19838 and 19822; since 1.20
// plain convolutions go by one of two rules of cuDNN instead, issue 22705). cuDNN's lighter rule
// takes one at once; others measured that to be as fast afterwards. Not seen here on a card.
func cudaSettings(opt Options) map[string]string {
	settings := map[string]string{
		"device_id": strconv.Itoa(opt.DeviceID), "arena_extend_strategy": "kSameAsRequested", "use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC",
	}
	if opt.DeviceMemory > 0 {
		settings["gpu_mem_limit"] = strconv.FormatInt(opt.DeviceMemory, 10)
	}
	return settings
}
