package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// maxDrops is how often a transfer that breaks off may be continued within one pull.
const maxDrops = 5

// maxUnknown bounds a file whose size nobody declared, in bytes.
const maxUnknown = 64 << 30

// errRestart says that a part cannot be continued and was removed.
var errRestart = errors.New("models: part does not fit, starting again")

// partInfo stands beside a part: where its bytes come from.
type partInfo struct {
	URL  string `json:"url"`
	ETag string `json:"etag"`
}

// download brings a part to its full length. resumed tells whether bytes of an earlier attempt are
// in it.
func (s *Store) download(ctx context.Context, req request, part string, size int64, m *meter) (resumed bool, err error) {
	for drops := 0; ; drops++ {
		offset := partOffset(part, req.url, size)
		resumed = resumed || offset > 0 && drops == 0
		if size > 0 && offset == size {
			m.set(offset)
			return resumed, nil
		}
		before := offset
		err := s.transfer(ctx, req, part, offset, size, m)
		if err == nil {
			return resumed, nil
		}
		if errors.Is(err, errRestart) {
			resumed = false
		} else if got := partOffset(part, req.url, size); !errors.Is(err, io.ErrUnexpectedEOF) || got <= before || ctx.Err() != nil {
			return resumed, err
		}
		if drops >= maxDrops {
			return resumed, fmt.Errorf("the transfer broke off %d times: %w", drops+1, err)
		}
	}
}

// partOffset returns how many bytes of a part can be kept.
func partOffset(part, url string, size int64) int64 {
	info, err := os.Stat(part)
	if err != nil {
		return 0
	}
	var have partInfo
	data, err := os.ReadFile(part + ".json")
	if err != nil || json.Unmarshal(data, &have) != nil || have.URL != url || size > 0 && info.Size() > size {
		removePart(part)
		return 0
	}
	return info.Size()
}

// transfer sends one request and appends what comes. A connection that breaks gives
// io.ErrUnexpectedEOF.
func (s *Store) transfer(ctx context.Context, r request, part string, offset, size int64, m *meter) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := r.at(ctx, http.MethodGet, r.url)
	if err != nil {
		return err
	}
	if offset > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
		if tag := partETag(part); tag != "" {
			req.Header.Set("If-Range", tag)
		}
	}
	resp, err := s.net.client.Do(req)
	if err != nil {
		return fmt.Errorf("download: %w", bare(err))
	}
	defer func() { _ = resp.Body.Close() }()
	total, err := checkAnswer(resp, offset, size, m.event.File)
	if err != nil {
		if errors.Is(err, errRestart) {
			removePart(part)
		}
		return err
	}
	if resp.StatusCode == http.StatusOK {
		offset = 0
	}
	w, err := s.writePart(part, offset == 0)
	if err != nil {
		return err
	}
	if err := writePartInfo(part, partInfo{URL: r.url, ETag: strongETag(resp)}); err != nil {
		_ = w.Close()
		return diskError(s.dir, err)
	}
	m.event.Total = max(total, m.event.Total)
	m.set(offset)
	body := &stallReader{r: resp.Body, limit: s.opt.StallTimeout, cancel: cancel}
	defer body.stop()
	err = copyBody(w, body, total-offset, m)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return diskError(s.dir, err)
}

// checkAnswer returns the full length of the file that an answer announces, or maxUnknown.
func checkAnswer(resp *http.Response, offset, size int64, file string) (int64, error) {
	var total int64
	switch resp.StatusCode {
	case http.StatusOK:
		total = resp.ContentLength
	case http.StatusPartialContent:
		start, full, ok := parseContentRange(resp.Header.Get("Content-Range"))
		if !ok || start != offset {
			return 0, errRestart
		}
		total = full
	case http.StatusRequestedRangeNotSatisfiable:
		return 0, errRestart
	default:
		return 0, &StatusError{Code: resp.StatusCode, Host: resp.Request.URL.Host}
	}
	switch {
	case size > 0 && total >= 0 && total != size:
		return 0, &SizeError{File: file, Want: size, Got: total}
	case size > 0:
		return size, nil
	case total >= 0:
		return total, nil
	}
	return maxUnknown, nil
}

// parseContentRange reads "bytes 5-9/10".
func parseContentRange(v string) (start, total int64, ok bool) {
	span, full, found := strings.Cut(strings.TrimPrefix(v, "bytes "), "/")
	first, _, dash := strings.Cut(span, "-")
	if !found || !dash {
		return 0, 0, false
	}
	start, err := strconv.ParseInt(first, 10, 64)
	if err != nil || start < 0 {
		return 0, 0, false
	}
	if full == "*" {
		return start, -1, true
	}
	total, err = strconv.ParseInt(full, 10, 64)
	return start, total, err == nil && total >= start
}

// copyBody copies at most want bytes. Fewer is io.ErrUnexpectedEOF, except where the length was
// unknown.
func copyBody(w io.Writer, r io.Reader, want int64, m *meter) error {
	buf := make([]byte, 128<<10)
	var n int64
	for {
		k, rerr := r.Read(buf)
		if k > 0 {
			if n += int64(k); n > want {
				return &SizeError{File: m.event.File, Want: want, Got: n}
			}
			if _, err := w.Write(buf[:k]); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			m.add(int64(k))
		}
		switch {
		case rerr == nil:
		case errors.Is(rerr, io.EOF) && (n == want || want >= maxUnknown/2):
			return nil
		case errors.Is(rerr, io.EOF):
			return io.ErrUnexpectedEOF
		default:
			return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, rerr)
		}
	}
}

// stallReader cancels a transfer that brings nothing for a while.
type stallReader struct {
	r      io.Reader
	limit  time.Duration
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

// Read implements io.Reader.
func (s *stallReader) Read(p []byte) (int, error) {
	if s.timer == nil {
		s.timer = time.AfterFunc(s.limit, func() {
			s.cancel(fmt.Errorf("%w: nothing came for %s", ErrUnreachable, s.limit))
		})
	} else {
		s.timer.Reset(s.limit)
	}
	return s.r.Read(p)
}

func (s *stallReader) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

func strongETag(resp *http.Response) string {
	tag := resp.Header.Get("Etag")
	if strings.HasPrefix(tag, "W/") {
		return ""
	}
	return tag
}

func partETag(part string) string {
	var have partInfo
	data, err := os.ReadFile(part + ".json")
	if err != nil || json.Unmarshal(data, &have) != nil {
		return ""
	}
	return have.ETag
}

func writePartInfo(part string, info partInfo) error {
	data, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("note the source of a part: %w", err)
	}
	if err := os.WriteFile(part+".json", data, 0o644); err != nil {
		return fmt.Errorf("note the source of a part: %w", err)
	}
	return nil
}
