package ort

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	ortgo "github.com/yalue/onnxruntime_go"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// TensorInfo describes one input or output of a session.
type TensorInfo struct {
	Name  string
	Type  ElementType // 0 for a type that this package does not carry
	Shape []int64     // -1 for a free dimension; empty for a scalar
}

// Session is a loaded model as one holder has it. Holders of one [Pool] share the native session
// behind it; each has its own handle and closes it. Run may be called from several goroutines at
// once.
type Session struct {
	*loaded
	give func() error // gives the native session back

	mu     sync.RWMutex // held for reading by every run, for writing by Close
	closed bool
}

// loaded is a native session and what is known of it. It must outlive the runs of every handle on
// it.
type loaded struct {
	name     string
	opt      Options
	inputs   []TensorInfo
	outputs  []TensorInfo
	inNames  *ortapi.Names
	outNames *ortapi.Names
	scratch  sync.Pool // *lists
	api      *ortapi.API
	owner    *ortgo.DynamicAdvancedSession // made by the binding, which sets up the provider
	native   ortapi.Handle                 // the same session
	free     func() error                  // releases the native session; called once
}

// lists are the handles of one run.
type lists struct{ in, out []ortapi.Handle }

// newLoaded makes the native session; the caller holds the reference to api for it, which free
// gives back.
func newLoaded(api *ortapi.API, src Source, opt Options) (*loaded, error) {
	options, err := sessionOptions(opt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = options.Destroy() }()
	s := &loaded{name: src.label(), opt: opt, api: api}
	if s.owner, err = open(src, options); err != nil {
		var typed *ModelError
		if errors.As(err, &typed) {
			return nil, err
		}
		return nil, loadError(s.name, opt, err)
	}
	if err := s.inspect(); err != nil {
		return nil, joinClose(&ModelError{Kind: ErrModelUnsupported, Model: s.name, Detail: err.Error()}, s.owner.Destroy())
	}
	in, out := names(s.inputs), names(s.outputs)
	s.inNames, s.outNames = ortapi.NewNames(in), ortapi.NewNames(out)
	s.scratch.New = func() any {
		return &lists{in: make([]ortapi.Handle, len(in)), out: make([]ortapi.Handle, len(out))}
	}
	s.free = func() error {
		s.inNames.Release()
		s.outNames.Release()
		return joinClose(s.owner.Destroy(), process.release())
	}
	return s, nil
}

// open makes the native session from a file, which is read by the runtime itself, or from bytes,
// which it copies.
func open(src Source, options *ortgo.SessionOptions) (*ortgo.DynamicAdvancedSession, error) {
	switch {
	case src.Edit == nil && src.Path != "":
		return ortgo.NewDynamicAdvancedSession(src.Path, nil, nil, options)
	case src.Edit == nil:
		return ortgo.NewDynamicAdvancedSessionWithONNXData(src.Bytes, nil, nil, options)
	case src.Path != "":
		// What lies beside the file is found from here, as the runtime does not know the path of
		// bytes.
		if err := options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", filepath.Dir(src.Path)); err != nil {
			return nil, err
		}
	}
	data, release, err := src.Edit.open(src)
	if err != nil {
		return nil, err
	}
	owner, err := ortgo.NewDynamicAdvancedSessionWithONNXData(data, nil, nil, options)
	if closing := release(); closing != nil && err == nil {
		return nil, joinClose(closing, owner.Destroy())
	}
	return owner, err
}

// handle returns a handle on the native session; give is called once, when it is closed.
func (s *loaded) handle(give func() error) *Session {
	return &Session{loaded: s, give: give}
}

// loadError names the model, or the provider where that is what failed.
func loadError(model string, opt Options, err error) error {
	detail := err.Error()
	if opt.Provider != CPU && contains(detail, "cuda failure", "cudaexecutionprovider", "cudnn", "cublas") {
		return providerError(opt.Provider, err)
	}
	return &ModelError{Kind: modelKind(detail), Model: model, Detail: detail}
}

