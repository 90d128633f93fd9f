package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/access"
	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/telemetry"
	"github.com/sensory-agent/sensory-agent/web"
)

// reachLimit is how long something that serves may take to answer.
const reachLimit = 3 * time.Second

// checkService looks at what a service needs besides models: where it listens, with which token,
// the page there, where traces go, the server of its rooms, and the unit that keeps it running.
func checkService(ctx context.Context, configFile string) []check {
	file, err := config.Load(configFile)
	if err != nil {
		file = nil // another line says so
	}
	return []check{
		checkListener(ctx, file.Text("serve.listen", file.Text("join.listen", opsAddress))),
		checkToken(file.Text("serve.listen_token_file", file.Text("join.listen_token_file", ""))), checkConsole(file.Text("token.url", "")),
		checkTraces(ctx), checkRooms(ctx, file), checkUnit(ctx, "/run/systemd/system"),
	}
}

// checkListener tells whether a program listens at an address, or could.
func checkListener(ctx context.Context, address string) check {
	c := check{Name: "listener", Status: checkOK}
	if _, err := ops.Fetch(ctx, address, "", ops.HealthPath); err == nil {
		c.Detail = "a program of ours answers at " + address
		if _, err := ops.Fetch(ctx, address, "", ops.ReadyPath); err != nil {
			c.Status, c.Detail, c.Fix = checkNote, c.Detail+", "+err.Error(), "sensory-agent status seats --address "+address
		}
		return c
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		err = l.Close()
	}
	if err != nil {
		c.Status, c.Detail, c.Fix = checkNote, fmt.Sprintf("%s is not free: %v", address, err), "name another address with --listen"
		return c
	}
	c.Detail = address + " is free for --listen"
	return c
}

// checkToken looks at the token of the listener, and never shows it.
func checkToken(path string) check {
	c := check{Name: "listener token", Status: checkNote, Detail: "none: --listen answers on this machine only", Fix: "for others, write one with: openssl rand -hex 24 >FILE, and give --listen-token-file FILE"}
	token, from := os.Getenv(opsTokenEnv), opsTokenEnv
	if path != "" {
		var err error
		from = path
		if token, err = access.SecretFile("listen-token-file", path); err != nil {
			c.Status, c.Detail, c.Fix = checkMissing, err.Error(), "write it: openssl rand -hex 24 >"+path
			return c
		}
	}
	if token == "" {
		return c
	}
	if err := (ops.Config{Address: opsAddress, Token: token}).Validate(); err != nil {
		c.Status, c.Detail, c.Fix = checkMissing, from+": "+err.Error(), "write a longer one: openssl rand -hex 24"
		return c
	}
	c.Status, c.Detail, c.Fix = checkOK, "in "+from, ""
	if facts, err := os.Stat(path); path != "" && err == nil && facts.Mode().Perm()&0o004 != 0 {
		c.Status, c.Detail, c.Fix = checkNote, path+" can be read by everybody on this machine", "chmod 600 "+path
	}
	return c
}

// checkConsole tells whether the page is built in, and may be told of the server.
func checkConsole(server string) check {
	c := check{Name: "console", Status: checkOK}
	var servers []string
	if at := cmp.Or(server, os.Getenv("LIVEKIT_URL")); at != "" {
		servers = append(servers, at)
	}
	page, err := web.New(web.Config{Servers: servers})
	switch {
	case errors.Is(err, web.ErrServer):
		c.Status, c.Detail, c.Fix = checkMissing, err.Error(), "correct LIVEKIT_URL, or token.url in the configuration file"
	case err != nil:
		c.Status, c.Detail, c.Fix = checkMissing, err.Error(), "build the program anew: make build"
	default:
		parts, bytes := page.Size()
		c.Detail = fmt.Sprintf("built in: %d parts, %d kB packed; at the address of --listen", parts, bytes/1000)
	}
	return c
}

