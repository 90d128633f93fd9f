package worker

import (
	"context"
	"net"
)

// DialWith has the worker dial with f instead of the network.
func (w *Worker) DialWith(f func(ctx context.Context, network, address string) (net.Conn, error)) {
	w.dial = f
}

// Endpoint and Decode are what tests look at without a server.
var (
	Endpoint = endpoint
	Decode   = decode
)
