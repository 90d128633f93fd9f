package models

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Dir returns the models directory: $SENSORY_AGENT_MODELS, or sensory-agent/models in the user's
// data folder.
func Dir() (string, error) {
	if dir := os.Getenv("SENSORY_AGENT_MODELS"); dir != "" {
		return dir, nil
	}
	base := os.Getenv("XDG_DATA_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the home folder: %w", err)
		}
		base = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(base, "sensory-agent", "models"), nil
}

// Options configure a Store. The zero value is what a command uses.
type Options struct {
	// Logger receives rare events; nil discards them.
	Logger *slog.Logger
	// Progress receives events, one at a time; it must return quickly. Nil discards them.
	Progress func(Event)
	// Digests makes every load compute the SHA-256 of its files; otherwise a checksum is compared
	// (see Path).
	Digests bool
	// Offline forbids every source that needs a network.
	Offline bool
	// Parallel is how many files are fetched at once; 0 means 4.
	Parallel int
	// HuggingFace is the base address for huggingface sources; "" means $HF_ENDPOINT, else the
	// public one.
	HuggingFace string
	// HuggingFaceToken is sent to that address only; "" means $HF_TOKEN, else none.
	HuggingFaceToken string
	// ConnectTimeout bounds connecting to a host; 0 means 4 s. A host that fails it is not tried
	// again by this Store.
	ConnectTimeout time.Duration
	// StallTimeout aborts a transfer that brings nothing for so long; 0 means 30 s.
	StallTimeout time.Duration
	// Tools runs the package clients; nil means the programs of the system.
	Tools Tools
	// Converters by name; nil means the built-in ones.
	Converters map[string]Converter
	// FreeSpace returns the free bytes of the file system that holds dir; nil asks the system.
	FreeSpace func(dir string) (int64, error)
	// Create opens a file for writing at its end, or empty if truncate is set; nil means the
	// system's files.
	Create func(path string, truncate bool) (io.WriteCloser, error)
}

// Tools runs the clients of package registries.
type Tools interface {
	// PyPI leaves one wheel of p in dir. Out is the last part of the client's own messages.
	PyPI(ctx context.Context, p Package, dir string) (out string, err error)
	// NPM leaves one tarball of p in dir. No package script runs.
	NPM(ctx context.Context, p Package, dir string) (out string, err error)
}

// Phase is what happens to one file.
type Phase string

// The phases of a file, in the order in which they may come. PhaseSource can come again when the
// next source is tried.
const (
	PhaseSource  Phase = "source"  // Source is being tried
	PhaseBytes   Phase = "bytes"   // Done of Total bytes are here
	PhaseVerify  Phase = "verify"  // the digest is being computed
	PhaseConvert Phase = "convert" // Done of Total units of the conversion step
	PhaseFailed  Phase = "failed"  // Source failed with Err; the next one follows, if any
	PhaseDone    Phase = "done"    // the file is in place
	PhaseKept    Phase = "kept"    // the file was in place already
)

// Event is one step of a pull or a verification.
type Event struct {
	Model, File string
	Phase       Phase
	Source      string
	// Done and Total count bytes (units of work in PhaseConvert); Total is 0 when unknown.
	Done, Total int64
	Err         error
}

// Store is a directory of installed models. It is safe for concurrent use.
type Store struct {
	dir     string
	catalog *Catalog
	opt     Options
	log     *slog.Logger
	net     *network
	events  *emitter
	checks  checked
	noting  sync.Mutex // held while the file of what pictures cost is changed
}

// Open returns a Store over dir with the catalog that the user has: that of the program with the
// user's file over it. An empty dir is $SENSORY_AGENT_MODELS, or the user's data folder. Errors: no
// home folder is known; those of LoadUser.
func Open(dir string, opt Options) (*Store, error) {
	if dir == "" {
		var err error
		if dir, err = Dir(); err != nil {
			return nil, err
		}
	}
	catalog, err := LoadUser()
	if err != nil {
		return nil, err
	}
	return New(dir, catalog, opt), nil
}

// New returns a Store over dir. It touches nothing on disk.
func New(dir string, catalog *Catalog, opt Options) *Store {
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.Parallel <= 0 {
		opt.Parallel = 4
	}
	if opt.HuggingFace == "" {
		opt.HuggingFace = os.Getenv("HF_ENDPOINT")
	}
	if opt.HuggingFace == "" {
		opt.HuggingFace = "https://huggingface.co"
	}
	if opt.HuggingFaceToken == "" {
		opt.HuggingFaceToken = os.Getenv("HF_TOKEN")
	}
	if opt.ConnectTimeout <= 0 {
		opt.ConnectTimeout = 4 * time.Second
	}
	if opt.StallTimeout <= 0 {
		opt.StallTimeout = 30 * time.Second
	}
	if opt.Tools == nil {
		opt.Tools = systemTools{timeout: opt.ConnectTimeout}
	}
	if opt.Converters == nil {
		opt.Converters = Converters()
	}
	if opt.FreeSpace == nil {
		opt.FreeSpace = freeSpace
	}
	if opt.Create == nil {
		opt.Create = createFile
	}
	return &Store{
		dir: dir, catalog: catalog, opt: opt, log: opt.Logger,
		net: newNetwork(opt), events: &emitter{sink: opt.Progress},
	}
}

// Close releases idle connections. It may be called twice.
func (s *Store) Close() { s.net.close() }

// Root returns the directory of the store.
func (s *Store) Root() string { return s.dir }

// Catalog returns the catalog of the store.
func (s *Store) Catalog() *Catalog { return s.catalog }

// Lock returns the record of what was accepted for a model.
func (s *Store) Lock(id string) (*Lock, error) {
	if _, err := s.catalog.Entry(id); err != nil {
		return nil, err
	}
	return readLock(filepath.Join(s.dir, id))
}

func (s *Store) join(id, file string) string {
	return filepath.Join(s.dir, id, filepath.FromSlash(file))
}

// partial is the folder of unfinished files; it is on the same file system as the finished ones, so
// that renaming is atomic.
func (s *Store) partial(parts ...string) string {
	return filepath.Join(append([]string{s.dir, ".partial"}, parts...)...)
}

// ModelDir returns the folder of a model's files. It need not exist.
func (s *Store) ModelDir(id string) string { return filepath.Join(s.dir, id) }
