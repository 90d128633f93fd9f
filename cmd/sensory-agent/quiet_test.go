package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// quietTime is how long everything is watched after it runs: the inference library's telemetry asks
// for its first connection within 20 s.
const quietTime = 23 * time.Second

// TestNothingLeavesThisMachine runs the programs with new home, cache and temporary folders behind
// a proxy that is watched. Nothing may be asked of the proxy, no TCP or UDP socket may be connected
// to anything but loopback, nor to a name server there, and no file may be left.
//
// Beyond it lie datagrams from sockets that are not connected: those of media connections, whose
// peers the LiveKit server names.
func TestNothingLeavesThisMachine(t *testing.T) {
	s, env := server(t)
	library := testmodels.Runtime(t)
	proxy := startProxy(t)
	homes := t.TempDir()
	inHome := func(name string) []string {
		home := filepath.Join(homes, name)
		if err := os.MkdirAll(home, 0o700); err != nil {
			t.Fatal(err)
		}
		out := append(slices.Clone(env), "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_DATA_HOME="+home, "TMPDIR="+home,
			"SENSORY_AGENT_MODELS="+testmodels.Dir(), "ORT_DISABLE_TELEMETRY=0")
		for _, v := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
			out = append(out, v+"="+proxy.address, strings.ToLower(v)+"="+proxy.address)
		}
		return append(out, "NO_PROXY=", "no_proxy=")
	}
	weights, err := filepath.Abs("../../models/calibration/weights")
	if err != nil {
		t.Fatal(err)
	}
	binary, err := filepath.Abs("../../bin/livekit-server")
	if err != nil {
		t.Fatal(err)
	}
	join := startProgram(t, inHome("join"), "join", "--room", "quiet", "--profile", "embedded", "--json")
	demo := startProgram(t, append(inHome("demo"), "SENSORY_AGENT_LIVEKIT_SERVER="+binary), "demo", "--json", "--stay", "--out", t.TempDir())
	bench := startProgram(t, append(inHome("bench"), asProgram+"=engine-bench"),
		"measure", "--dir", weights, "--runtime", library, "--provider", "cpu", "--rounds", "1000000", "--cases", "text")
	all := map[string]*programRun{"join": join, "demo": demo, "engine-bench": bench}
	sockets := watchSockets(t, all)
	join.event("joined")
	bot := startProgram(t, inHome("bot"), "bot", "--room", "quiet", "--scene", "7", "--chat", "What do you see?", "--microphone", "--stay", "--json")
	sockets.add("bot", bot)
	bot.event("transcript")
	stays, console := demo.event("stays"), demo.event("console")
	demo.event("joined") // again, for whoever comes
	if got := letsIn(t, strings.Trim(strings.TrimPrefix(console.Detail, "http:"), "/")); !strings.Contains(stays.Detail, "LIVEKIT_URL="+got.URL+" ") {
		t.Errorf("the demo's console leads to another server: %+v, %s", got, stays.Detail)
	}
	for _, p := range []*programRun{join, demo, bench, bot} {
		p.drain()
	}
	select {
	case <-time.After(quietTime):
	case <-bench.ended:
		t.Errorf("engine-bench ended: %s", bench.stderr.String())
	}
	for name, p := range sockets.programs() {
		select {
		case <-p.ended:
			t.Errorf("%s ended by itself: %s", name, p.lastLine())
		default:
		}
		p.signal(syscall.SIGTERM)
		if code := p.wait(); code != 0 && name != "engine-bench" {
			t.Errorf("%s: code %d, %s", name, code, p.lastLine())
		}
	}
	for _, peer := range sockets.stop() {
		t.Errorf("a connection to %s", peer)
	}
	for _, line := range proxy.seen() {
		t.Errorf("asked of the proxy: %q", line)
	}
	nothingLeft(t, homes)
	_ = s
}

// nothingLeft fails for every file below a folder.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// proxyLog is a proxy that refuses everybody and remembers what was asked of it.
type proxyLog struct {
	address string
	mu      sync.Mutex
	lines   []string
}

func startProxy(t *testing.T) *proxyLog {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxyLog{address: "http://" + l.Addr().String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(time.Second))
			line, _ := bufio.NewReader(io.LimitReader(c, 4096)).ReadString('\n')
			p.mu.Lock()
			p.lines = append(p.lines, strings.TrimSpace(line))
			p.mu.Unlock()
			_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return p
}

