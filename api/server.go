package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/sensory-agent/sensory-agent/api/sensory/v1/sensoryv1connect"
)

// Prefix is what the paths of all calls begin with.
const Prefix = "/sensory.v1."

// Server answers calls. Its methods are safe from any goroutine.
type Server struct {
	cfg    Config
	log    *slog.Logger
	calls  map[string]http.Handler // by the paths of all procedures
	errs   *connect.ErrorWriter
	gates  gates
	counts counts
	// patience is how long a part of a stream may take to be taken, arrival the body of a request.
	patience, arrival time.Duration
}

// New makes a server.
func New(cfg Config) *Server {
	s := &Server{
		cfg: cfg, log: cfg.Logger, calls: map[string]http.Handler{}, errs: connect.NewErrorWriter(), gates: newGates(), patience: sendLimit, arrival: readLimit,
		counts: counts{calls: map[string]uint64{}, failed: map[Reason]uint64{}},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	options := connect.WithHandlerOptions(
		connect.WithCompression("gzip", nil, nil), // a request is as large as it looks
		connect.WithInterceptors(fenced{s}),
	)
	for _, add := range []func() (string, http.Handler){
		func() (string, http.Handler) { return sensoryv1connect.NewRoomServiceHandler(&rooms{s}, options) },
		func() (string, http.Handler) { return sensoryv1connect.NewPersonaServiceHandler(&personas{s}, options) },
		func() (string, http.Handler) { return sensoryv1connect.NewEventServiceHandler(&events{s}, options) },
		func() (string, http.Handler) { return sensoryv1connect.NewChatServiceHandler(&chat{s}, options) },
		func() (string, http.Handler) { return sensoryv1connect.NewTurnServiceHandler(&turns{s}, options) },
		func() (string, http.Handler) { return sensoryv1connect.NewMemoryServiceHandler(&memories{s}, options) },
		func() (string, http.Handler) { return sensoryv1connect.NewMachineServiceHandler(&machine{s}, options) },
	} {
		service, handler := add()
		for _, procedure := range proceduresOf(service) {
			s.calls[procedure] = handler
		}
	}
	return s
}

// proceduresOf are the paths of the procedures of a service, by that of the service.
func proceduresOf(service string) (out []string) {
	name := protoreflect.FullName(strings.Trim(service, "/"))
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if s, ok := d.(protoreflect.ServiceDescriptor); ok && err == nil { // it is: its handler was generated from it
		for i := range s.Methods().Len() {
			out = append(out, service+string(s.Methods().Get(i).Name()))
		}
	}
	return out
}

// Stats returns what was counted.
func (s *Server) Stats() Stats {
	out := s.counts.stats()
	out.Arriving, out.Running, out.Streams = len(s.gates.arriving), len(s.gates.calls), len(s.gates.streams)
	return out
}

// Refuse answers a request that was refused before it came here, in a form that clients understand.
func (s *Server) Refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	e := failure(connect.CodePermissionDenied, ReasonForbidden, "%s", why)
	switch {
	case status == http.StatusUnauthorized && !bears(r):
		e = failure(connect.CodeUnauthenticated, ReasonToken, "%s", why)
	case status == http.StatusUnauthorized:
		e = failure(connect.CodeUnauthenticated, ReasonTokenWrong, "%s", why)
	case status == http.StatusServiceUnavailable:
		e = failure(connect.CodeUnavailable, ReasonTokenGone, "%s", why)
	}
	s.refuse(w, r, e)
}

// bears tells whether a request carries a token, right or wrong.
func bears(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && token != ""
}

// refuse answers with an error.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, e *Error) {
	s.counts.fail(e.Reason)
	w.Header().Set("Cache-Control", "no-store")
	_ = s.errs.Write(w, r, e.wire()) // the client went away; there is nobody to tell
}

// ServeHTTP lets a call in, within the bounds, and answers it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := s.calls[r.URL.Path]
	if handler == nil {
		s.refuse(w, r, failure(connect.CodeUnimplemented, ReasonUnknownCall, "there is no such call; see docs/api.md"))
		return
	}
	b := boundOf(r.URL.Path)
	if s.gates.often(b, time.Now()) {
		s.tooMany(w, r, ReasonRate)
		return
	}
	if b.bytes > usualBytes {
		leave, ok := take(s.gates.large)
		if !ok {
			s.tooMany(w, r, ReasonBusy)
			return
		}
		defer leave()
	}
	if !s.arrives(w, r, b) {
		return
	}
	leave, ok := take(s.gates.places(b))
	if !ok {
		s.tooMany(w, r, ReasonBusy)
		return
	}
	defer leave()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if b.streams {
		handler.ServeHTTP(&patient{w, http.NewResponseController(w), s.patience}, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), b.time)
	defer cancel()
	handler.ServeHTTP(w, r.WithContext(ctx))
}

