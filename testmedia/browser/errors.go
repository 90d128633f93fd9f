package browser

import "errors"

var (
	// ErrMissing means that Chromium, Node.js or the page's packages are not installed; the text
	// says which. scripts/test-browser installs the packages.
	ErrMissing = errors.New("not installed")
	// ErrPage means that the page or the browser had a problem of its own; the text has it.
	ErrPage = errors.New("the page failed")
	// ErrEnded means that the browser has ended.
	ErrEnded = errors.New("the browser has ended")
)
