package worker_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/worker"
)

func good() worker.Config {
	return worker.Config{
		URL: "ws://127.0.0.1:7880", APIKey: key, APISecret: secret, Handler: wait, MaxJobs: 1,
		Agents: []worker.Agent{{Name: "iris"}},
	}
}

func TestConfigurationsThatMakeNoSense(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		name, says string
		change     func(*worker.Config)
	}{
		{"no url", "url", func(c *worker.Config) { c.URL = "" }},
		{"no host", "url", func(c *worker.Config) { c.URL = "ws:///x" }},
		{"another scheme", `"ftp"`, func(c *worker.Config) { c.URL = "ftp://h" }},
		{"a password", "password", func(c *worker.Config) { c.URL = "ws://a:hunter2@h" }},
		{"no key", "api key", func(c *worker.Config) { c.APIKey = "" }},
		{"a short secret", "31 characters", func(c *worker.Config) { c.APISecret = secret[1:] }},
		{"no handler", "handles", func(c *worker.Config) { c.Handler = nil }},
		{"no bound", "MaxJobs or Reserve", func(c *worker.Config) { c.MaxJobs = 0 }},
		{"negative jobs", "max jobs", func(c *worker.Config) { c.MaxJobs = -1 }},
		{"target too high", "target load", func(c *worker.Config) { c.TargetLoad = 1.1 }},
		{"target negative", "target load", func(c *worker.Config) { c.TargetLoad = -1 }},
		{"negative offers", "negative", func(c *worker.Config) { c.MaxOffers = -1 }},
		{"negative reserve limit", "negative", func(c *worker.Config) { c.ReserveLimit = -time.Second }},
		{"negative drain limit", "negative", func(c *worker.Config) { c.DrainLimit = -time.Second }},
		{"negative status", "negative", func(c *worker.Config) { c.StatusEvery = -time.Second }},
		{"small messages", "max message", func(c *worker.Config) { c.MaxMessage = 1 }},
		{"negative messages", "negative", func(c *worker.Config) { c.MaxMessage = -1 }},
		{"nobody", "0 agents", func(c *worker.Config) { c.Agents = nil }},
		{"too many", "65 agents", func(c *worker.Config) { c.Agents = make([]worker.Agent, 65) }},
		{"twice", "twice", func(c *worker.Config) { c.Agents = append(c.Agents, c.Agents[0]) }},
		{"a long name", "300 bytes", func(c *worker.Config) { c.Agents[0].Name = long }},
		{"no such type", "type 9", func(c *worker.Config) { c.Agents[0].Type = 9 }},
		{"a deployment", "deployment", func(c *worker.Config) { c.Agents[0].Deployment = "a_b" }},
	} {
		cfg := good()
		c.change(&cfg)
		_, err := worker.New(cfg)
		if !errors.Is(err, worker.ErrConfig) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	cfg := good()
	cfg.Agents = append(cfg.Agents, worker.Agent{Name: "iris", Type: livekit.JobType_JT_PUBLISHER}, worker.Agent{Name: "iris", Deployment: "b"})
	if _, err := worker.New(cfg); err != nil {
		t.Errorf("one name for several things: %v", err)
	}
}

func TestEndpoints(t *testing.T) {
	for in, want := range map[string]string{
		"ws://127.0.0.1:7880":           "ws://127.0.0.1:7880/agent?protocol=1",
		"http://127.0.0.1:7880/":        "ws://127.0.0.1:7880/agent?protocol=1",
		"HTTPS://example.com/livekit/":  "wss://example.com/livekit/agent?protocol=1",
		"wss://[::1]:443/a/b?x=1#hello": "wss://[::1]:443/a/b/agent?protocol=1",
	} {
		if got := worker.Endpoint(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
