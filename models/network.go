package models

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// headerTimeout bounds the wait for an answer's header.
const headerTimeout = 20 * time.Second

// request is one address, with the token to send to it.
type request struct {
	url   string
	token string
}

// StatusError is an answer that is not the file.
type StatusError struct {
	// Code is the HTTP status, Host who sent it.
	Code int
	Host string
}

// Error names the status and what it usually means for a model host.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s answered %d %s", e.Host, e.Code, http.StatusText(e.Code))
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden:
		text += " (accept the licence at the publisher and set HF_TOKEN, or use another source)"
	}
	return text
}

// network is the HTTP side of a Store: short connect timeouts, and hosts that failed are not tried
// again.
type network struct {
	client *http.Client
	dead   *deadHosts
}

func newNetwork(opt Options) *network {
	dialer := &net.Dialer{Timeout: opt.ConnectTimeout}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext,
		TLSHandshakeTimeout: opt.ConnectTimeout, ResponseHeaderTimeout: headerTimeout,
		MaxIdleConnsPerHost: opt.Parallel, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		DisableCompression: true,
	}
	dead := &deadHosts{next: transport, failed: map[string]error{}}
	return &network{client: &http.Client{Transport: dead}, dead: dead}
}

func (n *network) close() { n.client.CloseIdleConnections() }

// deadHosts remembers hosts that could not be connected to.
type deadHosts struct {
	next   *http.Transport
	mu     sync.Mutex
	failed map[string]error
}

// RoundTrip implements http.RoundTripper.
func (d *deadHosts) RoundTrip(req *http.Request) (*http.Response, error) {
	host := req.URL.Host
	d.mu.Lock()
	err := d.failed[host]
	d.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("%w, %w: %s: %w", ErrUnreachable, ErrSkipped, host, err)
	}
	resp, err := d.next.RoundTrip(req)
	if err == nil || req.Context().Err() != nil {
		return resp, err
	}
	if connectFailure(err) {
		d.mu.Lock()
		d.failed[host] = err
		d.mu.Unlock()
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreachable, host, err)
	}
	return nil, err
}

// CloseIdleConnections lets http.Client close the pool behind the wrapper.
func (d *deadHosts) CloseIdleConnections() { d.next.CloseIdleConnections() }

// connectFailure holds for errors that happen before a request reaches a host.
func connectFailure(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") { // a name that is not found is a dial too
		return true
	}
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout() // handshake or header timeout
}

// bare takes the method and address off an HTTP error: the source that was tried is named beside
// it.
func bare(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// skip returns why a source is not worth asking, or nil.
func (n *network) skip(src Source, huggingFace string) error {
	key := ""
	switch {
	case src.HuggingFace != nil, src.URL != "":
		address := src.URL
		if src.HuggingFace != nil {
			address = huggingFace
		}
		if u, err := url.Parse(address); err == nil {
			key = u.Host
		}
	case src.PyPI != nil:
		key = "pypi"
	case src.NPM != nil:
		key = "npm"
	}
	n.dead.mu.Lock()
	defer n.dead.mu.Unlock()
	cause := n.dead.failed[key]
	if key == "" || cause == nil {
		return nil
	}
	return fmt.Errorf("%w, %w: %w", ErrUnreachable, ErrSkipped, cause)
}

// declaration is what a model host says about a file before it is fetched.
type declaration struct {
	size   int64
	sha256 string
	git    string
	commit string
}

// declared asks a host for the digest, size and commit of a file without fetching it.
func (n *network) declared(ctx context.Context, r request) (declaration, error) {
	client := *n.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ctx, cancel := context.WithTimeout(ctx, headerTimeout)
	defer cancel()
	address := r.url
	for range 5 {
		req, err := r.at(ctx, http.MethodHead, address)
		if err != nil {
			return declaration{}, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return declaration{}, fmt.Errorf("ask for the digest: %w", bare(err))
		}
		_ = resp.Body.Close()
		switch {
		case resp.StatusCode >= 400:
			return declaration{}, &StatusError{Code: resp.StatusCode, Host: req.URL.Host}
		case resp.StatusCode < 300 || resp.Header.Get("X-Linked-Etag") != "" || resp.Header.Get("X-Repo-Commit") != "":
			return parseDeclaration(resp), nil
		}
		next, err := req.URL.Parse(resp.Header.Get("Location"))
		if err != nil || next.Host != req.URL.Host {
			return declaration{}, fmt.Errorf("%w: %s redirects to another host first", ErrNoDigest, req.URL.Host)
		}
		address = next.String()
	}
	return declaration{}, fmt.Errorf("%w: too many redirects", ErrNoDigest)
}

func parseDeclaration(resp *http.Response) declaration {
	var d declaration
	d.commit = resp.Header.Get("X-Repo-Commit")
	if !hexDigest(d.commit, 20) {
		d.commit = ""
	}
	if v, err := strconv.ParseInt(resp.Header.Get("X-Linked-Size"), 10, 64); err == nil && v > 0 {
		d.size = v
	} else if resp.StatusCode < 300 && resp.ContentLength > 0 {
		d.size = resp.ContentLength
	}
	for _, name := range []string{"X-Linked-Etag", "Etag"} {
		tag := strings.Trim(strings.TrimPrefix(resp.Header.Get(name), "W/"), `"`)
		switch {
		case hexDigest(tag, 32):
			d.sha256 = tag
			return d
		case hexDigest(tag, 20):
			d.git = tag
			return d
		}
	}
	return d
}

// at builds the request; the token goes to the request's own host only.
func (r request) at(ctx context.Context, method, address string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, fmt.Errorf("build a request: %w", err)
	}
	req.Header.Set("User-Agent", "sensory-agent")
	req.Header.Set("Accept-Encoding", "identity")
	if own, err := url.Parse(r.url); r.token != "" && err == nil && own.Host == req.URL.Host {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	return req, nil
}

// escapePath escapes each element of a slash path.
func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
