package engine_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// TestModelThatOnlyThinksIsNotReady: the probe gives a server's model what its answers get, and
// says why there is none.
func TestModelThatOnlyThinksIsNotReady(t *testing.T) {
	server := fixture.NewScripted(t)
	server.Answer = func(w http.ResponseWriter, _ *http.Request, _ fixture.Asked) {
		fixture.Begin(w, "<think>My name")
		fixture.Finish(w, "length")
	}
	_, err := fixture.Open(t, func(c *engine.Config) { c.Remote, c.Resolution.Sources = fixture.Behind(server.URL), nil })
	var notReady *engine.NotReadyError
	var typed *answer.Error
	if !errors.As(err, &notReady) || !errors.As(err, &typed) || !errors.Is(err, answer.ErrOnlyReasoning) || typed.Limit != 512 {
		t.Errorf("got %v", err)
	}
}

// TestBlindRemoteModelIsNotReady: a server that says the same whatever it is shown is not let into
// a room.
func TestBlindRemoteModelIsNotReady(t *testing.T) {
	server := fixture.NewScripted(t)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fixture.Stream(w, "A red square.") })
	_, err := fixture.Open(t, func(c *engine.Config) { c.Remote = fixture.Behind(server.URL) })
	var blind *engine.NotReadyError
	if !errors.As(err, &blind) || blind.Shown != "blue" || blind.Answer != "A red square." {
		t.Errorf("got %v", err)
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"message":"image input is not supported"}}`, http.StatusBadRequest)
	})
	if _, err = fixture.Open(t, func(c *engine.Config) { c.Remote = fixture.Behind(server.URL) }); !errors.Is(err, remote.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

// TestRemoteNeedsItsKey: a missing key is reported before anything is asked.
func TestRemoteNeedsItsKey(t *testing.T) {
	_, err := fixture.Open(t, func(c *engine.Config) {
		c.Remote = fixture.Behind("http://127.0.0.1:9")
		c.Remote.Server.KeyEnv = "SENSORY_AGENT_NO_SUCH_KEY"
	})
	if !errors.Is(err, remote.ErrKey) || !strings.Contains(err.Error(), "$SENSORY_AGENT_NO_SUCH_KEY") {
		t.Errorf("got %v", err)
	}
}

// TestModelWithoutEyesIsNotGivenAPersonaThatSees: the profile decides, not what happens to be in
// the folder.
func TestModelWithoutEyesIsNotGivenAPersonaThatSees(t *testing.T) {
	dir := filepath.Dir(testmodels.Path(t, "smollm2-135m-instruct", "config.json"))
	_, err := fixture.Open(t, func(c *engine.Config) { c.Files = generate.Dir(dir) })
	if !errors.Is(err, generate.ErrNoVision) {
		t.Errorf("got %v", err)
	}
}
