package remote

import (
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// decoded returns the plain body. The request asks for "identity"; where a server, or something
// between, packs it all the same, gzip and deflate are unpacked as they come, and any other packing
// is named. The readers need no closing beyond the body's own.
func decoded(resp *http.Response) (io.Reader, error) {
	kind := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	switch kind {
	case "", "identity":
		return resp.Body, nil
	case "gzip", "x-gzip":
		return &lazy{body: resp.Body, open: func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }}, nil
	case "deflate":
		return &lazy{body: resp.Body, open: func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }}, nil
	}
	return nil, fmt.Errorf("the answer is packed as %q although identity was asked for; switch that off at the server or at what stands between", kind)
}

// lazy opens the packed stream at the first read: its head comes with the first token.
type lazy struct {
	body io.Reader
	open func(io.Reader) (io.Reader, error)
	in   io.Reader
}

// Read implements io.Reader.
func (l *lazy) Read(p []byte) (int, error) {
	if l.in == nil {
		in, err := l.open(l.body)
		if err != nil {
			return 0, err
		}
		l.in = in
	}
	return l.in.Read(p)
}
