package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 4 << 20

// Fetch asks a running program. token may be empty. No proxy is used. Errors: ErrConfig for an
// address that is none, ErrNoAnswer, ErrNotReady, ErrRefused.
func Fetch(ctx context.Context, address, token, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is no address; use HOST:PORT", ErrConfig, address)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: %w", ErrNoAnswer, address, err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("%w at %s: %w", ErrNoAnswer, address, err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("%w: %s sent more than %d bytes", ErrRefused, address, maxAnswer)
	}
	if resp.StatusCode == http.StatusOK {
		return body, nil
	}
	kind := ErrRefused
	if path == ReadyPath && resp.StatusCode == http.StatusServiceUnavailable {
		kind = ErrNotReady
	}
	return nil, fmt.Errorf("%w: %s answered %s: %s", kind, address, resp.Status, printable.Cut(strings.TrimSpace(string(body)), 512))
}