// inspect reads names, types and shapes.
func (s *loaded) inspect() (err error) {
	if s.native, err = ortapi.Session(s.owner); err != nil {
		return err
	}
	for _, list := range []struct {
		read func(ortapi.Handle) ([]ortapi.Info, error)
		into *[]TensorInfo
	}{{s.api.Inputs, &s.inputs}, {s.api.Outputs, &s.outputs}} {
		infos, err := list.read(s.native)
		if err != nil {
			return err
		}
		for _, info := range infos {
			*list.into = append(*list.into, TensorInfo{Name: info.Name, Type: elementType(info.Type), Shape: info.Dims})
		}
	}
	return nil
}

func names(infos []TensorInfo) []string {
	list := make([]string, len(infos))
	for i, info := range infos {
		list[i] = info.Name
	}
	return list
}

// Name is the model's name from [Source].
func (s *loaded) Name() string { return s.name }

// Options are the options the session was loaded with.
func (s *loaded) Options() Options { return s.opt }

// Inputs describes the inputs in the order that Run takes them; read only.
func (s *loaded) Inputs() []TensorInfo { return s.inputs }

// Outputs describes the outputs in the order that Run fills them; read only.
func (s *loaded) Outputs() []TensorInfo { return s.outputs }

// Input returns the position of a named input, or a [*TensorError] of kind [ErrName] that lists the
// names there are.
func (s *loaded) Input(name string) (int, error) { return s.find(s.inputs, name) }

// Output returns the position of a named output. Errors as [Session.Input].
func (s *loaded) Output(name string) (int, error) { return s.find(s.outputs, name) }

func (s *loaded) find(infos []TensorInfo, name string) (int, error) {
	i := slices.IndexFunc(infos, func(info TensorInfo) bool { return info.Name == name })
	if i < 0 {
		return -1, &TensorError{Kind: ErrName, Model: s.name, Name: name, Got: fmt.Sprint(names(infos))}
	}
	return i, nil
}

// Run runs the model once: inputs and outputs stand in the order of [Session.Inputs] and
// [Session.Outputs]. A nil output is allocated by the runtime and put into outputs; the caller
// closes it. It may be called from several goroutines at once, each with its own outputs.
//
// Cancelling ctx stops the run before its next node and returns the context's error; a kernel that
// runs is not interrupted. It returns [ErrCount], a [*TensorError] for a tensor that does not fit,
// a [*ModelError] of kind [ErrRun] or [ErrOutOfMemory], or [ErrClosed]. After an error outputs are
// as they were, except that memory the caller bound may be written.
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
	l := s.scratch.Get().(*lists)
	defer s.scratch.Put(l)
	for i, t := range inputs {
		l.in[i] = t.handle()
	}
	for i, t := range outputs {
		l.out[i] = nil
		if t != nil {
			l.out[i] = t.handle()
		}
	}
	if err := s.run(ctx, l); err != nil {
		return err
	}
	return s.adoptAll(l, outputs)
}

// adoptAll puts what the runtime allocated into outputs, or after an error releases it.
func (s *loaded) adoptAll(l *lists, outputs []Tensor) error {
	var failed error
	var made []int
	for i, t := range outputs {
		switch {
		case t != nil:
		case failed != nil:
			s.api.Release(l.out[i])
		default:
			if outputs[i], failed = adopt(s.outputs[i].Name, l.out[i]); failed == nil {
				made = append(made, i)
			}
		}
	}
	if failed == nil {
		return nil
	}
	for _, i := range made {
		failed = joinClose(failed, outputs[i].Close())
		outputs[i] = nil
	}
	return failed
}

// run makes the native call, stoppable where the context can end.
func (s *loaded) run(ctx context.Context, l *lists) error {
	if ctx.Done() == nil {
		if err := s.api.Run(s.native, ortapi.RunOptions{}, s.inNames, l.in, s.outNames, l.out); err != nil {
			return runError(s.name, err)
		}
		return nil
	}
	options, err := s.api.NewRunOptions()
	if err != nil {
		return runError(s.name, err)
	}
	defer options.Release()
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		_ = options.Terminate()
	})
	err = s.api.Run(s.native, options, s.inNames, l.in, s.outNames, l.out)
	if !stop() {
		<-ended
	}
	switch {
	case err == nil:
		return nil
	case terminated(err) && ctx.Err() != nil:
		return ctx.Err()
	}
	return runError(s.name, err)
}

// Close waits for the running calls of this handle and gives the model back: without a pool it is
// released.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.give()
}
