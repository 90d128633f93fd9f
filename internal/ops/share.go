package ops

import (
	"net/http"
	"slices"
)

// shared tells whether a request comes from a web page of others that may use what it asks for.
func (c Config) shared(r *http.Request) bool {
	m, origin := c.mount(r), r.Header.Get("Origin")
	return m != nil && origin != "" && slices.Contains(m.Origins, origin)
}

// shares is shared, and lets the page read the answer. Cookies and the like are not let through:
// nothing here knows any. https://fetch.spec.whatwg.org/#http-cors-protocol
func (c Config) shares(w http.ResponseWriter, r *http.Request) bool {
	m := c.mount(r)
	if m == nil || len(m.Origins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !c.shared(r) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	if preflight(r) {
		h.Set("Access-Control-Allow-Methods", http.MethodPost)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "600") // seconds
	}
	return true
}

// preflight tells whether a browser asks what a page may ask.
func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}
