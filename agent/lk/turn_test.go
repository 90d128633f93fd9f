package lk_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// authority writes a certificate for some addresses, which vouches for itself, and its key.
func authority(t *testing.T, addresses ...string) (certificate, key string) {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, a := range addresses {
		if ip := net.ParseIP(a); ip != nil {
			of.IPAddresses = append(of.IPAddresses, ip)
		} else {
			of.DNSNames = append(of.DNSNames, a)
		}
	}
	cert, err := x509.CreateCertificate(rand.Reader, of, of, own.Public(), own)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, data []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("own.pem", "CERTIFICATE", cert), write("key.pem", "PRIVATE KEY", secret)
}

// relay is a TURN server of Pion's behind a TCP port, with TLS where there is a certificate. It
// returns the line that names it in the configuration of a LiveKit server.
func relay(t *testing.T, certificate, key string) (*turn.Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port, protocol := l.Addr().(*net.TCPAddr).Port, "tcp"
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			t.Fatal(err)
		}
		l, protocol = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), "tls"
	}
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: "test", LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard}, // clients that go are told as errors
		AuthHandler: func(ra *turn.RequestAttributes) (string, []byte, bool) {
			return ra.Username, turn.GenerateAuthKey(ra.Username, "test", "word"), ra.Username == "ada"
		},
		ListenerConfigs: []turn.ListenerConfig{{
			Listener:              l,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{RelayAddress: net.ParseIP("127.0.0.1"), Address: "127.0.0.1"},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, fmt.Sprintf("turn_servers: [{host: 127.0.0.1, port: %d, protocol: %s, username: ada, credential: word}]", port, protocol)
}

func serverWith(t *testing.T, cfg livekit.Config) *livekit.Server {
	t.Helper()
	s, err := livekit.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// speakThrough has an agent hear somebody, both over one transport.
func speakThrough(t *testing.T, s *livekit.Server, only lk.Transport) {
	t.Helper()
	ours, theirs := config(s, "agent", true), config(s, "ada", false)
	ours.Transport, theirs.Transport = only, only
	agent, ada := join(t, ours), join(t, theirs)
	speaks(t, ada)
	if got := listen(t, agent, 5); got.Stats.Packets < 5 {
		t.Errorf("heard %+v", got.Stats)
	}
	if err := ada.SendText(lk.TopicChat, "", "hello", nil); err != nil {
		t.Fatal(err)
	}
	if got := next[lk.TextReceived](t, agent); got.Text != "hello" {
		t.Errorf("got %+v", got)
	}
}

// refuses wants no media, and to be told where to look.
func refuses(t *testing.T, s *livekit.Server, only lk.Transport, says string) {
	t.Helper()
	cfg := config(s, "agent", true)
	cfg.Transport = only
	_, err := lk.Join(t.Context(), cfg)
	var join *lk.JoinError
	if !errors.Is(err, lk.ErrMedia) || !errors.As(err, &join) || !strings.Contains(join.Hint, says) {
		t.Errorf("got %v, want a hint that says %q", err, says)
	}
}

// TestMediaThroughTURNOverTCP: all of it goes through the TURN server that the LiveKit server
// names.
func TestMediaThroughTURNOverTCP(t *testing.T) {
	t.Parallel()
	between, named := relay(t, "", "")
	speakThrough(t, serverWith(t, livekit.Config{RTC: []string{named}}), lk.Relay)
	if n := between.AllocationCount(); n < 2 {
		t.Errorf("%d ways through the relay", n)
	}
}

// TestMediaThroughTURNOverTLS: its certificate is of an authority of one's own, which is named as
// to other programs of this system: SSL_CERT_FILE is read once, so that takes another process.
// Without it nothing goes through.
func TestMediaThroughTURNOverTLS(t *testing.T) {
	if s := there(); s != nil {
		speakThrough(t, s, lk.Relay)
		return
	}
	t.Parallel()
	certificate, key := authority(t, "127.0.0.1")
	between, named := relay(t, certificate, key)
	s := serverWith(t, livekit.Config{RTC: []string{named}})
	refuses(t, s, lk.Relay, "SSL_CERT_FILE")
	if n := between.AllocationCount(); n != 0 {
		t.Errorf("%d ways through a relay that nobody vouches for", n)
	}
	elsewhere(t, s, "SSL_CERT_FILE="+certificate)
}

// TestMediaThroughTheServersOwnTURN: over UDP, and over TLS where this process may take the port
// that the server names for it, which is 443 whatever its own is.
func TestMediaThroughTheServersOwnTURN(t *testing.T) {
	if s := there(); s != nil {
		speakThrough(t, s, lk.Relay)
		return
	}
	t.Run("UDP", func(t *testing.T) {
		t.Parallel()
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := c.LocalAddr().(*net.UDPAddr).Port
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		speakThrough(t, serverWith(t, livekit.Config{More: []string{fmt.Sprintf(
			"turn: {enabled: true, udp_port: %d, bind_addresses: [127.0.0.1], allow_restricted_peer_cidrs: [127.0.0.0/8]}", port,
		)}}), lk.Relay)
	})
	t.Run("TLS", func(t *testing.T) {
		t.Parallel()
		const at = "127.0.0.77" // where nobody else listens
		l, err := net.Listen("tcp", at+":443")
		if err != nil && os.Geteuid() == 0 {
			t.Fatal(err)
		}
		if err != nil {
			t.Skipf("the server names port 443 of its TURN domain, and this process may not take it (%v): the server's own TURN over TLS is not tried here", err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		certificate, key := authority(t, at)
		s := serverWith(t, livekit.Config{More: []string{fmt.Sprintf(
			"turn: {enabled: true, domain: %s, tls_port: 443, cert_file: %s, key_file: %s, bind_addresses: [%s], allow_restricted_peer_cidrs: [127.0.0.0/8]}",
			at, certificate, key, at,
		)}})
		elsewhere(t, s, "SSL_CERT_FILE="+certificate)
	})
}

// TestMediaOverTCP: the server opens no UDP port, and media go over its TCP port. Where it has
// none, joining says so.
func TestMediaOverTCP(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	speakThrough(t, serverWith(t, livekit.Config{TCPPort: port, RTC: []string{"force_tcp: true"}}), lk.TCP)
}

// TestTransportsThatTheServerLacks are named, and so is one that there is not.
func TestTransportsThatTheServerLacks(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	refuses(t, s, lk.Relay, "rtc.turn_servers")
	refuses(t, s, lk.TCP, "rtc.tcp_port")
	cfg := config(s, "agent", true)
	cfg.Transport = "carrier pigeon"
	if _, err := lk.Join(t.Context(), cfg); !errors.Is(err, lk.ErrConfig) || !strings.Contains(err.Error(), "pigeon") {
		t.Errorf("got %v", err)
	}
}

// Environment of a child of these tests: the server that its parent has started.
const (
	thereURL    = "SENSORY_AGENT_TEST_THERE_URL"
	thereKey    = "SENSORY_AGENT_TEST_THERE_KEY"
	thereSecret = "SENSORY_AGENT_TEST_THERE_SECRET"
)

// there is the server of the parent; nil in the parent itself.
func there() *livekit.Server {
	if os.Getenv(thereURL) == "" {
		return nil
	}
	return &livekit.Server{URL: os.Getenv(thereURL), APIKey: os.Getenv(thereKey), APISecret: os.Getenv(thereSecret)}
}

// elsewhere runs the test that calls it once more, in a process of another environment.
func elsewhere(t *testing.T, s *livekit.Server, environment ...string) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$", "-test.count=1")
	child.Env = append(os.Environ(), thereURL+"="+s.URL, thereKey+"="+s.APIKey, thereSecret+"="+s.APISecret)
	child.Env = append(child.Env, environment...)
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
