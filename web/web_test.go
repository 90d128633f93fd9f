package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/web"
)

const server = "ws://127.0.0.1:7880"

func page(t *testing.T, servers ...string) *web.Page {
	t.Helper()
	p, err := web.New(web.Config{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(p *web.Page, method, path string, header ...string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(method, path, http.NoBody), httptest.NewRecorder()
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	p.ServeHTTP(w, r)
	return w
}

func unpacked(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.String()
	}
	r, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parts are the addresses that the page names.
func parts(html string) (out []string) {
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(html, -1) {
		if strings.HasPrefix(m[1], "/") {
			out = append(out, m[1])
		}
	}
	return out
}

// TestThePageAndItsParts: everything that the page names is there, packed and not, of the right
// type; nothing in it is inline or from elsewhere.
func TestThePageAndItsParts(t *testing.T) {
	p := page(t, server)
	w := ask(p, http.MethodGet, "/", "Accept-Encoding", "br, gzip")
	html := unpacked(t, w)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Cache-Control") != "no-cache" ||
		w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" || !strings.Contains(html, `<div id="console">`) {
		t.Fatalf("%d %v %s", w.Code, w.Header(), html)
	}
	if regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script[^>]*>[^<]|https?://`).MatchString(html) {
		t.Errorf("inline, or from elsewhere: %s", html)
	}
	found := parts(html)
	if len(found) < 3 {
		t.Fatalf("parts: %v", found)
	}
	kinds := map[string]string{"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	for _, at := range found {
		packed, plain := ask(p, http.MethodGet, at, "Accept-Encoding", "gzip"), ask(p, http.MethodGet, at)
		kind := kinds[at[strings.LastIndexByte(at, '.')+1:]]
		if packed.Code != http.StatusOK || packed.Header().Get("Content-Type") != kind || !strings.Contains(packed.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", at, packed.Code, packed.Header())
		}
		if plain.Header().Get("Content-Encoding") != "" || plain.Body.Len() == 0 || plain.Body.String() != unpacked(t, packed) {
			t.Errorf("%s: packed and not differ", at)
		}
		if plain.Header().Get("ETag") == packed.Header().Get("ETag") {
			t.Errorf("%s: both have one tag", at)
		}
	}
}

// TestLicencesAreServed: what others wrote of the page is named with its licence.
func TestLicencesAreServed(t *testing.T) {
	text := unpacked(t, ask(page(t), http.MethodGet, web.Prefix+"licences.txt", "Accept-Encoding", "gzip"))
	for _, want := range []string{"livekit-client 2.23.0, Apache-2.0", "preact ", "MIT", "Permission is hereby granted"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// TestThePageIsKept by clients that have it already.
func TestThePageIsKept(t *testing.T) {
	p := page(t)
	tag := ask(p, http.MethodGet, "/", "Accept-Encoding", "gzip").Header().Get("ETag")
	for have, code := range map[string]int{
		tag: http.StatusNotModified, "W/" + tag: http.StatusNotModified, `"other", ` + tag: http.StatusNotModified, "*": http.StatusNotModified,
		`"other"`: http.StatusOK, "": http.StatusOK, strings.Trim(tag, `"`): http.StatusOK,
	} {
		w := ask(p, http.MethodGet, "/", "Accept-Encoding", "gzip", "If-None-Match", have)
		if w.Code != code || (code == http.StatusNotModified) != (w.Body.Len() == 0) || w.Header().Get("ETag") != tag {
			t.Errorf("%s: %d, %d bytes", have, w.Code, w.Body.Len())
		}
	}
	if w := ask(p, http.MethodGet, "/", "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("the packed one's tag stands for the other: %d", w.Code)
	}
}

// TestWhoTakesGzip: a weight of 0 refuses it.
func TestWhoTakesGzip(t *testing.T) {
	p := page(t)
	for accepts, want := range map[string]string{
		"gzip": "gzip", "deflate, GZIP;q=0.5": "gzip", "*": "gzip", "gzip; q=1": "gzip",
		"": "", "gzip;q=0": "", "gzip;q=0.0": "", "br": "", "gzip;q=x": "", "gzipped": "",
	} {
		if got := ask(p, http.MethodGet, "/", "Accept-Encoding", accepts).Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: %q", accepts, got)
		}
	}
}

// TestWhatElseIsAsked: a HEAD has no body, other methods and paths are refused; the policy is
// always there.
func TestWhatElseIsAsked(t *testing.T) {
	p := page(t)
	for _, c := range []struct {
		method, path string
		code         int
		empty        bool
	}{
		{http.MethodHead, "/", http.StatusOK, true},
		{http.MethodPost, "/", http.StatusMethodNotAllowed, false},
		{http.MethodGet, "/console/", http.StatusNotFound, false},
		{http.MethodGet, "/console/index.html", http.StatusNotFound, false},
		{http.MethodGet, "/console/../doc.go", http.StatusNotFound, false},
		{http.MethodGet, "/dist/index.html.gz", http.StatusNotFound, false},
	} {
		w := ask(p, c.method, c.path)
		if w.Code != c.code || c.empty != (w.Body.Len() == 0) || w.Header().Get("Content-Security-Policy") == "" ||
			w.Header().Get("X-Content-Type-Options") != "nosniff" || strings.Contains(w.Body.String(), c.path) && c.path != "/" {
			t.Errorf("%s %s: %d %v %s", c.method, c.path, w.Code, w.Header(), w.Body)
		}
	}
}

// TestPolicy: scripts and styles are the page's own, markup is never made of text, and only the
// origin and the servers named are reached.
func TestPolicy(t *testing.T) {
	policy := ask(page(t, server, "wss://live.example"), http.MethodGet, "/").Header().Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
		"connect-src 'self' ws://127.0.0.1:7880 http://127.0.0.1:7880 wss://live.example https://live.example",
	} {
		if !strings.Contains("; "+policy+";", "; "+want+";") {
			t.Errorf("%q is not in %q", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
	for _, wrong := range []string{"", "127.0.0.1:7880", "ftp://host", "ws://", "wss://host name", "ws://a;script-src", "://"} {
		if _, err := web.New(web.Config{Servers: []string{wrong}}); !errors.Is(err, web.ErrServer) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// TestPageIsSmall: the whole of it, and what the first view needs, in bytes as they are sent.
func TestPageIsSmall(t *testing.T) {
	const most, mostAtFirst = 400_000, 60_000
	all, first := 0, 0
	html := unpacked(t, ask(page(t), http.MethodGet, "/"))
	err := fs.WalkDir(os.DirFS("dist"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile("dist/" + name)
		if err != nil {
			return err
		}
		if _, err := gzip.NewReader(bytes.NewReader(body)); err != nil {
			t.Errorf("%s is not packed: %v", name, err)
		}
		all += len(body)
		if strings.Contains(html, strings.TrimSuffix(name, ".gz")) || name == "index.html.gz" {
			first += len(body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if all == 0 || all > most || first == 0 || first > mostAtFirst {
		t.Errorf("%d bytes, %d at first", all, first)
	}
}

// TestPageIsBuiltFromItsSources: dist/ is what npm run build made of the sources as they are.
// Whether it is that to the byte scripts/test-page sees, which has npm.
func TestPageIsBuiltFromItsSources(t *testing.T) {
	t.Parallel()
	files := []string{"index.html", "package-lock.json", "pack.mjs", "tsconfig.json", "vite.config.ts"}
	err := filepath.WalkDir("src", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	all := sha256.New()
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(all, "%x  %s\n", sha256.Sum256(data), name)
	}
	kept, err := os.ReadFile("sources.sha256")
	if err != nil || strings.TrimSpace(string(kept)) != hex.EncodeToString(all.Sum(nil)) {
		t.Errorf("web/dist is older than web/src (%v): BUILD=1 scripts/test-page check", err)
	}
}
