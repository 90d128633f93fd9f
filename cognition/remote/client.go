package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const (
	maxHeaders = 64 << 10 // bytes of response headers
	maxWaiting = 64       // calls that wait for a place
	idleFor    = 90 * time.Second
	dialSlack  = time.Second
)

// Client is one provider. It is safe for concurrent use.
type Client struct {
	cfg      Config
	endpoint secret // the query may hold some
	headers  map[string]secret
	secrets  secrets
	http     *http.Client
	places   chan struct{}
	waiting  atomic.Int64

	mu     sync.RWMutex // held for reading by every call, for writing by Close
	closed bool
}

// Open checks the configuration and reads the key and whatever else comes from the environment or
// files; it does not ask the server. Errors: [*Error] of kind ErrConfig or ErrKey.
func Open(cfg Config) (*Client, error) {
	c := &Client{cfg: cfg}
	if err := c.cfg.complete(); err != nil {
		return nil, &Error{Kind: ErrConfig, Provider: cfg.Provider, URL: "address not checked", Detail: err.Error(), Next: "correct the entry in the catalog file"}
	}
	if err := c.readValues(); err != nil {
		return nil, err
	}
	c.places = make(chan struct{}, c.cfg.Concurrency)
	c.http = &http.Client{
		Transport: &http.Transport{
			// The watch of a call ends connecting; these bounds end a dial that goes on in the
			// background.
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: c.cfg.Timeouts.Connect + dialSlack}).DialContext,
			TLSHandshakeTimeout: c.cfg.Timeouts.Connect + dialSlack, ForceAttemptHTTP2: true, DisableCompression: true,
			MaxResponseHeaderBytes: maxHeaders, MaxIdleConnsPerHost: c.cfg.Concurrency, IdleConnTimeout: idleFor,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Provider is the provider's name.
func (c *Client) Provider() string { return c.cfg.Provider }

// Queue is how long a call may wait for a place.
func (c *Client) Queue() time.Duration { return c.cfg.Queue }

// Limits are the timeouts of a call, defaults filled in.
func (c *Client) Limits() Timeouts { return c.cfg.Timeouts }

// Busy is the error of a call that finds all places taken, for callers that count the places
// themselves; cause may be nil.
func (c *Client) Busy(model string, cause error) error {
	return c.busy(model, fmt.Sprintf("%d places", c.cfg.Concurrency), cause)
}

func (c *Client) busy(model, detail string, cause error) error {
	e := c.fail(ErrBusy, model, cause)
	e.Detail = detail
	e.Next = "ask again later, or raise concurrency or queue in the catalog file if the server can take more"
	return e
}

// Close waits for running calls and closes idle connections. It is idempotent.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.http.CloseIdleConnections()
	return nil
}

// Chat asks once. emit receives the answer piece by piece, on this goroutine; it may be nil; an
// error of emit ends the call, closes the connection and is returned as it is. Cancelling ctx does
// the same with the context's cause. Every other error is an [*Error]. An answer that ended without
// a word of text is one too, of kind ErrNoAnswer around an [*answer.Error] that says why. The
// result is valid with any error, and holds what was written until then.
func (c *Client) Chat(ctx context.Context, req Request, emit func(piece string) error) (prompt.Result, error) {
	start := time.Now()
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return prompt.Result{}, c.fail(ErrClosed, req.Model, nil)
	}
	if err := req.check(); err != nil {
		return prompt.Result{}, c.fail(ErrConfig, req.Model, err)
	}
	body, err := req.encode(!c.cfg.NoStreamOptions, c.cfg.Cache)
	if err != nil {
		return prompt.Result{}, c.fail(ErrConfig, req.Model, err)
	}
	if err := c.take(ctx, req.Model); err != nil {
		return prompt.Result{}, err
	}
	defer func() { <-c.places }()
	watched, w := newWatch(ctx, c.cfg.Timeouts)
	defer w.stop()
	a := &reply{client: c, model: req.Model, start: start, watch: w, emit: emit}
	err = a.run(watched, body)
	a.result.Text, a.result.Total = a.text.String(), time.Since(start)
	if err != nil {
		err = a.explain(ctx, watched, err)
		a.result.Reason, a.result.Finish = "", ""
		return a.result, err
	}
	return a.result, a.unanswered(req.MaxTokens)
}

// take waits for a place as the configuration says.
func (c *Client) take(ctx context.Context, model string) error {
	select {
	case c.places <- struct{}{}:
		return nil
	default:
	}
	busy := func(detail string) error {
		return c.busy(model, fmt.Sprintf("%d of %d calls are under way%s", len(c.places), cap(c.places), detail), nil)
	}
	if c.cfg.Queue == 0 {
		return busy("")
	}
	defer c.waiting.Add(-1)
	if c.waiting.Add(1) > maxWaiting {
		return busy(fmt.Sprintf(", %d wait", maxWaiting))
	}
	limit := time.NewTimer(c.cfg.Queue)
	defer limit.Stop()
	select {
	case c.places <- struct{}{}:
		return nil
	case <-limit.C:
		return busy(fmt.Sprintf(", none ended within %v", c.cfg.Queue))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// fail makes an error of this provider. Advice for its kind is filled in.
func (c *Client) fail(kind error, model string, cause error) *Error {
	return &Error{Kind: kind, Provider: c.cfg.Provider, URL: c.cfg.BaseURL, Model: model, Err: cause, Next: c.advice(kind)}
}

// send posts the request and returns the response, whatever its status.
func (c *Client) send(ctx context.Context, w *watch, body []byte) (*http.Response, error) {
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { w.connected() }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, string(c.endpoint), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range c.headers {
		req.Header.Set(name, string(value))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Accept-Encoding", "identity") // a stream that is packed comes late, in lumps
	resp, err := c.http.Do(req)
	if err != nil {
		var outer *url.Error // says the method and the address again, which may hold a secret
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return nil, err
	}
	return resp, nil
}
