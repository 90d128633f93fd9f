package gpu_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestScriptTakesPathsOfTheCaller runs scripts/gpu, whose own folder is another one, with a program
// that prints its arguments in the place of gpu-check.
func TestScriptTakesPathsOfTheCaller(t *testing.T) {
	t.Parallel()
	repository, caller, tools := t.TempDir(), t.TempDir(), t.TempDir()
	script, err := os.ReadFile("../../scripts/gpu")
	if err != nil {
		t.Fatal(err)
	}
	compiler := "#!/bin/sh\nprintf '#!/bin/sh\\nprintf \"%%s\\\\n\" \"$@\"\\n' > bin/gpu-check\nchmod +x bin/gpu-check\n"
	for path, data := range map[string][]byte{filepath.Join(repository, "scripts", "gpu"): script, filepath.Join(tools, "go"): []byte(compiler)} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/usr/bin/env", filepath.Join(caller, "python")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want []string }{
		{
			[]string{"--python", "./python", "--device-libraries", "a/lib:/b/lib:../c", "--scratch=s"},
			[]string{"--python", caller + "/python", "--device-libraries", caller + "/a/lib:/b/lib:" + filepath.Dir(caller) + "/c", "--scratch=" + caller + "/s"},
		},
		{
			[]string{"--python=bin/python3", "-device-libraries=lib", "--json"},
			[]string{"--python=" + caller + "/bin/python3", "-device-libraries=" + caller + "/lib", "--json"},
		},
		{[]string{"--python", "python3.13"}, []string{"--python", "python3.13"}}, // of PATH
	} {
		run := exec.CommandContext(t.Context(), filepath.Join(repository, "scripts", "gpu"), append([]string{"--rehearse"}, c.args...)...)
		run.Dir, run.Env = caller, append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"))
		out, err := run.CombinedOutput()
		said := strings.Split(strings.TrimSpace(string(out)), "\n")
		if at := slices.Index(said, "--rehearse"); err != nil || at < 0 || !slices.Equal(said[at+1:], c.want) {
			t.Errorf("%q became %q, %v, want %q", c.args, said, err, c.want)
		}
	}
}
