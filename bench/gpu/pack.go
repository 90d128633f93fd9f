package gpu

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// packing is one call of the command pack.
type packing struct {
	dir, model, models, program, server, espeak string
	most                                        int64
	engineOnly                                  bool
}

// packMain is the command pack.
func packMain(ctx context.Context, self string, args []string, stdout io.Writer) error {
	var p packing
	f := flag.NewFlagSet("pack FOLDER", flag.ContinueOnError)
	f.StringVar(&p.model, "model", "", "folder of the calibration model")
	f.StringVar(&p.models, "models", "", "models folder, with runtime-cuda")
	f.StringVar(&p.program, "program", "", "the program")
	f.StringVar(&p.server, "server", "", "livekit-server")
	f.StringVar(&p.espeak, "espeak", "/usr/lib/x86_64-linux-gnu", "folder that holds espeak-ng-data")
	f.Int64Var(&p.most, "part", PartBytes, "largest part, in bytes")
	f.BoolVar(&p.engineOnly, "engine-only", false, "leave out what only the step smoke needs, more than half of it")
	rest, err := parse(f, args, stdout)
	if err != nil {
		return err
	}
	if len(rest) != 1 || p.model == "" || p.models == "" || p.most < 1 || !p.engineOnly && (p.program == "" || p.server == "") {
		return fmt.Errorf("%w: pack needs a folder, --model, --models, and --program and --server or --engine-only", ErrUsage)
	}
	p.dir = rest[0]
	m, err := p.pack(ctx, self)
	if err != nil {
		return err
	}
	bytes := int64(0)
	for _, part := range m.all() {
		bytes += part.Bytes
	}
	_, err = fmt.Fprintf(stdout, "%s: %d files, %d MB; bring them to a machine with a card and run there: FOLDER/gpu-check run FOLDER\n",
		p.dir, len(m.all())+1, bytes/1_000_000)
	return err
}

// pack writes the folder: what was in it of another packing is removed first.
func (p *packing) pack(ctx context.Context, self string) (Manifest, error) {
	m := Manifest{Version: manifestVersion}
	if err := p.clear(); err != nil {
		return m, err
	}
	alone := filepath.Join(p.dir, "gpu-check")
	if err := copyFile(self, alone); err != nil {
		return m, err
	}
	part, err := sumFile(alone)
	if err != nil {
		return m, err
	}
	if part.Bytes > p.most {
		return m, fmt.Errorf("%w: gpu-check has %d bytes, more than a part", ErrUsage, part.Bytes)
	}
	m.Alone = []Part{part}
	bundles := []func(context.Context) (string, []item, error){p.engine}
	if !p.engineOnly {
		bundles = append(bundles, p.smoke)
	}
	for _, list := range bundles {
		name, items, err := list(ctx)
		if err != nil {
			return m, err
		}
		b, err := pack(ctx, p.dir, name, items, p.most)
		if err != nil {
			return m, err
		}
		m.Bundles = append(m.Bundles, b)
	}
	return m, m.write(p.dir)
}

// clear makes the folder, and removes an older packing from it.
func (p *packing) clear() error {
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(p.dir, "*.tar.gz.[0-9][0-9]"))
	if err != nil {
		return err
	}
	for _, name := range append(old, filepath.Join(p.dir, manifestName), filepath.Join(p.dir, "gpu-check")) {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// engine lists what all steps but the last need.
func (p *packing) engine(context.Context) (string, []item, error) {
	items, err := tree(p.model, "calibration")
	if err != nil {
		return "", nil, err
	}
	library, err := tree(filepath.Join(p.models, cudaID), path.Join("models", cudaID))
	if err != nil {
		err = fmt.Errorf("%w (sensory-agent models pull %s)", err, cudaID)
	}
	return "engine", append(items, library...), err
}

// smoke lists what a persona needs: the program and what it runs, the libraries of all of them, and
// models. The ear is made of its source on the other machine, which is a fifth as large.
func (p *packing) smoke(ctx context.Context) (string, []item, error) {
	programs := []string{p.program, p.server}
	for _, name := range []string{"flite", "espeak-ng"} {
		found, err := exec.LookPath(name)
		if err != nil {
			return "", nil, fmt.Errorf("%w: %w", ErrMissing, err)
		}
		programs = append(programs, found)
	}
	var items []item
	for _, program := range programs {
		items = append(items, item{path.Join("bin", filepath.Base(program)), program})
		needed, err := libraries(ctx, program)
		if err != nil {
			return "", nil, err
		}
		items = append(items, needed...)
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.name, b.name) })
	items = slices.CompactFunc(items, func(a, b item) bool { return a.name == b.name })
	items = append(items, item{path.Join("sources", earSource), filepath.Join(p.models, ear, earSource)})
	voice, err := tree(filepath.Join(p.espeak, "espeak-ng-data"), "espeak/espeak-ng-data")
	if err != nil {
		return "", nil, err
	}
	items = append(items, voice...)
	for _, id := range parts() {
		more, err := tree(filepath.Join(p.models, id), path.Join("models", id))
		if err != nil {
			return "", nil, fmt.Errorf("%w (sensory-agent models pull %s)", err, id)
		}
		items = append(items, more...)
	}
	return "smoke", items, nil
}

// tree lists the files below a folder under another name. Errors: ErrMissing, those of the file
// system.
func tree(from, name string) (items []item, err error) {
	err = filepath.WalkDir(from, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, at)
		if err == nil {
			items = append(items, item{path.Join(name, filepath.ToSlash(rel)), at})
		}
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	case err == nil && len(items) == 0:
		return nil, fmt.Errorf("%w: %s has no files", ErrMissing, from)
	}
	return items, err
}

// everywhere are libraries that come with every system, and that belong to it: its C library and
// what goes with its compiler.
func everywhere(name string) bool {
	return slices.ContainsFunc([]string{
		"linux-vdso.", "ld-linux", "libc.so.", "libm.so.", "libdl.so.", "libpthread.so.", "librt.so.", "libresolv.so.", "libutil.so.", "libstdc++.so.", "libgcc_s.so.",
	}, func(begin string) bool { return strings.HasPrefix(name, begin) })
}

// libraries lists what the loader would load for a program here. Errors: ErrMissing.
func libraries(ctx context.Context, program string) ([]item, error) {
	out, err := exec.CommandContext(ctx, "ldd", program).Output()
	if err != nil {
		return nil, fmt.Errorf("%w: ldd %s: %w", ErrMissing, program, err)
	}
	return parseLibraries(string(out))
}

// parseLibraries reads what ldd prints: "name => path (address)" a line.
func parseLibraries(text string) (items []item, err error) {
	for line := range strings.Lines(text) {
		name, where, found := strings.Cut(strings.TrimSpace(line), " => ")
		if !found || everywhere(name) {
			continue
		}
		place, _, ok := strings.Cut(where, " (")
		if !ok || !filepath.IsAbs(place) {
			return nil, fmt.Errorf("%w: library %s: %s", ErrMissing, name, where)
		}
		items = append(items, item{path.Join("lib", name), place})
	}
	return items, nil
}
