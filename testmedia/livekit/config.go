package livekit

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// serverConfig keeps every socket on loopback. The STUN entry points at a closed loopback port: an
// empty list would hand public STUN hosts to clients.
const serverConfig = `port: %d
bind_addresses: ["127.0.0.1"]
rtc:
  use_external_ip: false
  node_ip: 127.0.0.1
  tcp_port: %d
  udp_port: %d
  interfaces: {includes: [lo]}
  ips: {includes: [127.0.0.1/32]}
  enable_loopback_candidate: true
  stun_servers: ["127.0.0.1:3479"]
%skeys:
  %s: %s
logging: {level: warn}
%s`

// lines are lines of a configuration.
func lines(indent string, all []string) string {
	var s strings.Builder
	for _, l := range all {
		s.WriteString(indent + l + "\n")
	}
	return s.String()
}

func writeConfig(cfg Config) (string, error) {
	f, err := os.CreateTemp("", "livekit-*.yaml") // created with mode 0600: it holds the secret
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(f, serverConfig, cfg.Port, cfg.TCPPort, cfg.UDPPort, lines("  ", cfg.RTC), cfg.APIKey, cfg.APISecret, lines("", cfg.More))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