// checkTraces tells whether somebody takes the traces that the environment asks for.
func checkTraces(ctx context.Context) check {
	c := check{Name: "traces", Status: checkNote, Detail: "nothing is traced", Fix: "to trace, set " + telemetry.EnvEndpoint + ", for example http://127.0.0.1:4318"}
	if !telemetry.Wanted() {
		return c
	}
	to := cmp.Or(os.Getenv(telemetry.EnvTraces), os.Getenv(telemetry.EnvEndpoint))
	u, err := url.Parse(to)
	if err != nil || u.Hostname() == "" {
		c.Status, c.Detail, c.Fix = checkMissing, telemetry.EnvEndpoint+" is no address", "set it as http://HOST:4318"
		return c
	}
	if err := reach(ctx, u); err != nil {
		c.Status, c.Detail, c.Fix = checkMissing, fmt.Sprintf("nobody answers at %s: %v", u.Host, err), "start the collector, or unset "+telemetry.EnvEndpoint
		return c
	}
	c.Status, c.Detail, c.Fix = checkOK, "a collector answers at "+u.Host, ""
	return c
}

// reach connects to the host of an address.
func reach(ctx context.Context, u *url.URL) error {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" || u.Scheme == "wss" {
			port = "443"
		}
	}
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	return conn.Close()
}

// checkRooms asks the LiveKit server of the environment whether it takes the key pair: rooms and
// the worker of serve need that.
func checkRooms(ctx context.Context, file *config.Config) check {
	c := check{Name: "livekit", Status: checkNote, Detail: "no server is named", Fix: "set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET; make demo needs none of them"}
	at := access.Access{URL: os.Getenv("LIVEKIT_URL"), Key: os.Getenv("LIVEKIT_API_KEY"), Secret: os.Getenv("LIVEKIT_API_SECRET")}
	if at.URL == "" {
		return c
	}
	c.Status = checkMissing
	if err := at.CompletePair(); err != nil {
		c.Detail, c.Fix = err.Error(), "correct the variable LIVEKIT_… that is named; files and flags are not looked at here"
		return c
	}
	err := lk.Try(ctx, lk.Config{URL: at.URL, APIKey: at.Key, APISecret: at.Secret, Room: "doctor", Identity: "doctor", Agent: true})
	if err != nil {
		c.Detail, c.Fix = err.Error(), `see "Joining" in docs/operating.md`
		return c
	}
	c.Status, c.Detail, c.Fix = checkOK, "the server takes the key pair", ""
	if n := len(file.Agents()); n > 0 {
		c.Detail += fmt.Sprintf("; serve registers %d agent names there", n)
	}
	return c
}

// unit is what keeps a service running.
const unit = "sensory-agent.service"

// checkUnit asks systemd, where it runs the machine.
func checkUnit(ctx context.Context, running string) check {
	c := check{Name: "systemd unit", Status: checkNote, Detail: "systemd does not run this machine"}
	if _, err := os.Stat(running); err != nil {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	ask := exec.CommandContext(ctx, "systemctl", "show", "--property=LoadState,ActiveState,SubState,NRestarts", unit)
	ask.Env = childenv.Local(os.Environ())
	out, err := ask.Output()
	said := map[string]string{}
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		said[key] = value
	}
	switch {
	case err != nil:
		c.Detail = "systemctl: " + printable.Text(err.Error())
	case said["LoadState"] != "loaded":
		c.Detail, c.Fix = unit+" is not installed", `see "As a service" in docs/operating.md`
	case said["ActiveState"] != "active":
		c.Status, c.Detail = checkMissing, fmt.Sprintf("%s is %s (%s), after %s restarts", unit, said["ActiveState"], said["SubState"], said["NRestarts"])
		c.Fix = "journalctl -u sensory-agent -n 50; systemctl restart sensory-agent"
	default:
		c.Status, c.Detail = checkOK, fmt.Sprintf("%s is %s (%s)", unit, said["ActiveState"], said["SubState"])
	}
	return c
}
