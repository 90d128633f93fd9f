package childenv_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

func environ() []string {
	return []string{
		"PATH=/bin", "HOME=/home/ada", "LC_ALL=C", "LCX=no", "https_proxy=http://proxy:3128", "HTTP_PROXY=http://proxy:3128", "PIP_INDEX_URL=https://mirror/simple",
		"npm_config_registry=https://mirror/npm", "LIVEKIT_URL=ws://127.0.0.1:7880", "LIVEKIT_API_KEY=devkey", "LIVEKIT_API_SECRET=secret",
		"LIVEKIT_TOKEN=token", "LAB_API_KEY=sk-lab", "AWS_SECRET_ACCESS_KEY=aws", "SENSORY_AGENT_MODELS=/models", "=odd", "EMPTY=", "PATHS=no",
	}
}

func TestEachChildKnowsWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want []string
	}{
		{"local", childenv.Local(environ()), []string{"PATH=/bin", "HOME=/home/ada", "LC_ALL=C", "PULSE_SERVER=unix:/dev/null"}},
		{"local with", childenv.Local(environ(), "PATH=/usr/bin", "LANG=C"), []string{"HOME=/home/ada", "LC_ALL=C", "PULSE_SERVER=unix:/dev/null", "PATH=/usr/bin", "LANG=C"}},
		{"fetcher", childenv.Fetcher(environ(), "PIP_NO_INPUT=1"), []string{
			"PATH=/bin", "HOME=/home/ada", "LC_ALL=C", "https_proxy=http://proxy:3128", "HTTP_PROXY=http://proxy:3128", "PIP_INDEX_URL=https://mirror/simple",
			"npm_config_registry=https://mirror/npm", "PIP_NO_INPUT=1",
		}},
		{"own", childenv.Own(environ(), "LIVEKIT_TOKEN=theirs"), []string{
			"PATH=/bin", "HOME=/home/ada", "LC_ALL=C", "LCX=no", "https_proxy=http://proxy:3128", "HTTP_PROXY=http://proxy:3128",
			"PIP_INDEX_URL=https://mirror/simple", "npm_config_registry=https://mirror/npm", "LIVEKIT_URL=ws://127.0.0.1:7880", "LAB_API_KEY=sk-lab",
			"AWS_SECRET_ACCESS_KEY=aws", "SENSORY_AGENT_MODELS=/models", "=odd", "EMPTY=", "PATHS=no", "LIVEKIT_TOKEN=theirs",
		}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if got := childenv.Fetcher(nil); got == nil || len(got) != 0 {
		t.Errorf("nothing gave %#v: nil would let a child inherit everything", got)
	}
}

// TestUnknownNamesStayHere: no name that is not listed gets through, and what is given is not
// changed.
func TestUnknownNamesStayHere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Z][A-Z0-9_]{0,12}(KEY|SECRET|TOKEN|PASSWORD)`).Draw(t, "name")
		value := rapid.StringMatching(`[!-~]{1,20}`).Draw(t, "value")
		if strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "PIP_") || strings.HasPrefix(name, "NPM_CONFIG_") {
			return
		}
		given := append(environ(), name+"="+value)
		before := slices.Clone(given)
		for kind, got := range map[string][]string{"local": childenv.Local(given, "A=b"), "fetcher": childenv.Fetcher(given, "A=b")} {
			if slices.Contains(got, name+"="+value) {
				t.Fatalf("%s lets %s through", kind, name)
			}
		}
		if childenv.Own(given, "PATH=other"); !slices.Equal(before, given) {
			t.Fatal("what was given was changed")
		}
	})
}
