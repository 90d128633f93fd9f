package rtpin

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// rewrite lets the scripts of testdata take over what the code prints now. Read the difference
// before you commit it: a script that changed without a reason that you can name is a bug that was
// found.
var rewrite = flag.Bool("rewrite", false, "rewrite the expected output of the scripts in testdata") // test flag

// playScript runs the cases of a file: comments, a title, commands, a line of four dashes, the
// expected output, an empty line. run starts over for each case.
func playScript(t *testing.T, path string, run func(t *testing.T, commands []string) []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		input, want, found := strings.Cut(block, "\n----")
		lines := strings.Split(input, "\n")
		first := 0
		for first < len(lines) && strings.HasPrefix(lines[first], "#") {
			first++
		}
		if first == len(lines) {
			out = append(out, block)
			continue
		}
		title := lines[first]
		t.Run(title, func(t *testing.T) {
			got := strings.Join(run(t, lines[first+1:]), "\n")
			out = append(out, input+"\n----\n"+got)
			if !*rewrite && (!found || got != strings.TrimPrefix(want, "\n")) {
				t.Errorf("%s: %s\nprinted:\n%s\nexpected:%s", path, title, got, want)
			}
		})
	}
	if *rewrite {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// command is a line of a script: plain words and key=value pairs.
type command struct {
	t     *testing.T
	line  string
	plain []string
	pairs map[string]string
}

func parseCommand(t *testing.T, line string) command {
	c := command{t: t, line: line, pairs: map[string]string{}}
	for _, word := range strings.Fields(line) {
		if k, v, ok := strings.Cut(word, "="); ok {
			c.pairs[k] = v
		} else {
			c.plain = append(c.plain, word)
		}
	}
	return c
}

// number returns the pair with this key, or otherwise.
func (c command) number(key string, otherwise int) int {
	c.t.Helper()
	text, ok := c.pairs[key]
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		c.t.Fatalf("%s: %v", c.line, err)
	}
	return int(n)
}

// counters prints the fields of stats that are not zero.
func counters(stats any) string {
	v := reflect.ValueOf(stats)
	var parts []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; !v.Field(i).IsZero() && name != "Jitter" {
			parts = append(parts, fmt.Sprintf("%s=%v", name, v.Field(i)))
		}
	}
	return "stats " + strings.Join(parts, " ")
}
