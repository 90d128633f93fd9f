package house_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the folder of the repository, from here.
const root = "../.."

// file is a file of the repository.
type file struct {
	path  string // from the root, with slashes
	lines []string
}

// files lists those that the repository keeps, by the ends of their names. Files that a change adds
// count before they are committed; what git ignores does not.
func files(t *testing.T, ends ...string) []file {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	list, err := cmd.Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	var found []file
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		if !hasEnd(name, ends) {
			continue
		}
		whole := filepath.Join(root, filepath.FromSlash(name))
		_, _ = os.Stat(filepath.Dir(whole)) // a new file beside it makes a result that go test kept void
		data, err := os.ReadFile(whole)
		if os.IsNotExist(err) {
			continue // taken out and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, file{path: name, lines: strings.Split(string(bytes.TrimSuffix(data, []byte("\n"))), "\n")})
	}
	if len(found) == 0 {
		t.Fatalf("no file ends in %v", ends)
	}
	return found
}

func hasEnd(name string, ends []string) bool {
	for _, end := range ends {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
