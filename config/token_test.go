package config_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/config"
)

const letting = `token:
  rooms: any
  ttl: 5m
  url: wss://livekit.example
  origins: [https://Page.example, "http://localhost:3000"]
`

func TestTokens(t *testing.T) {
	c, err := config.Parse("c.yaml", []byte(letting))
	if err != nil {
		t.Fatal(err)
	}
	if c.Text("token.rooms", "") != "any" || c.Duration("token.ttl", 0) != 5*time.Minute || c.Text("token.url", "") != "wss://livekit.example" {
		t.Errorf("%q, %s, %q", c.Text("token.rooms", ""), c.Duration("token.ttl", 0), c.Text("token.url", ""))
	}
	if got := c.Origins(); !slices.Equal(got, []string{"https://page.example", "http://localhost:3000"}) || c.Where("token.origins[1]") != "c.yaml:5" {
		t.Errorf("%q at %s", got, c.Where("token.origins[1]"))
	}
	if got := (*config.Config)(nil).Origins(); got != nil {
		t.Errorf("of no file: %q", got)
	}
}

func TestMistakesInTokens(t *testing.T) {
	var many []string
	for i := range config.MaxOrigins + 1 {
		many = append(many, fmt.Sprintf("https://p%d.example", i))
	}
	for _, c := range []struct{ change, to, want string }{
		{"rooms: any", "rooms: all", `:2: token.rooms: "all" is unknown; known are served, any, off`},
		{"rooms: any", "room: any", ":2: token.room: unknown key; known are rooms, ttl, url, origins"},
		{"5m", "59s", ":3: token.ttl: 59s is not from 1m to 24h"},
		{"5m", "25h", ":3: token.ttl: 25h is not from 1m to 24h"},
		{"5m", "5", ":3: token.ttl: "},
		{"wss://livekit.example", "wss://ada:hunter2@livekit.example", ":4: token.url: must be an address"},
		{"wss://livekit.example", "wss://livekit.example?a=b", ":4: token.url: must be an address"},
		{"wss://livekit.example", "ftp://livekit.example", ":4: token.url: must be an address"},
		{"wss://livekit.example", "livekit.example", ":4: token.url: must be an address"},
		{"https://Page.example", "https://Page.example/", ":5: token.origins[0]: is no origin"},
		{"https://Page.example", "page.example", ":5: token.origins[0]: is no origin"},
		{"https://Page.example", `"*"`, ":5: token.origins[0]: is no origin"},
		{"https://Page.example", "wss://page.example", ":5: token.origins[0]: is no origin"},
		{"https://Page.example", "7", ":5: token.origins[0]: is a number"},
		{`[https://Page.example, "http://localhost:3000"]`, "https://page.example", ":5: token.origins: must be a list"},
		{"https://Page.example", strings.Join(many, ", "), ":5: token.origins: 34 are more than 32"},
	} {
		_, err := config.Parse("c.yaml", []byte(strings.Replace(letting, c.change, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, config.ErrConfig) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v; want %s", c.to, err, c.want)
		}
	}
}
