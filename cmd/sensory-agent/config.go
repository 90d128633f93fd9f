package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// binding says which flag of which command a key of the configuration file is the default of. An
// empty command means every one.
type binding struct{ command, flag, key string }

func bindings() []binding {
	return []binding{
		{"", "log-level", "log.level"},
		{"", "log-format", "log.format"},
		{"join", "profile", "join.profile"},
		{"join", "voice", "join.voice"},
		{"join", "listen", "join.listen"},
		{"join", "listen-token-file", "join.listen_token_file"},
		{"join", "answer-tokens", "answer.tokens"},
		{"demo", "answer-tokens", "answer.tokens"},
		{"serve", "listen", "serve.listen"},
		{"serve", "listen-token-file", "serve.listen_token_file"},
		{"serve", "store", "store.path"},
		{"serve", "store-address-file", "store.address_file"},
		{"serve", "retain-days", "store.retain_days"},
		{"serve", "retain-rows", "store.retain_rows"},
		{"join", "store", "store.path"},
		{"join", "store-address-file", "store.address_file"},
		{"join", "retain-days", "store.retain_days"},
		{"join", "retain-rows", "store.retain_rows"},
		{"bot", "speaker", "bot.speaker"},
		{"bot", "codec", "bot.codec"},
	}
}

// passOn checks what holds for every command, and lets programs that this one starts read the same
// configuration file.
func (f *rootFlags) passOn(*cobra.Command, []string) error {
	if _, err := f.logger(); err != nil {
		return err
	}
	if f.config == "" {
		return nil
	}
	path, err := filepath.Abs(f.config)
	if err != nil {
		return err
	}
	return os.Setenv(config.Env, path)
}

// configure reads the configuration file and puts what it says in the place of flags that were not
// given.
func (f *rootFlags) configure(cmd *cobra.Command) (*config.Config, error) {
	file, err := config.Load(f.config)
	if err != nil {
		return nil, usageError{err}
	}
	for _, b := range bindings() {
		v, ok := file.Value(b.key)
		if !ok || b.command != "" && b.command != cmd.Name() {
			continue
		}
		flag := cmd.Flags().Lookup(b.flag)
		if flag == nil || flag.Changed {
			continue
		}
		if err := flag.Value.Set(v.Text); err != nil {
			return nil, usageError{fmt.Errorf("%s: %s: %w", file.From(b.key), b.key, err)}
		}
	}
	return file, nil
}

// effectiveBudgets are the file's budgets over those that are derived from the machine.
func effectiveBudgets(cfg *engine.MachineConfig, file *config.Config) ([]config.Budget, error) {
	derived, err := cfg.Derived()
	if err != nil {
		return nil, err
	}
	budgets, err := file.Budgets(derived)
	if err != nil {
		return nil, usageError{err}
	}
	return budgets, nil
}

func newConfigCommand(root *rootFlags) *cobra.Command {
	return group("config", "The configuration file: what it says, what holds", newConfigShowCommand(root), newConfigSchemaCommand())
}

// setting is one effective value.
type setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	// From is "default", "host" (derived from the machine), or FILE:LINE.
	From string `json:"from"`
}

// shown is what config show prints.
type shown struct {
	// File is empty where none was read.
	File     string    `json:"file"`
	Settings []setting `json:"settings"`
}

func newConfigShowCommand(root *rootFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the effective values and where each comes from",
		Long: "Prints what commands start from when no flag says otherwise. Flags win over the file, the file wins over defaults.\n" +
			"The file is --config, $" + config.Env + ", or sensory-agent/config.yaml in the user's configuration folder.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := config.Load(root.config)
			if err != nil {
				return usageError{err}
			}
			out := shown{File: file.Path}
			if out.Settings, err = settings(cmd.Context(), cmd.Root(), file); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), out)
			}
			return out.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

// settings lists every key with its effective value, then the budgets.
func settings(ctx context.Context, root *cobra.Command, file *config.Config) ([]setting, error) {
	facts, err := host.Probe(ctx, models.Families())
	if err != nil {
		return nil, err
	}
	defaults := defaultSettings(root, facts)
	var out []setting
	for _, key := range config.Keys() {
		s, ok := defaults[key.Name]
		if !ok {
			s.From = config.FromDefault
		}
		if v, ok := file.Value(key.Name); ok {
			s.Value, s.From = v.Text, file.From(key.Name)
		}
		s.Key = key.Name
		out = append(out, s)
	}
	budgets, err := effectiveBudgets(&engine.MachineConfig{Host: facts}, file)
	if err != nil {
		return nil, err
	}
	for _, b := range budgets {
		for _, part := range []struct {
			name  string
			value int64
			from  string
		}{{"slots", b.Slots, b.SlotsFrom}, {"units", b.Units, b.UnitsFrom}, {"bytes", b.Bytes, b.BytesFrom}} {
			out = append(out, setting{Key: "budgets." + b.String() + "." + part.name, Value: strconv.FormatInt(part.value, 10), From: part.from})
		}
	}
	return out, nil
}

// defaultSettings are the values that hold without a file: those of the flags, and what is derived
// from the machine.
func defaultSettings(root *cobra.Command, facts model.Host) map[string]setting {
	out := map[string]setting{
		"models.idle": {Value: ort.DefaultIdle.String(), From: config.FromDefault},
	}
	std := limits.Default()
	for _, f := range std.Fields() {
		value := ""
		if f.Duration != nil {
			value = f.Duration.String()
		} else {
			value = strconv.Itoa(*f.Int)
		}
		out["limits."+f.Key] = setting{Value: value, From: config.FromDefault}
	}
	pool := engine.PoolBounds(facts)
	for key, bytes := range map[string]int64{
		"models.bytes": pool.HostBytes, "models.device_bytes": pool.DeviceBytes, "prompt_cache.bytes": engine.DerivedPromptCache(facts),
	} {
		out[key] = setting{Value: strconv.FormatInt(bytes, 10), From: config.FromHost}
	}
	for _, b := range bindings() {
		cmd := root
		if b.command != "" {
			cmd, _, _ = root.Find([]string{b.command})
		}
		flag := cmd.Flags().Lookup(b.flag)
		if flag == nil {
			flag = cmd.PersistentFlags().Lookup(b.flag)
		}
		out[b.key] = setting{Value: flag.DefValue, From: config.FromDefault}
	}
	return out
}

func (s *shown) print(w io.Writer) error {
	var b strings.Builder
	if s.File == "" {
		b.WriteString("no configuration file\n")
	} else {
		fmt.Fprintf(&b, "file %s\n", s.File)
	}
	for _, v := range s.Settings {
		value := v.Value
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(&b, "%-28s %-28s %s\n", v.Key, value, v.From)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// checkConfig says which configuration file holds.
func checkConfig(given string) check {
	c := check{Name: "configuration", Status: checkOK}
	file, err := config.Load(given)
	switch {
	case err != nil:
		c.Status, c.Detail, c.Fix = checkMissing, err.Error(), "correct the file, or name another one with --config"
	case file.Path == "":
		path, _, err := config.Path(given)
		c.Detail = "built-in defaults; no file at " + path
		if err != nil {
			c.Detail = "built-in defaults; " + err.Error()
		}
	default:
		c.Detail = "read from " + file.Path
	}
	return c
}

// day is the unit of store.retain_days.
const day = 24 * time.Hour
