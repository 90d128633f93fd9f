package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/config"
)

// TestInitWritesAFileThatServes: what init writes is a configuration that serve could seat, that
// its own first line's schema takes, and that is never written over by accident.
func TestInitWritesAFileThatServes(t *testing.T) {
	cleanEnv(t)
	path := filepath.Join(t.TempDir(), "p.yaml")
	code, out, errs := runProgram(t, "init", path)
	if code != 0 || errs != "" || !strings.Contains(out, "serve --config "+path) || !strings.Contains(out, "models pull") {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	file, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := seated(file)
	if err != nil || len(set.Personas) != 1 || set.Rooms[0].Personas[0] != "iris" {
		t.Fatalf("%+v: %v", set, err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := runProgram(t, "init", path); code != exitUsage || !strings.Contains(errs, "--force") {
		t.Errorf("a file that is there: code %d, %s", code, errs)
	}
	if data, _ := os.ReadFile(path); string(data) != "mine" {
		t.Errorf("it was written over: %s", data)
	}
	if code, _, errs := runProgram(t, "init", "--force", path); code != 0 {
		t.Errorf("--force: code %d, %s", code, errs)
	}
	if data, _ := os.ReadFile(path); string(data) != config.Starter() {
		t.Errorf("--force wrote %s", data)
	}
	if code, _, errs := runProgram(t, "init", filepath.Join(path, "under")); code != exitFailed || !strings.Contains(errs, "under") {
		t.Errorf("a folder that is none: code %d, %s", code, errs)
	}
}

// TestStarterComments: every commented key of the starter file is one that the program knows. Each
// comment is taken for a line of the file, with what stands around it.
func TestStarterComments(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, l := range strings.Split(config.Starter(), "\n") {
		indent := l[:len(l)-len(strings.TrimLeft(l, " "))]
		body, comment := strings.CutPrefix(strings.TrimLeft(l, " "), "# ")
		words := strings.Fields(body)
		key := comment && len(words) > 0 && (strings.HasSuffix(words[0], ":") || words[0] == "-")
		if key && words[0] != "prompt_file:" && words[0] != "yaml-language-server:" { // its prompt stands above
			l = indent + body
		}
		lines = append(lines, l)
	}
	file, err := config.Parse("starter.yaml", []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if set := file.Set(); len(set.Personas) != 2 || len(file.Agents()) != 1 || file.Text("store.path", "") != "sensory-agent.db" {
		t.Errorf("%d personas, %d agents, store %q", len(set.Personas), len(file.Agents()), file.Text("store.path", ""))
	}
}

// TestSchemasArePublished: the files in docs are what the program prints.
func TestSchemasArePublished(t *testing.T) {
	cleanEnv(t)
	for name, args := range map[string][]string{
		"config.schema.json": {"config", "schema"}, "policy.schema.json": {"config", "schema", "--policy"},
	} {
		code, out, errs := runProgram(t, args...)
		if code != 0 || errs != "" {
			t.Fatalf("code %d, %s", code, errs)
		}
		kept, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil || string(kept) != out {
			t.Errorf("docs/%s is old (%v): bin/sensory-agent %s >docs/%s", name, err, strings.Join(args, " "), name)
		}
	}
}

// TestManualPages: one page for each command, with its text, the same every time.
func TestManualPages(t *testing.T) {
	cleanEnv(t)
	folder := filepath.Join(t.TempDir(), "man1")
	if code, _, errs := runProgram(t, "man", folder); code != 0 {
		t.Fatal(errs)
	}
	for path, cmd := range commands() {
		if !cmd.IsAvailableCommand() {
			continue
		}
		page, err := os.ReadFile(filepath.Join(folder, "sensory-agent-"+strings.ReplaceAll(path, " ", "-")+".1"))
		if err != nil || !strings.Contains(string(page), strings.ReplaceAll(cmd.Short, "-", `\-`)) && !strings.Contains(string(page), cmd.Short) {
			t.Errorf("%s: %v", path, err)
		}
	}
	first, _ := os.ReadFile(filepath.Join(folder, "sensory-agent.1"))
	if code, _, errs := runProgram(t, "man", folder); code != 0 {
		t.Fatal(errs)
	}
	if again, _ := os.ReadFile(filepath.Join(folder, "sensory-agent.1")); len(first) == 0 || string(again) != string(first) {
		t.Error("a page differs from one time to the next")
	}
}
