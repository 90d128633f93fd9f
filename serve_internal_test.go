package sensory

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/config"
)

// TestMediaGoThroughWhatTheFileSays: rooms are attended with ice.transport, and by any way without
// it.
func TestMediaGoThroughWhatTheFileSays(t *testing.T) {
	for text, want := range map[string]lk.Transport{
		"log: {level: info}": "", "ice: {transport: all}": "", "ice: {transport: relay}": lk.Relay, "ice: {transport: tcp}": lk.TCP,
	} {
		file, err := config.Parse("c.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		m := &Machine{cfg: Config{Settings: file}}
		if got, err := m.attends(Server{URL: "ws://127.0.0.1:7880"}); err != nil || got.Transport != want {
			t.Errorf("%s: %q, %v", text, got.Transport, err)
		}
	}
}
