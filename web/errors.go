package web

import "errors"

// ErrServer says that the address of the LiveKit server cannot be named to a browser: use
// ws://HOST:PORT or wss://HOST.
var ErrServer = errors.New("web: no address of a LiveKit server")
