package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// anyPort is where the console of a demo is, unless --listen says it.
const anyPort = "127.0.0.1:0"

// stays serves the persona to whoever comes, beside the console, until ctx ends: what serve does
// with the file that is written for it.
func (f *demoFlags) stays(ctx context.Context, log *slog.Logger, out *timeline, on *loaded, at room.Config, listen ops.Config) (err error) {
	path := filepath.Join(f.out, "demo.yaml")
	if err := os.WriteFile(path, f.served(at.Room), 0o600); err != nil {
		return err
	}
	as, s := &serveFlags{}, &served{}
	as.engine, as.ops = f.engine, f.ops
	if as.engine.file, err = config.Load(path); err != nil {
		return err
	}
	listen.Address = cmp.Or(listen.Address, anyPort)
	as.ops.address = listen.Address
	as.connect.URL, as.connect.Key, as.connect.Secret = at.URL, at.APIKey, at.APISecret
	s.cast.Store(on.Machine)
	s.machine.Store(on.Engine())
	p := program{ready: s.ready, pages: s.workerPages(), mount: as.mounts(s), console: as.console}
	pages, err := p.serve(listen, log)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	tellConsole(out, pages, true)
	return as.seat(ctx, log, out, on.Machine, s, path)
}

// served is a configuration that seats the demo's persona in a room.
func (f *demoFlags) served(in string) []byte {
	said := ""
	if f.engine.voice != "" {
		said += fmt.Sprintf(", voice: %q", f.engine.voice)
	}
	if f.engine.answerTokens > 0 {
		said += fmt.Sprintf(", answer: {tokens: %d}", f.engine.answerTokens)
	}
	return fmt.Appendf(nil, "# What make demo STAY=1 serves: sensory-agent serve --config FILE\npersonas:\n"+
		"  - {name: iris, profile: %q%s}\nrooms:\n  - {name: %s, personas: [iris]}\n", f.engine.profile, said, in)
}
