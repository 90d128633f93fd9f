package livekit_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServerListensOnLoopbackOnlyAndStops(t *testing.T) {
	s, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	pid := s.PID()
	conn, err := net.Dial("tcp", s.URL[len("ws://"):])
	if err != nil {
		t.Fatalf("the server does not listen: %v", err)
	}
	_ = conn.Close()
	if len(s.APISecret) < 32 {
		t.Errorf("secret of %d characters, the server wants 32", len(s.APISecret))
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("second Stop: %v", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
}

func TestStartReportsWhyTheServerExited(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	bin := filepath.Join(t.TempDir(), "livekit-server")
	script := "#!/bin/sh\necho 'could not listen: address already in use'\nexit 3\n"
	if err := os.WriteFile(bin, []byte(script), 0o755); err != nil { // it must be executable
		t.Fatal(err)
	}
	_, err = livekit.Start(t.Context(), livekit.Config{Binary: bin, Port: 1})
	var start *livekit.StartError
	if !errors.As(err, &start) {
		t.Fatalf("got %v, want a StartError", err)
	}
	if len(start.Log) != 1 || start.Log[0] != "could not listen: address already in use" {
		t.Errorf("log lines %q do not say why", start.Log)
	}
}

// TestPortsThatWerePickedArePickedAgain: another program may have taken one before the server
// listens there. Ports that the caller chose are tried once.
func TestPortsThatWerePickedArePickedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  livekit.Config
		want int
	}{"picked": {livekit.Config{}, 3}, "one picked": {livekit.Config{Port: 1}, 3}, "chosen": {livekit.Config{Port: 1, UDPPort: 1}, 1}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.cfg.Binary = filepath.Join(dir, "livekit-server")
			starts := filepath.Join(dir, "starts")
			if err := os.WriteFile(c.cfg.Binary, []byte("#!/bin/sh\nhead -1 \"$2\" >>'"+starts+"'\nexit 3\n"), 0o755); err != nil { // it must be executable
				t.Fatal(err)
			}
			_, err := livekit.Start(t.Context(), c.cfg)
			var start *livekit.StartError
			if !errors.As(err, &start) {
				t.Fatalf("got %v, want a StartError", err)
			}
			ports, err := os.ReadFile(starts)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(string(ports), "\n"); got != c.want {
				t.Errorf("started %d times, want %d: %q", got, c.want, ports)
			}
		})
	}
}

func TestFindBinaryNamesTheOverrideThatIsWrong(t *testing.T) {
	t.Setenv(livekit.BinaryEnv, filepath.Join(t.TempDir(), "absent"))
	if _, err := livekit.FindBinary(); !errors.Is(err, livekit.ErrNoBinary) {
		t.Fatalf("got %v, want ErrNoBinary", err)
	}
}
