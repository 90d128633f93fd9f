package codec_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

// childFolder names the folder in which TestQuietChild works; set, it makes the test do so.
const childFolder = "CODEC_QUIET_CHILD"

// TestCodecsHaveNoSideEffects runs every codec in a process of its own, over whole and damaged
// bitstreams of a stranger, in an empty folder that is home, cache and configuration too: nothing
// is printed, written or connected.
func TestCodecsHaveNoSideEffects(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	cmd := exec.Command(self, "-test.run=^TestQuietChild$")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), childFolder+"="+folder, "HOME="+folder, "XDG_CACHE_HOME="+folder,
		"XDG_CONFIG_HOME="+folder, "XDG_DATA_HOME="+folder, "TMPDIR="+folder, "FFREPORT=level=64", "AV_LOG_FORCE_COLOR=1")
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s%s", err, &out, &problem)
	}
	if got := out.String(); got != "PASS\n" || problem.Len() > 0 {
		t.Errorf("printed %q, and as errors %q", got, problem.String())
	}
	err = filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if path != folder {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestQuietChild is the process of TestCodecsHaveNoSideEffects.
func TestQuietChild(t *testing.T) {
	if os.Getenv(childFolder) == "" {
		t.Skip("runs as a child of TestCodecsHaveNoSideEffects")
	}
	before := openFiles(t)
	random := rand.New(rand.NewPCG(8, 8))
	for _, c := range codec.VideoCodecs() {
		enc, dec := newPair(t, c, 64, 48)
		for i := range 12 {
			au := encode(t, enc, codectest.Picture(64, 48, i), i%3 == 0)
			if i%2 == 1 {
				au[random.IntN(len(au))] ^= 0xff
				au = au[:1+random.IntN(len(au))]
			}
			_, _ = dec.Decode(au, 0) // refused or not
		}
		if now := openFiles(t); now != before {
			t.Errorf("%s: open files and connections were\n%s\nand are\n%s", c, before, now)
		}
	}
	opus := newOpus(t, 16000)
	for _, p := range [][]byte{{0x08}, {0x0a, 250, 0x40}, {0xff, 0xff}} {
		_, _ = opus.Decode(p, make([]float32, 1920))
	}
}

// openFiles lists what this process has open besides the poller of the Go runtime.
func openFiles(t *testing.T) string {
	if runtime.GOOS != "linux" {
		return ""
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, e := range entries {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && !strings.HasPrefix(to, "anon_inode:") && !strings.Contains(to, "/fd") {
			open = append(open, e.Name()+" "+to)
		}
	}
	return strings.Join(open, "\n")
}

// TestOnlyCodecsOfFFmpegAreUsed looks at the sources: the binding can also open addresses, devices
// and files, and pass strangers' bytes on to a log. What is used of it stands here, and it is used
// in this package alone.
func TestOnlyCodecsOfFFmpegAreUsed(t *testing.T) {
	allowed := []string{
		"AllocCodecContext", "AllocFrame", "AllocPacket", "Codec", "CodecContext", "CodecContextFlag", "ColorRange", "ColorSpace",
		"Dictionary", "Err", "FindDecoderByName", "FindEncoderByName", "Frame", "LogLevelQuiet", "NewCodecContextFlags", "NewDictionary",
		"NewRational", "Packet", "PictureType", "PixelFormat", "SetLogLevel", "ThreadType",
	}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			if !strings.Contains(spec.Path.Value, "go-astiav") {
				continue
			}
			if filepath.Dir(path) != filepath.Join(root, "media", "codec") {
				t.Errorf("%s uses FFmpeg; media/codec is the place for it", path)
			}
			for name := range selected(file, "astiav") {
				if !hasAnyPrefix(name, allowed) {
					t.Errorf("%s uses astiav.%s: is it without side effects?", path, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// selected returns the names that file uses of a package.
func selected(file *ast.File, pkg string) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == pkg {
				names[s.Sel.Name] = true
			}
		}
		return true
	})
	return names
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
