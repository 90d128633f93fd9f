package lk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	tryPath  = "/rtc/validate"
	tryLimit = 10 * time.Second // for the whole question; the SDK gives the same one 10 s too
	tryBody  = 4 << 10          // bytes of an answer that are read
)

// Try asks the server whether Join would be let in, with the same token, and joins nothing: the
// room need not exist and is not made. It costs one HTTP request, so that a wrong key is noticed
// before models are loaded. Nil does not promise that media will flow. Errors are JoinErrors, the
// same as those of Join.
func Try(ctx context.Context, cfg Config) error {
	failed := func(err error) error { return &JoinError{URL: address(cfg.URL), Room: cfg.Room, Err: err} }
	if err := cfg.validate(); err != nil {
		return failed(err)
	}
	token := cfg.Token
	if token == "" {
		var err error
		if token, err = mint(&cfg); err != nil {
			return failed(err)
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, tryLimit,
		fmt.Errorf("%w: no answer within %s", ErrUnreachable, tryLimit))
	defer cancel()
	err := try(ctx, cfg.URL, token)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotLiveKit):
		return failed(err)
	}
	return classify(ctx, cfg, token, err, time.Now())
}

// try puts the question. Refusals have the words that the SDK uses for them.
func try(ctx context.Context, server, token string) error {
	status, text, err := ask(ctx, server, token)
	if err != nil {
		return err
	}
	switch status {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return errors.New(sdkUnauthorized + text) // told apart by its beginning, as the SDK's are
	case http.StatusServiceUnavailable:
		return errors.New(sdkUnavailable + text) // as above
	case http.StatusNotFound:
		return errors.New(sdkNotFound) // as above
	default:
		return fmt.Errorf("%w: the answer to %s is %d %s: %.200q", ErrNotLiveKit, tryPath, status, http.StatusText(status), redact(text))
	}
}

// ask asks a server whether a token would be let in; an empty one is not shown.
func ask(ctx context.Context, server, token string) (status int, text string, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return 0, "", err // the caller classifies it, as the others
	}
	switch strings.ToLower(u.Scheme) {
	case "ws":
		u.Scheme = "http"
	case "wss":
		u.Scheme = "https"
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + tryPath
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the token goes to the server that was named and to no other
	}}
	answer, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, tryBody))
	return answer.StatusCode, strings.TrimSpace(string(body)), err
}
