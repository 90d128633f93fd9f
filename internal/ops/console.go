package ops

import (
	"net/http"
	"strings"
)

// ConsolePath begins the paths of the console's parts.
const ConsolePath = "/console/"

// opened are the paths that need no token.
func opened(path string) bool {
	return path == HealthPath || path == ReadyPath || path == RootPath || strings.HasPrefix(path, ConsolePath)
}

// consoled serves the console, and everything else by h. Programs that ask at RootPath how a worker
// is do not ask for HTML.
func (c Config) consoled(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		html := strings.Contains(r.Header.Get("Accept"), "text/html")
		if c.Console != nil && (strings.HasPrefix(r.URL.Path, ConsolePath) || r.URL.Path == RootPath && html) {
			c.Console.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
