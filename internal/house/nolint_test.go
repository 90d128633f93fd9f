package house_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestExceptionsAreOfRulesThatHold: a nolint for a linter that nobody runs says nothing but looks
// as if it did. (The linter itself finds those that run and have nothing to say.)
func TestExceptionsAreOfRulesThatHold(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Linters struct{ Enable []string }
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(config.Linters.Enable, "nolintlint") {
		t.Fatalf("linters %v", config.Linters.Enable)
	}
	directive := regexp.MustCompile(`//nolint(?::([a-z0-9,]+))?`)
	for _, f := range files(t, ".go") {
		if strings.HasPrefix(f.path, "internal/house/") {
			continue // speaks of them
		}
		for i, line := range f.lines {
			found := directive.FindStringSubmatch(line)
			if found == nil {
				continue
			}
			for name := range strings.SplitSeq(found[1], ",") {
				if !slices.Contains(config.Linters.Enable, name) {
					t.Errorf("%s:%d: an exception from %q, which is not run", f.path, i+1, name)
				}
			}
		}
	}
}