// tooMany refuses a call that another one at another time would not be.
func (s *Server) tooMany(w http.ResponseWriter, r *http.Request, why Reason) {
	w.Header().Set("Retry-After", "1")
	s.refuse(w, r, failure(connect.CodeResourceExhausted, why, "too many calls; try again in a second"))
}

// arrives takes the whole body of a request. Where it does not, the request is refused.
func (s *Server) arrives(w http.ResponseWriter, r *http.Request, b bound) bool {
	leave, ok := take(s.gates.arriving)
	if !ok {
		s.tooMany(w, r, ReasonBusy)
		return false
	}
	defer leave()
	if err := s.read(w, r, b); err != nil {
		s.refuse(w, r, err)
		return false
	}
	return true
}

// patient is where a stream goes: each of its parts has a time of its own to be taken in.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
}

// Write implements http.ResponseWriter.
func (p *patient) Write(data []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(p.limit)) // a writer without deadlines is one of a test
	return p.ResponseWriter.Write(data)
}

// Flush implements http.Flusher.
func (p *patient) Flush() { _ = p.control.Flush() } // the next Write says what is wrong

// Unwrap is for http.ResponseController.
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// read takes the whole body, within its bounds, so that no call waits for one.
func (s *Server) read(w http.ResponseWriter, r *http.Request, b bound) *Error {
	now, control := time.Now(), http.NewResponseController(w)
	_ = control.SetReadDeadline(now.Add(s.arrival))                       // a writer without deadlines
	_ = control.SetWriteDeadline(now.Add(s.arrival + b.time + sendLimit)) // is one of a test
	tooBig := failure(connect.CodeResourceExhausted, ReasonBodyTooBig, "the request is larger than %d bytes", b.bytes)
	if r.ContentLength > int64(b.bytes) {
		w.Header().Set("Connection", "close")
		return tooBig
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(b.bytes)))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return tooBig
	case errors.Is(err, os.ErrDeadlineExceeded):
		return failure(connect.CodeDeadlineExceeded, ReasonBodySlow, "the request did not arrive within %s", s.arrival)
	case err != nil:
		return failure(connect.CodeCanceled, ReasonCanceled, "the request did not arrive: %w", err)
	}
	_ = control.SetReadDeadline(time.Time{}) // else a call that takes longer would be canceled by it
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// fenced counts calls, gives errors their codes, and turns panics into errors.
type fenced struct{ *Server }

// WrapUnary implements connect.Interceptor.
func (f fenced) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (out connect.AnyResponse, err error) {
		name := callName(req.Spec().Procedure)
		f.counts.called(name)
		defer func() {
			if err = f.failed(ctx, name, recover(), err); err != nil {
				out = nil
			}
		}()
		return next(ctx, req)
	}
}

// WrapStreamingClient implements connect.Interceptor.
func (fenced) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler implements connect.Interceptor.
func (f fenced) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) (err error) {
		name := callName(conn.Spec().Procedure)
		f.counts.called(name)
		defer func() { err = f.failed(ctx, name, recover(), err) }()
		return next(ctx, conn)
	}
}

// failed is the end of a call as it is sent: of a panic, of an error, or of neither. What Connect
// itself says of a stream, that its request is no message, is sent as of other calls, whose
// requests it reads before they come here.
func (f fenced) failed(ctx context.Context, name string, panicked any, err error) error {
	if panicked != nil {
		f.log.Error("panic", "call", name, "value", panicked, "stack", string(debug.Stack()))
		err = failure(connect.CodeInternal, ReasonPanic, "a fault in this program; its log has more")
	}
	if err == nil {
		return nil
	}
	e := ended(ctx, err)
	f.counts.fail(e.Reason)
	var own *connect.Error
	if e.Reason == ReasonFailed && errors.As(err, &own) {
		return own
	}
	return e.wire()
}
