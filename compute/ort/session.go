package ort

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	ortgo "github.com/yalue/onnxruntime_go"
)

// TensorInfo describes one input or output of a session.
type TensorInfo struct {
	Name  string
	Type  ElementType // 0 for a type that this package does not carry
	Shape []int64     // -1 for a free dimension; empty for a scalar
}

// Session is one loaded model. Run may be called from several goroutines at once.
type Session struct {
	name    string
	opt     Options
	inputs  []TensorInfo
	outputs []TensorInfo

	mu     sync.RWMutex // held for reading by every run, for writing by Close
	closed bool
	native *ortgo.DynamicAdvancedSession
}

// newSession makes the native session; the caller holds a reference to the environment for it.
func newSession(src Source, opt Options) (*Session, error) {
	options, err := sessionOptions(opt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = options.Destroy() }()
	s := &Session{name: src.label(), opt: opt}
	if s.inputs, s.outputs, err = inspect(src, options); err != nil {
		return nil, loadError(s.name, opt, err)
	}
	in, out := names(s.inputs), names(s.outputs)
	if src.Path != "" {
		s.native, err = ortgo.NewDynamicAdvancedSession(src.Path, in, out, options)
	} else {
		s.native, err = ortgo.NewDynamicAdvancedSessionWithONNXData(src.Bytes, in, out, options)
	}
	if err != nil {
		return nil, loadError(s.name, opt, err)
	}
	return s, nil
}

// loadError names the model, or the provider where that is what failed.
func loadError(model string, opt Options, err error) error {
	detail := err.Error()
	if opt.Provider != CPU && contains(detail, "cuda failure", "cudaexecutionprovider", "cudnn", "cublas") {
		return &ProviderError{Kind: providerKind(detail), Provider: opt.Provider, Detail: detail}
	}
	return &ModelError{Kind: modelKind(detail), Model: model, Detail: detail}
}

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
		func() error { return appendProvider(options, opt) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, joinClose(err, options.Destroy())
		}
	}
	return options, nil
}

// appendProvider adds the execution provider asked for; the processor needs none.
func appendProvider(options *ortgo.SessionOptions, opt Options) error {
	if opt.Provider == CPU {
		return nil
	}
	if opt.Provider != CUDA {
		return &ProviderError{Kind: ErrProviderMissing, Provider: opt.Provider, Detail: "unknown provider"}
	}
	fail := func(err error) error {
		return &ProviderError{Kind: providerKind(err.Error()), Provider: CUDA, Detail: err.Error()}
	}
	cuda, err := ortgo.NewCUDAProviderOptions()
	if err != nil {
		return fail(err)
	}
	defer func() { _ = cuda.Destroy() }()
	settings := map[string]string{"device_id": strconv.Itoa(opt.DeviceID), "arena_extend_strategy": "kSameAsRequested"}
	if opt.DeviceMemory > 0 {
		settings["gpu_mem_limit"] = strconv.FormatInt(opt.DeviceMemory, 10)
	}
	if err := cuda.Update(settings); err != nil {
		return fail(err)
	}
	if err := options.AppendExecutionProviderCUDA(cuda); err != nil {
		return fail(err)
	}
	return nil
}

// inspect reads names, types and shapes.
func inspect(src Source, options *ortgo.SessionOptions) (in, out []TensorInfo, err error) {
	var inputs, outputs []ortgo.InputOutputInfo
	if src.Path != "" {
		inputs, outputs, err = ortgo.GetInputOutputInfoWithOptions(src.Path, options)
	} else {
		inputs, outputs, err = ortgo.GetInputOutputInfoWithONNXData(src.Bytes)
	}
	if err != nil {
		return nil, nil, err
	}
	return tensorInfos(inputs), tensorInfos(outputs), nil
}

func tensorInfos(native []ortgo.InputOutputInfo) []TensorInfo {
	infos := make([]TensorInfo, len(native))
	for i, n := range native {
		infos[i] = TensorInfo{Name: n.Name, Shape: n.Dimensions}
		for kind := range elements {
			if kind > 0 && elements[kind].native == n.DataType {
				infos[i].Type = ElementType(kind)
			}
		}
	}
	return infos
}

func names(infos []TensorInfo) []string {
	list := make([]string, len(infos))
	for i, info := range infos {
		list[i] = info.Name
	}
	return list
}

// Name is the model's name from [Source].
func (s *Session) Name() string { return s.name }

// Options are the options the session was loaded with.
func (s *Session) Options() Options { return s.opt }

// Inputs describes the inputs in the order that Run takes them; read only.
func (s *Session) Inputs() []TensorInfo { return s.inputs }

// Outputs describes the outputs in the order that Run fills them; read only.
func (s *Session) Outputs() []TensorInfo { return s.outputs }

// Input returns the position of a named input, or a [*TensorError] of kind [ErrName] that lists the names there are.
func (s *Session) Input(name string) (int, error) { return s.find(s.inputs, name) }

// Output returns the position of a named output. Errors as [Session.Input].
func (s *Session) Output(name string) (int, error) { return s.find(s.outputs, name) }

func (s *Session) find(infos []TensorInfo, name string) (int, error) {
	i := slices.IndexFunc(infos, func(info TensorInfo) bool { return info.Name == name })
	if i < 0 {
		return -1, &TensorError{Kind: ErrName, Model: s.name, Name: name, Got: fmt.Sprint(names(infos))}
	}
	return i, nil
}

// Run runs the model once: inputs and outputs stand in the order of [Session.Inputs] and [Session.Outputs]. A nil output is
// allocated by the runtime and put into outputs; the caller closes it. It may be called from several goroutines at once, each with
// its own outputs.
//
// Cancelling ctx stops the run before its next node and returns the context's error; a kernel that runs is not interrupted.
// It returns [ErrCount], a [*TensorError] for a tensor that does not fit, a [*ModelError] of kind [ErrRun] or
// [ErrOutOfMemory], or [ErrClosed].
func (s *Session) Run(ctx context.Context, inputs, outputs []Tensor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.check(inputs, outputs); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ErrClosed
	}
	in, out := handles(inputs), handles(outputs)
	if err := s.run(ctx, in, out); err != nil {
		return err
	}
	for i, t := range outputs {
		if t != nil {
			continue
		}
		made, err := adopt(out[i])
		if err != nil {
			return err
		}
		outputs[i] = made
	}
	return nil
}

// run makes the native call, stoppable where the context can end.
func (s *Session) run(ctx context.Context, in, out []ortgo.Value) error {
	if ctx.Done() == nil {
		if err := s.native.Run(in, out); err != nil {
			return runError(s.name, err)
		}
		return nil
	}
	options, err := ortgo.NewRunOptions()
	if err != nil {
		return runError(s.name, err)
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		_ = options.Terminate()
	})
	err = s.native.RunWithOptions(in, out, options)
	if !stop() {
		<-ended
	}
	if destroyErr := options.Destroy(); err == nil && destroyErr != nil {
		err = destroyErr
	}
	switch {
	case err == nil:
		return nil
	case terminated(err) && ctx.Err() != nil:
		return ctx.Err()
	}
	return runError(s.name, err)
}

// handles lists the native values; a nil tensor stays nil.
func handles(tensors []Tensor) []ortgo.Value {
	values := make([]ortgo.Value, len(tensors))
	for i, t := range tensors {
		if t != nil {
			values[i] = t.handle()
		}
	}
	return values
}

// Close waits for running calls and releases the model.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return joinClose(s.native.Destroy(), process.release())
}
