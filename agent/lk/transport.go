package lk

import "fmt"

// Transport says what media may go through. The zero value is the best way over UDP, and the TURN
// servers that the server names where there is no other.
type Transport string

// Transports.
const (
	// Relay takes TURN servers only: over UDP, TCP or TLS, as the server names them.
	Relay Transport = "relay"
	// TCP takes the server's own TCP port only (rtc.tcp_port in its configuration).
	TCP Transport = "tcp"
)

func (t Transport) validate() error {
	switch t {
	case "", Relay, TCP:
		return nil
	}
	return fmt.Errorf("%w: transport %q is unknown; known are relay and tcp", ErrConfig, string(t))
}
