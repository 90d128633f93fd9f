package deploy_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRules has promtool check the alerts, and carry out their tests.
func TestRules(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}, {"check", "config", "--syntax-only", "prometheus.yml"}} {
		cmd := exec.CommandContext(t.Context(), "promtool", args...)
		cmd.Dir = "../../deploy/monitoring"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// TestPrometheusScrapes: a real Prometheus asks a real program, whose persona sits in a room of a
// real server, with its token; promtool finds nothing to say about the metrics.
func TestPrometheusScrapes(t *testing.T) {
	dir := t.TempDir()
	server, metrics, prometheus := free(t), free(t), free(t)
	const secret = "0123456789abcdef0123456789abcdef"
	start(t, "../../bin/livekit-server", nil, "--bind", "127.0.0.1", "--node-ip", "127.0.0.1", "--port", port(server), "--rtc.tcp_port", port(free(t)), "--udp-port", port(free(t)), "--keys", "devkey: "+secret)
	eventually(t, "the server", func() error { _, err := get(t, "http://"+server, ""); return err })
	write(t, filepath.Join(dir, "token"), "a token that nobody guesses")
	write(t, filepath.Join(dir, "personas.yaml"), "personas: [{name: iris, voice: espeak}]\nrooms: [{name: lobby, personas: [iris]}]\n")
	start(t, "../../bin/sensory-agent", []string{"LIVEKIT_API_SECRET=" + secret}, "serve", "--url", "ws://"+server, "--api-key", "devkey",
		"--config", filepath.Join(dir, "personas.yaml"), "--listen", metrics, "--listen-token-file", filepath.Join(dir, "token"))
	write(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf(`global: {scrape_interval: 1s}
scrape_configs:
  - job_name: sensory-agent
    authorization: {credentials_file: %s}
    static_configs: [{targets: [%q]}]
`, filepath.Join(dir, "token"), metrics))
	start(t, "prometheus", nil, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--web.listen-address="+prometheus, "--storage.tsdb.path="+filepath.Join(dir, "tsdb"))
	for query, want := range map[string]string{
		`up{job="sensory-agent"}`: "1", `sensory_seats{state="in"}`: "1", "sensory_rooms": "1", `sensory_lease_held{silicon="CPU"} >= 0`: "",
		"histogram_quantile(0.99, rate(go_sched_latencies_seconds_bucket[1m])) >= 0": "", "sensory_join_took_seconds_count": "1",
	} {
		eventually(t, query, func() error {
			body, err := get(t, "http://"+prometheus+"/api/v1/query?query="+url.QueryEscape(query), "")
			if err != nil {
				return err
			}
			var answer struct {
				Data struct{ Result []struct{ Value [2]any } }
			}
			if err := json.Unmarshal(body, &answer); err != nil || len(answer.Data.Result) != 1 {
				return fmt.Errorf("%w: %s", err, body)
			}
			if v := fmt.Sprint(answer.Data.Result[0].Value[1]); want != "" && v != want {
				return fmt.Errorf("it is %s", v)
			}
			return nil
		})
	}
	body, err := get(t, "http://"+metrics+"/metrics", "a token that nobody guesses")
	if err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	check.Stdin = strings.NewReader(string(body))
	out, err := check.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "sensory_") || strings.HasPrefix(line, "lk_") || strings.HasPrefix(line, "gen_ai_") {
			t.Errorf("promtool (%v): %s", err, line)
		}
	}
	if _, err := get(t, "http://"+metrics+"/metrics", ""); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without the token: %v", err)
	}
}

// start runs a program until the test ends; what it says is in the log of a test that failed.
func start(t *testing.T, name string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...) // it is told to end in order, not killed
	cmd.Env = append(os.Environ(), env...)
	said, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = to, to
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	to.Close()
	lines, done := []string{}, make(chan struct{})
	go func() {
		defer close(done)
		for s := bufio.NewScanner(said); s.Scan(); {
			lines = append(lines, s.Text())
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		<-done
		_ = cmd.Wait()
		kill.Stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
	})
}

func get(t *testing.T, from, token string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%d: %s", resp.StatusCode, body)
	}
	return body, err
}

func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); time.Sleep(200 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func port(address string) string {
	_, p, _ := net.SplitHostPort(address)
	return p
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