func (p *proxyLog) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines
}

// socketWatch looks at the sockets of programs again and again.
type socketWatch struct {
	mu    sync.Mutex
	runs  map[string]*programRun
	found map[string]bool
	over  chan struct{}
	done  chan struct{}
}

func watchSockets(t *testing.T, runs map[string]*programRun) *socketWatch {
	t.Helper()
	w := &socketWatch{runs: runs, found: map[string]bool{}, over: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for {
			select {
			case <-w.over:
				return
			case <-time.After(20 * time.Millisecond):
				w.look()
			}
		}
	}()
	return w
}

func (w *socketWatch) add(name string, p *programRun) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs[name] = p
}

func (w *socketWatch) programs() map[string]*programRun {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.runs
}

func (w *socketWatch) stop() (peers []string) {
	close(w.over)
	<-w.done
	for p := range w.found {
		peers = append(peers, p)
	}
	return peers
}

func (w *socketWatch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, p := range w.runs {
		own := socketsOf(p.cmd.Process.Pid)
		for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
			data, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", p.cmd.Process.Pid, table))
			if err != nil {
				continue // it has ended
			}
			for line := range strings.Lines(string(data)) {
				if peer, inode := parseSocket(line); own[inode] && !expected(peer) {
					w.found[name+" → "+table+" "+peer.String()] = true
				}
			}
		}
	}
}

// socketsOf are the inodes of a process's sockets.
func socketsOf(pid int) map[string]bool {
	out := map[string]bool{}
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	open, _ := os.ReadDir(dir)
	for _, fd := range open {
		target, _ := os.Readlink(filepath.Join(dir, fd.Name()))
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			out[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return out
}

// parseSocket reads the peer and the inode of a line of /proc/net/tcp and its kin. Words of an
// address are in the machine's byte order.
func parseSocket(line string) (peer netip.AddrPort, inode string) {
	f := strings.Fields(line)
	if len(f) < 10 {
		return peer, ""
	}
	host, port, _ := strings.Cut(f[2], ":")
	raw, err := hex.DecodeString(host)
	n, perr := strconv.ParseUint(port, 16, 16)
	if err != nil || perr != nil {
		return peer, ""
	}
	for i := 0; i+3 < len(raw); i += 4 {
		raw[i], raw[i+1], raw[i+2], raw[i+3] = raw[i+3], raw[i+2], raw[i+1], raw[i]
	}
	ip, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), f[9]
}

// expected are sockets without a peer, and peers on loopback that are no name server.
func expected(peer netip.AddrPort) bool {
	if !peer.IsValid() || peer.Addr().IsUnspecified() {
		return true
	}
	return peer.Addr().IsLoopback() && peer.Port() != 53
}

func TestSocketTablesAreRead(t *testing.T) {
	for line, want := range map[string]string{
		"  0: 0100007F:1F91 0100007F:0035 01 00000000:00000000 00:00000000 00000000  0  0 4711 1":                                                 "127.0.0.1:53 4711 false",
		"  0: 0100007F:1F91 0101A8C0:01BB 01 00000000:00000000 00:00000000 00000000  0  0 4712 1":                                                 "192.168.1.1:443 4712 false",
		"  0: 0100007F:1F91 0100007F:1EC8 01 00000000:00000000 00:00000000 00000000  0  0 4713 1":                                                 "127.0.0.1:7880 4713 true",
		"  0: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 4714 1":                                                 "0.0.0.0:0 4714 true",
		"  0: 00000000000000000000000001000000:1F91 0000000000000000FFFF00000101A8C0:01BB 01 00000000:00000000 00:00000000 00000000  0  0 4715 1": "192.168.1.1:443 4715 false",
		"  0: 00000000000000000000000001000000:1F91 00000000000000000000000001000000:1EC8 01 00000000:00000000 00:00000000 00000000  0  0 4716 1": "[::1]:7880 4716 true",
	} {
		peer, inode := parseSocket(line)
		if got := fmt.Sprintf("%s %s %v", peer, inode, expected(peer)); got != want {
			t.Errorf("%s: %s", want, got)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if len(socketsOf(os.Getpid())) == 0 {
		t.Error("no socket of this process is found")
	}
}
