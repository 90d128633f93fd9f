package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/config"
)

const whole = `# everything that can be said
log:
  level: info
  format: json
join:
  profile: embedded
  voice: "kokoro:af_bella"   # a colon needs quotes
  listen: 127.0.0.1:8081
  listen_token_file: /run/secrets/listen
bot:
  speaker: 'flite:slt'
  codec: vp9
store: {path: /tmp/transcripts.db, retain_days: 30, retain_rows: 100, address_file: /run/secrets/store}
answer: {tokens: 512}
serve: {listen: "127.0.0.1:1", listen_token_file: t}
models:
  idle: 90s
  bytes: 4GiB
  device_bytes: 16_000_000_000
limits: {chat_bytes: 8KiB, stream_idle: 20s, streams: 3}
prompt_cache: {bytes: 2GB}
budgets:
  - {silicon: CPU, units: 0x10}
  - silicon: CLOUD
    provider: example
    slots: 4
    units: 8
    bytes: 3 MB
worker: {seats: 24, reconcile: off, lost: 20s, listen: "127.0.0.1:8082"}
token: {rooms: off, ttl: 1h, url: "ws://h"}
ice: {transport: tcp}
`

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("c.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEverythingThatCanBeSaid(t *testing.T) {
	c := parse(t, whole)
	got := map[string]config.Value{}
	for _, k := range config.Keys() {
		v, ok := c.Value(k.Name)
		if config.IsLimit(k.Name) && !ok {
			continue // TestLimits has all of them
		}
		if !ok || k.Doc == "" {
			t.Errorf("%s was not read, or has no explanation", k.Name)
		}
		got[k.Name] = v
	}
	want := map[string]config.Value{
		"log.level": {Text: "info", Line: 3}, "log.format": {Text: "json", Line: 4}, "join.profile": {Text: "embedded", Line: 6},
		"join.voice": {Text: "kokoro:af_bella", Line: 7}, "join.listen": {Text: "127.0.0.1:8081", Line: 8}, "join.listen_token_file": {Text: "/run/secrets/listen", Line: 9},
		"bot.speaker": {Text: "flite:slt", Line: 11}, "bot.codec": {Text: "vp9", Line: 12},
		"store.path": {Text: "/tmp/transcripts.db", Line: 13}, "store.retain_days": {Text: "30", Number: 30, Line: 13},
		"store.retain_rows": {Text: "100", Number: 100, Line: 13}, "store.address_file": {Text: "/run/secrets/store", Line: 13},
		"answer.tokens": {Text: "512", Number: 512, Line: 14},
		"serve.listen":  {Text: "127.0.0.1:1", Line: 15}, "serve.listen_token_file": {Text: "t", Line: 15},
		"models.idle":         {Text: "90s", Number: int64(90 * time.Second), Line: 17},
		"models.bytes":        {Text: "4GiB", Number: 4 << 30, Line: 18},
		"models.device_bytes": {Text: "16000000000", Number: 16e9, Line: 19},
		"limits.chat_bytes":   {Text: "8KiB", Number: 8 << 10, Line: 20},
		"limits.stream_idle":  {Text: "20s", Number: int64(20 * time.Second), Line: 20},
		"limits.streams":      {Text: "3", Number: 3, Line: 20},
		"prompt_cache.bytes":  {Text: "2GB", Number: 2e9, Line: 21},
		"worker.seats":        {Text: "24", Number: 24, Line: 29},
		"worker.reconcile":    {Text: "off", Line: 29},
		"worker.lost":         {Text: "20s", Number: int64(20 * time.Second), Line: 29},
		"worker.listen":       {Text: "127.0.0.1:8082", Line: 29},
		"token.rooms":         {Text: "off", Line: 30},
		"token.ttl":           {Text: "1h", Number: int64(time.Hour), Line: 30},
		"token.url":           {Text: "ws://h", Line: 30},
		"ice.transport":       {Text: "tcp", Line: 31},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if c.From("models.idle") != "c.yaml:17" || c.Duration("models.idle", 0) != 90*time.Second || c.Text("join.voice", "x") != "kokoro:af_bella" {
		t.Error("values are not found by key")
	}
	cpu := compute.Budget{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 16, Units: 2000, Bytes: 1 << 30}
	disk := compute.Budget{Pool: compute.Pool{Silicon: compute.SiliconDisk}, Slots: 8, Units: 100}
	budgets, err := c.Budgets([]compute.Budget{cpu, disk})
	if err != nil {
		t.Fatal(err)
	}
	cloud := compute.Budget{Pool: compute.Pool{Silicon: compute.SiliconCloud, Provider: "example"}, Slots: 4, Units: 8, Bytes: 3e6}
	cpu.Units = 16
	if diff := cmp.Diff([]config.Budget{
		{Budget: cpu, SlotsFrom: "host", UnitsFrom: "c.yaml:23", BytesFrom: "host"},
		{Budget: disk, SlotsFrom: "host", UnitsFrom: "host", BytesFrom: "host"},
		{Budget: cloud, SlotsFrom: "c.yaml:26", UnitsFrom: "c.yaml:27", BytesFrom: "c.yaml:28"},
	}, budgets); diff != "" {
		t.Error(diff)
	}
	if _, err := compute.NewBroker(compute.Config{Budgets: config.Plain(budgets)}); err != nil {
		t.Errorf("a broker refuses them: %v", err)
	}
}

func TestWhatIsNotSaidIsLeftToOthers(t *testing.T) {
	none := (*config.Config)(nil)
	for name, c := range map[string]*config.Config{
		"no file": {}, "nil": none, "empty": parse(t, ""), "a comment": parse(t, "# nothing\n"), "null": parse(t, "~\n"), "a document of a comment": parse(t, "---\n# x\n"), "empty sections": parse(t, "join:\nbudgets:\n  # - silicon: CPU\n"),
	} {
		if _, ok := c.Value("join.voice"); ok || c.Text("join.voice", "mine") != "mine" || c.Number("models.bytes", 7) != 7 || c.From("join.voice") != config.FromDefault {
			t.Errorf("%s says something", name)
		}
		budget := compute.Budget{Pool: compute.Pool{Silicon: compute.SiliconDisk}, Slots: 8, Units: 100}
		if got, err := c.Budgets([]compute.Budget{budget}); err != nil || len(got) != 1 || got[0].Budget != budget {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestMistakesAreNamedWithLineAndField(t *testing.T) {
	for _, c := range []struct {
		text    string
		line    int
		field   string
		problem string
	}{
		{"join:\n  voise: x\n", 2, "join.voise", "known are profile, voice, listen"},
		{"\njion:\n  voice: x\n", 2, "jion", "known are log, join, serve, bot, ice, store, answer, models, prompt_cache, worker, token, limits, budgets, personas, rooms"},
		{"join:\n  voice: x\n  voice: y\n", 3, "join.voice", "twice"},
		{"join:\n  voice: x\njoin:\n  voice: y\n", 3, "join", "twice"},
		{"join:\n  voice: [x]\n", 2, "join.voice", "single value"},
		{"join:\n  voice: 7\n", 2, "join.voice", "must be a text"},
		{"join:\n  voice: true\n", 2, "join.voice", "must not be true"},
		{"join:\n  voice:\n", 2, "join.voice", "no value"},
		{"join:\n  listen: here\n", 2, "join.listen", "HOST:PORT"},
		{"join: x\n", 1, "join", "mapping"},
		{"- join\n", 1, "", "mapping"},
		{"log: {level: loud}\n", 1, "log.level", `"loud" is unknown; known are debug`},
		{"bot:\n  codec: mpeg\n", 2, "bot.codec", "known are vp8"},
		{"store:\n  retain_days: -1\n", 2, "store.retain_days", "-1 is negative"},
		{"store:\n  retain_days: 1.5\n", 2, "store.retain_days", "whole number"},
		{"store:\n  retain_days: ten\n", 2, "store.retain_days", "whole number"},
		{"store:\n  path: postgres://ada:hunter2@db/personas\n", 2, "store.path", "holds a password: put the address into a file"},
		{"store:\n  path: postgres://db/personas?password=hunter2\n", 2, "store.path", "holds a password"},
		{"store:\n  path: postgres://ada:hunter2%zz@db/personas\n", 2, "store.path", "is no address"},
		{"models:\n  idle: 5\n", 2, "models.idle", "no duration"},
		{"models:\n  idle: -5m\n", 2, "models.idle", "negative"},
		{"models:\n  bytes: 4 gigabytes\n", 2, "models.bytes", "no size"},
		{"models:\n  bytes: -4GiB\n", 2, "models.bytes", "negative"},
		{"models:\n  bytes: 99999999TiB\n", 2, "models.bytes", "no size"},
		{"budgets: {CPU: 4}\n", 1, "budgets", "list"},
		{"budgets:\n  - silicon: CUP\n", 2, "budgets[0].silicon", `"CUP" is unknown; known are CPU, GPU`},
		{"budgets:\n  - units: 4\n", 2, "budgets[0].silicon", "missing"},
		{"budgets:\n  - silicon: CPU\n    units: -4\n", 3, "budgets[0].units", "-4 is negative"},
		{"budgets:\n  - silicon: CPU\n    slots: 0\n", 3, "budgets[0].slots", "not between 1"},
		{"budgets:\n  - silicon: CPU\n    bytes: 9000TiB\n", 3, "budgets[0].bytes", "not between 0"},
		{"budgets:\n  - silicon: CPU\n    slots: many\n", 3, "budgets[0].slots", "whole number"},
		{"budgets:\n  - silicon: CPU\n    class: RENDER\n", 3, "budgets[0].class", "known are silicon"},
		{"budgets:\n  - {silicon: CPU}\n  - {silicon: CPU}\n", 3, "budgets[1]", "twice"},
		{"budgets:\n  - {silicon: CPU, provider: x}\n", 2, "budgets[0].provider", "only CLOUD"},
		{"budgets:\n  - {silicon: CLOUD, slots: 1, units: 1}\n", 2, "budgets[0].provider", "per provider"},
		{"join: &a\n  voice: x\n", 1, "join", "mapping"},
		{"join:\n  voice: *a\n", 2, "join.voice", "aliases"},
		{"join:\n  voice: !!str x\n", 2, "join.voice", "tags"},
		{"join:\n  voice: 'x\n", 2, "", "not YAML"},
		{"a: 1\n---\nb: 2\n", 0, "", "more than one document"},
	} {
		got, err := config.Parse("dir/c.yaml", []byte(c.text))
		var wrong *config.FieldError
		if !errors.As(err, &wrong) || got != nil || !errors.Is(err, config.ErrConfig) {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if wrong.File != "dir/c.yaml" || wrong.Line != c.line || wrong.Field != c.field || !strings.Contains(wrong.Problem, c.problem) {
			t.Errorf("%q:\n got %s (line %d, field %q)\nwant line %d, field %q, %q", c.text, err, wrong.Line, wrong.Field, c.line, c.field, c.problem)
		}
	}
	_, err := parse(t, "budgets:\n  - {silicon: GPU, slots: 2}\n").Budgets(nil)
	var wrong *config.FieldError
	if !errors.As(err, &wrong) || wrong.Line != 2 || wrong.Field != "budgets[0].units" {
		t.Errorf("half a budget for a silicon that is not there: %v", err)
	}
}

func TestWhichFileIsRead(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv(config.Env, "")
	c, err := config.Load("")
	if err != nil || c.Path != "" {
		t.Fatalf("without a file: %+v, %v", c, err)
	}
	write := func(name, voice string) string {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("join: {voice: "+voice+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	check := func(given, path, voice string) {
		t.Helper()
		c, err := config.Load(given)
		if err != nil || c.Path != path || c.Text("join.voice", "") != voice || c.From("join.voice") != path+":1" {
			t.Errorf("read %+v, %v; want %s", c, err, path)
		}
	}
	usual := write("sensory-agent/config.yaml", "usual")
	check("", usual, "usual")
	named := write("named.yaml", "named")
	t.Setenv(config.Env, named)
	check("", named, "named")
	given := write("given.yaml", "given")
	check(given, given, "given")
	if _, err := config.Load(filepath.Join(home, "none.yaml")); !errors.Is(err, os.ErrNotExist) || !errors.Is(err, config.ErrConfig) {
		t.Errorf("a file that was asked for and is not there: %v", err)
	}
	// The largest file is read to its last byte, a larger one is not read in part.
	const most, last = 256 << 10, "join: {voice: last}\n"
	largest := filepath.Join(home, "largest.yaml")
	for _, spare := range []int{0, 1} {
		text := strings.Repeat("#", most-len(last)-1+spare) + "\n" + last
		if err := os.WriteFile(largest, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(largest)
		var wrong *config.FieldError
		switch {
		case spare == 0 && (err != nil || c.Text("join.voice", "") != "last"):
			t.Errorf("the largest file: %v", err)
		case spare == 1 && (!errors.As(err, &wrong) || wrong.File != largest):
			t.Errorf("a larger file: %v", err)
		}
	}
	if _, err := config.Load(home); !errors.Is(err, config.ErrConfig) {
		t.Errorf("a folder: %v", err)
	}
}

// FuzzParse: no text makes the reader crash, every refusal is typed, and what is accepted makes
// budgets that a broker takes.
func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("budgets:\n  - {silicon: CPU, bytes: 1TiB}\n")
	f.Add("a: &b [*b]\n? x\n: y\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse("f", []byte(text))
		if err == nil {
			var budgets []config.Budget
			if budgets, err = c.Budgets(nil); err == nil && len(budgets) > 0 {
				if _, err := compute.NewBroker(compute.Config{Budgets: config.Plain(budgets)}); err != nil {
					t.Fatalf("%q: accepted, but %v", text, err)
				}
			}
		}
		var wrong *config.FieldError
		if err != nil && !errors.As(err, &wrong) {
			t.Fatalf("%q: %v is not typed", text, err)
		}
	})
}
