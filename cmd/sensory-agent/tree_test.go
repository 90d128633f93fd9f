package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands lists the program's commands with their paths, without those that cobra adds.
func commands() map[string]*cobra.Command {
	found := map[string]*cobra.Command{}
	var add func(cmd *cobra.Command)
	add = func(cmd *cobra.Command) {
		found[strings.TrimPrefix(cmd.CommandPath(), "sensory-agent ")] = cmd
		for _, child := range cmd.Commands() {
			add(child)
		}
	}
	for _, child := range newRootCommand(&rootFlags{}).Commands() {
		add(child)
	}
	return found
}

// TestEveryCommandExplainsItself on --help, which needs nothing and changes nothing.
func TestEveryCommandExplainsItself(t *testing.T) {
	cleanEnv(t)
	for path, cmd := range commands() {
		code, out, errs := runProgram(t, append(strings.Fields(path), "--help")...)
		if code != 0 || errs != "" || !strings.Contains(out, "Usage:\n  sensory-agent "+path) {
			t.Errorf("%s --help: code %d, %s%s", path, code, out, errs)
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: %q is no short description", path, cmd.Short)
		}
		for _, child := range cmd.Commands() {
			if child.IsAvailableCommand() && !strings.Contains(out, child.Name()) {
				t.Errorf("%s --help does not name %s", path, child.Name())
			}
		}
	}
}

// TestEveryCommandRefusesWhatItDoesNotKnow: a flag or an argument too many is a wrong call, and
// named.
func TestEveryCommandRefusesWhatItDoesNotKnow(t *testing.T) {
	cleanEnv(t)
	for path, cmd := range commands() {
		code, out, errs := runProgram(t, append(strings.Fields(path), "--no-such-flag")...)
		if code != exitUsage || out != "" || !strings.Contains(errs, "--no-such-flag") {
			t.Errorf("%s --no-such-flag: code %d, %s%s", path, code, out, errs)
		}
		if !cmd.HasSubCommands() {
			continue
		}
		code, out, errs = runProgram(t, append(strings.Fields(path), "nonsense")...)
		if code != exitUsage || out != "" || !strings.Contains(errs, "nonsense") {
			t.Errorf("%s nonsense: code %d, %s%s", path, code, out, errs)
		}
		for _, child := range cmd.Commands() {
			if child.IsAvailableCommand() != strings.Contains(errs, child.Name()) {
				t.Errorf("%s: who asks for what there is not is not told of %s: %s", path, child.Name(), errs)
			}
		}
	}
}

// TestFlagsOfAllCommands have one form: lower case with dashes, said what they do, the same thing
// under the same name.
func TestFlagsOfAllCommands(t *testing.T) {
	form := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	types := map[string]map[string][]string{}
	for path, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !form.MatchString(f.Name) || f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s: --%s %q", path, f.Name, f.Usage)
			}
			if types[f.Name] == nil {
				types[f.Name] = map[string][]string{}
			}
			types[f.Name][f.Value.Type()] = append(types[f.Name][f.Value.Type()], path)
		})
	}
	for _, name := range []string{"json", "profile", "voice", "store", "url", "room", "address", "models-dir"} {
		if len(types[name]) > 1 {
			t.Errorf("--%s is of several types: %v", name, types[name])
		}
	}
	if _, ok := types["json"]["bool"]; !ok || len(types["json"]["bool"]) < 10 {
		t.Errorf("commands that print JSON: %v", types["json"])
	}
}

// TestOneProfile: what a newcomer types first takes the profile that every machine can run.
func TestOneProfile(t *testing.T) {
	asked := []string{}
	for path, cmd := range commands() {
		if f := cmd.Flags().Lookup("profile"); f != nil {
			asked = append(asked, path)
			if f.DefValue != defaultProfile {
				t.Errorf("%s takes %q without being asked", path, f.DefValue)
			}
		}
	}
	for _, want := range []string{"join", "demo", "smoke sensory", "models resolve"} {
		if !slices.Contains(asked, want) {
			t.Errorf("%s has no --profile", want)
		}
	}
}

func TestTheProgramItself(t *testing.T) {
	cleanEnv(t)
	if code, out, errs := runProgram(t); code != 0 || errs != "" || !strings.Contains(out, "Start with: sensory-agent demo") {
		t.Errorf("without a command: code %d, %s%s", code, out, errs)
	}
	if code, out, _ := runProgram(t, "--version"); code != 0 || !strings.HasPrefix(out, "sensory-agent version ") || strings.TrimSpace(out) == "sensory-agent version" {
		t.Errorf("--version: code %d, %q", code, out)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"nonsense"}, `unknown command "nonsense"`},
		{[]string{"doctor", "now"}, "now"},
		{[]string{"admit", "file.json"}, "file.json"},
		{[]string{"config", "show", "--log-level", "loud"}, "loud"},
		{[]string{"config", "show", "--config", "/none/at/all.yaml"}, "/none/at/all.yaml"},
	} {
		if code, out, errs := runProgram(t, c.args...); code != exitUsage || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%v: code %d, %s%s", c.args, code, out, errs)
		}
	}
}
