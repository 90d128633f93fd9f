package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Prefix is what the paths of the page's parts begin with; the page itself is at "/".
const Prefix = "/console/"

// Config says what the page may reach.
type Config struct {
	// Servers are the addresses of LiveKit servers that the page may connect to, as in
	// "wss://host:7880". The page's own origin is allowed always.
	Servers []string
}

//go:embed dist
var dist embed.FS

// file is a part of the page as it is sent.
type file struct {
	packed []byte // gzip
	kind   string // of its content
	tag    string
	kept   bool // its name changes with its content
}

// Page is the console. It is safe from any goroutine, and changes nothing.
type Page struct {
	files  map[string]file // by path of the request
	policy string
}

// New reads the page that is built in. Errors: ErrServer.
func New(cfg Config) (*Page, error) {
	policy, err := policyFor(cfg.Servers)
	if err != nil {
		return nil, err
	}
	p := &Page{files: map[string]file{}, policy: policy}
	err = fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return p.add(name)
	})
	return p, err
}

// Size is how many parts the page has, and how many bytes they take as they are sent.
func (p *Page) Size() (parts, bytes int) {
	for _, f := range p.files {
		bytes += len(f.packed)
	}
	return len(p.files), bytes
}

// add reads a packed part.
func (p *Page) add(name string) error {
	packed, err := dist.ReadFile(name)
	if err != nil {
		return err
	}
	at := Prefix + strings.TrimSuffix(strings.TrimPrefix(name, "dist/"), ".gz")
	sum := sha256.Sum256(packed)
	f := file{packed: packed, kind: kindOf(at), tag: hex.EncodeToString(sum[:12]), kept: true}
	if path.Base(at) == "index.html" {
		at, f.kept = "/", false
	}
	p.files[at] = f
	return nil
}

// kindOf is the type of what has such a name. Those of the system's own table differ between
// machines.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return "application/octet-stream"
}

// ServeHTTP answers GET and HEAD of the page and its parts.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(), geolocation=()")
	f, found := p.files[r.URL.Path]
	switch {
	case !found:
		h.Set("Cache-Control", "no-store")
		http.Error(w, "there is no such page", http.StatusNotFound)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "the page is only read", http.StatusMethodNotAllowed)
		return
	}
	f.serve(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if f.kept {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := f.packed, `"`+f.tag+`-gzip"`
	if takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
	} else {
		body, tag = unpack(f.packed), `"`+f.tag+`"`
	}
	h.Set("ETag", tag)
	if known(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client went away; there is nobody to tell
	}
}

// unpack returns a part as it was built. What is built in is whole: a test reads all of it.
func unpack(packed []byte) []byte {
	var out bytes.Buffer
	if r, err := gzip.NewReader(bytes.NewReader(packed)); err == nil {
		_, _ = io.Copy(&out, r)
	}
	return out.Bytes()
}

// takesGzip reports whether the client says that it reads gzip.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(part, ";")
		if name = strings.TrimSpace(name); !strings.EqualFold(name, "gzip") && name != "*" {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && weight > 0
	}
	return false
}

// known reports whether a tag is among those that the client has.
func known(have, tag string) bool {
	for t := range strings.SplitSeq(have, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// policyFor is the page's Content-Security-Policy. A LiveKit server is reached by its socket and by
// requests to the same host.
func policyFor(servers []string) (string, error) {
	reach := []string{"'self'"}
	for _, s := range servers {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " ;,'\"") {
			return "", fmt.Errorf("%w: %q", ErrServer, s)
		}
		switch u.Scheme {
		case "ws", "http":
			reach = append(reach, "ws://"+u.Host, "http://"+u.Host)
		case "wss", "https":
			reach = append(reach, "wss://"+u.Host, "https://"+u.Host)
		default:
			return "", fmt.Errorf("%w: %q", ErrServer, s)
		}
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "media-src 'self' blob: mediastream:",
		"connect-src " + strings.Join(reach, " "), "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; "), nil
}
