package models_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/internal/yamlguard"
	"github.com/sensory-agent/sensory-agent/models"
)

func builtin(t *testing.T) *models.Catalog {
	t.Helper()
	c, err := models.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBuiltinCatalog(t *testing.T) {
	c := builtin(t)
	ids, err := c.Expand("full", "runtime-cuda")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		e, err := c.Entry(id)
		if err != nil {
			t.Fatal(err)
		}
		if e.Embedded {
			continue
		}
		for _, f := range e.Files {
			if f.SHA256 == "" || f.Size == 0 {
				t.Errorf("%s/%s: digest or size missing", id, f.Path)
			}
		}
	}
	for _, e := range c.Entries {
		if e.Unverified != "" && e.ID != "runtime-cuda" {
			for _, f := range e.Files {
				if f.SHA256 != "" || f.Size != 0 {
					t.Errorf("%s/%s: nobody has seen this file, yet it has a digest or size", e.ID, f.Path)
				}
			}
		}
		if e.Convert != "" {
			if _, ok := models.Converters()[e.Convert]; !ok {
				t.Errorf("%s: no conversion step %q", e.ID, e.Convert)
			}
		}
	}
	joe, err := c.Entry("piper-en_US-joe-medium")
	if err != nil || !strings.Contains(joe.LicenceNote, "lessac") {
		t.Errorf("joe's licence note %q, %v", joe.LicenceNote, err)
	}
	var profiles []string
	for _, p := range c.Profiles {
		profiles = append(profiles, p.ID)
	}
	if !slices.Equal(profiles, []string{"standard", "standard-native", "embedded", "text", "assisted", "remote"}) {
		t.Errorf("profiles %v", profiles)
	}
	if _, err := c.Registry(); err != nil {
		t.Error(err)
	}
}

func TestExpand(t *testing.T) {
	c := builtin(t)
	ids, err := c.Expand("silero-vad", "embedded", "silero-vad")
	if err != nil || ids[0] != "silero-vad" || len(ids) != 6 {
		t.Fatalf("%v, %v", ids, err)
	}
	_, err = c.Expand("silero")
	var unknown *models.UnknownModelError
	if !errors.As(err, &unknown) || unknown.Name != "silero" || !slices.Contains(unknown.Known, "embedded (set)") {
		t.Fatalf("got %v", err)
	}
}

const good = "models:\n  - id: m\n    name: n\n    kind: model\n    capabilities: [chat]\n    licence: MIT\n    files: [{path: a.onnx}]\n"

func TestBadDocuments(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	cases := map[string]struct{ text, names string }{
		"unknown key":         {edit("name: n", "nom: n"), "nom"},
		"repeated key":        {edit("name: n", "name: n\n    name: o"), "name"},
		"not yaml":            {"models: [", "mine.yaml"},
		"wrong type":          {edit("id: m", "id: [m]"), "mine.yaml"},
		"version":             {"version: 7\n" + good, "version 7"},
		"id climbs":           {edit("id: m", "id: ../m"), "id:"},
		"id with a sign":      {edit("id: m", "id: m!"), "id:"},
		"id of a word":        {edit("id: m", "id: m é"), "id:"},
		"id between letters":  {edit("id: m", "id: 'm[n'"), "id:"},
		"long id":             {edit("id: m", "id: "+strings.Repeat("m", 101)), "id:"},
		"long path":           {edit("a.onnx", strings.Repeat("a/", 150)+"a"), "files"},
		"path of Windows":     {edit("{path: a.onnx}", "{path: 'a\\b'}"), "files"},
		"path of a drive":     {edit("{path: a.onnx}", "{path: 'c:a'}"), "files"},
		"path not clean":      {edit("a.onnx", "a//b"), "files"},
		"output climbs":       {edit("licence: MIT", "licence: MIT\n    outputs: [../x]"), "outputs"},
		"output is a file":    {edit("licence: MIT", "licence: MIT\n    outputs: [A.onnx]"), "outputs"},
		"memory of a galaxy":  {edit("licence: MIT", "licence: MIT\n    memory_mb: 1073741825"), "memory_mb"},
		"negative memory":     {edit("licence: MIT", "licence: MIT\n    memory_mb: -1"), "memory_mb"},
		"negative context":    {edit("licence: MIT", "licence: MIT\n    context: -1"), "context"},
		"hub without owner":   {edit("{path: a.onnx}", "{path: a.onnx, sources: [{huggingface: {repo: b, revision: r, path: c}}]}"), "huggingface"},
		"hub without commit":  {edit("{path: a.onnx}", "{path: a.onnx, sources: [{huggingface: {repo: a/b, path: c}}]}"), "huggingface"},
		"hub without path":    {edit("{path: a.onnx}", "{path: a.onnx, sources: [{huggingface: {repo: a/b, revision: r}}]}"), "huggingface"},
		"address of nobody":   {edit("{path: a.onnx}", "{path: a.onnx, sources: [{url: 'http:///a'}]}"), "url"},
		"any version":         {edit("{path: a.onnx}", "{path: a.onnx, sources: [{pypi: {name: p, version: '>=1', member: a}}]}"), "pypi"},
		"no version":          {edit("{path: a.onnx}", "{path: a.onnx, sources: [{npm: {name: p, member: a}}]}"), "npm"},
		"two members":         {edit("{path: a.onnx}", "{path: a.onnx, sources: [{npm: {name: p, version: 1.0.0, member: a, members: [b]}}]}"), "member"},
		"python option":       {edit("{path: a.onnx}", "{path: a.onnx, sources: [{pypi: {name: p, version: 1, member: a, python: --x}}]}"), "python"},
		"platform option":     {edit("{path: a.onnx}", "{path: a.onnx, sources: [{pypi: {name: p, version: 1, member: a, platforms: [--x]}}]}"), "platforms"},
		"long package name":   {edit("{path: a.onnx}", "{path: a.onnx, sources: [{pypi: {name: "+strings.Repeat("p", 201)+", version: 1, member: a}}]}"), "pypi"},
		"source of the model": {edit("licence: MIT", "licence: MIT\n    sources: [{url: 'gopher://h/a'}]"), "sources"},
		"hidden id":           {edit("id: m", "id: .m"), "id:"},
		"kind":                {edit("kind: model", "kind: modell"), "kind:"},
		"capability":          {edit("[chat]", "[chatt]"), "chatt"},
		"no licence":          {edit("    licence: MIT\n", ""), "licence"},
		"no files":            {edit("files: [{path: a.onnx}]", "files: []"), "files"},
		"path climbs":         {edit("a.onnx", "../a.onnx"), "../a.onnx"},
		"absolute path":       {edit("a.onnx", "/a.onnx"), "/a.onnx"},
		"hidden path":         {edit("a.onnx", "x/.a"), "x/.a"},
		"the lock file":       {edit("a.onnx", "model.lock.json"), "model.lock.json"},
		"path twice":          {edit("{path: a.onnx}", "{path: a.onnx}, {path: A.onnx}"), "twice"},
		"bad digest":          {edit("{path: a.onnx}", "{path: a.onnx, sha256: ABC}"), "sha256"},
		"negative size":       {edit("{path: a.onnx}", "{path: a.onnx, size: -1}"), "size"},
		"two kinds":           {edit("{path: a.onnx}", "{path: a.onnx, sources: [{url: 'http://h/a', file: /x}]}"), "exactly one"},
		"ftp":                 {edit("{path: a.onnx}", "{path: a.onnx, sources: [{url: 'ftp://h/a'}]}"), "url"},
		"package option":      {edit("{path: a.onnx}", "{path: a.onnx, sources: [{pypi: {name: --index-url, version: 1, member: a}}]}"), "pypi"},
		"package address":     {edit("{path: a.onnx}", "{path: a.onnx, sources: [{npm: {name: 'git+ssh://h', version: 1, member: a}}]}"), "npm"},
		"no member":           {edit("{path: a.onnx}", "{path: a.onnx, sources: [{npm: {name: p, version: 1.0.0}}]}"), "member"},
		"hub climbs":          {edit("{path: a.onnx}", "{path: a.onnx, sources: [{huggingface: {repo: a/b, revision: .., path: c}}]}"), "huggingface"},
		"anchor":              {edit("name: n", "name: &x n"), "anchors"},
		"alias":               {"sets: {a: &y [silero-vad], b: *y}\n" + good, "aliases"},
		"built-in id":         {edit("id: m", "id: silero-vad"), "catalog.yaml"},
		"set of nobody":       {good + "sets: {s: [nobody]}\n", "nobody"},
		"built-in set":        {good + "sets: {embedded: [m]}\n", "set \"embedded\" is already declared"},
		"set named as model":  {good + "sets: {m: [m]}\n", "both"},
		"profile word":        {good + "profiles: [{id: p, native: [sight], residency: any, providers: any}]\n", "sight"},
		"profile residency":   {good + "profiles: [{id: p, native: [chat], residency: moon, providers: any}]\n", "residency"},
		"profile id":          {good + "profiles: [{id: embedded, native: [chat], residency: any, providers: any}]\n", "already"},
		"variant of an ear":   {edit("kind: model", "kind: adapter\n    variant: _q4"), "variant: \"_q4\""},
		"variant of no file":  {edit("kind: model", "kind: model\n    variant: q4/../x"), "variant: \"q4"},
		"sound of an ear":     {edit("kind: model", "kind: adapter\n    sound: true"), "sound: only"},
		"profile adapter":     {good + "profiles: [{id: p, native: [chat], adapted: {audio-input: [nobody]}, residency: any, providers: any}]\n", "nobody"},
		"remote with files":   {edit("licence: MIT", "licence: MIT\n    remote: {provider: p, endpoint: 'http://h/v1', model: x}"), "files"},
		"remote address":      {edit("licence: MIT", "licence: MIT\n    remote: {provider: p, endpoint: 'h', model: x}"), "endpoint"},
		"runtime":             {edit("kind: model", "kind: runtime"), "provides"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(c.text)})
			if !errors.Is(err, models.ErrCatalog) || !strings.Contains(err.Error(), c.names) {
				t.Fatalf("error %v does not name %q", err, c.names)
			}
		})
	}
}

// TestDocumentsAtTheirBounds are what is just allowed.
func TestDocumentsAtTheirBounds(t *testing.T) {
	for name, text := range map[string]string{
		"id":      strings.Replace(good, "id: m", "id: "+strings.Repeat("m", 100), 1),
		"letters": strings.Replace(good, "id: m", "id: aZ09._-", 1),
		"path":    strings.Replace(good, "a.onnx", strings.Repeat("a", 300), 1),
		"memory":  strings.Replace(good, "licence: MIT", "licence: MIT\n    memory_mb: 1073741824", 1),
		"package": strings.Replace(good, "{path: a.onnx}", "{path: a.onnx, sources: [{npm: {name: '@a/"+strings.Repeat("p", 197)+"', version: 1.0.0-rc+1, member: a}}]}", 1),
		"version": "version: 1\n" + good,
		"nothing": "",
	} {
		if _, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(text)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDocumentsThatCostTooMuch are small to send and large to read: they are refused before
// anything is built of them.
func TestDocumentsThatCostTooMuch(t *testing.T) {
	for name, text := range map[string]string{
		"bytes":  strings.Repeat("#", 5<<20),
		"levels": "models: " + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"block":  "models:\n" + strings.Repeat("- ", 20_000) + "x\n",
		"tokens": good + "sets: {mine: [" + strings.Repeat("m,", 100_000) + "m]}\n",
	} {
		_, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(text)})
		if !errors.Is(err, models.ErrCatalog) || !errors.Is(err, yamlguard.ErrTooMuch) || !strings.Contains(err.Error(), "mine.yaml") {
			t.Errorf("%s: %v", name, err)
		}
		path := filepath.Join(t.TempDir(), "models.yaml")
		put(t, path, []byte(text))
		t.Setenv("SENSORY_AGENT_CATALOG", path)
		if _, err := models.LoadUser(); !errors.Is(err, yamlguard.ErrTooMuch) {
			t.Errorf("%s as the user's file: %v", name, err)
		}
	}
	t.Setenv("SENSORY_AGENT_CATALOG", "/dev/zero")
	if _, err := models.LoadUser(); !errors.Is(err, yamlguard.ErrTooMuch) {
		t.Errorf("a file without end: %v", err)
	}
}

func TestUserFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "models.yaml")
	t.Setenv("SENSORY_AGENT_CATALOG", path)
	if _, err := models.LoadUser(); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a file that was named but is not there: %v", err)
	}
	text := good + "sets: {mine: [m, embedded-not]}\n"
	put(t, path, []byte(text))
	if _, err := models.LoadUser(); !errors.Is(err, models.ErrCatalog) {
		t.Fatalf("got %v", err)
	}
	put(t, path, []byte(good+`  - {id: far, name: far, kind: model, capabilities: [chat, vision], context: 8192, licence: own, remote: {provider: lab, endpoint: "http://127.0.0.1:8000/v1", model: big}}
sets: {mine: [m]}
profiles:
  - {id: cloudy, native: [chat, vision], residency: any, providers: prefer-cloud}
`))
	c, err := models.LoadUser()
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Profile("cloudy")
	if err != nil || p.Providers != model.PreferCloud {
		t.Fatalf("%+v, %v", p, err)
	}
	r, err := c.Registry()
	if err != nil {
		t.Fatal(err)
	}
	s := models.New(t.TempDir(), c, models.Options{})
	defer s.Close()
	res, err := model.Resolve(p, r, model.Host{MemoryFree: 1 << 34}, s.Readiness())
	if !errors.Is(err, model.ErrNotInstalled) {
		t.Fatalf("without ears and voice here: %+v, %v", res, err)
	}
	ready := s.Readiness()
	for _, id := range []string{"runtime-cpu", "whisper-base.en", "moonshine-tiny", "silero-vad", "kokoro-82m"} {
		ready.States[id] = model.State{Stage: model.StageVerified}
	}
	res, err = model.Resolve(p, r, model.Host{MemoryFree: 1 << 34}, ready)
	if err != nil || res.Voice.ID != "kokoro-82m" || res.Base.ID != "far" || res.Silicon != model.SiliconCloud || res.Backend != models.BackendOpenAI {
		t.Fatalf("%+v, %v", res, err)
	}
	if _, err := s.Pull(t.Context(), "far"); !errors.Is(err, models.ErrRemote) {
		t.Fatalf("pull of a remote model: %v", err)
	}
	if _, err := c.Profile("nobody"); !errors.Is(err, model.ErrUnknownProfile) {
		t.Fatalf("got %v", err)
	}
}

func TestPullRefusesAnotherPlatform(t *testing.T) {
	s := store(t, strings.Replace(entry("m", "m.bin", nil, false), "    files:", "    platform: plan9/mips\n    files:", 1), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrPlatform) {
		t.Fatalf("got %v", err)
	}
}

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 29_352_200: "29.4 MB", 5_000_000_000_000_000: "5000.0 TB"} {
		if got := models.FormatBytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// FuzzLoad: no text makes the reader crash, hang, or accept a path outside a model's folder.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(good + "sets: {s: [m]}\nprofiles: [{id: p, native: [chat], adapted: {audio-input: []}, residency: any, providers: any}]\n"))
	f.Add([]byte("models:\n  - {id: a, kind: model, licence: x, remote: {provider: p, endpoint: 'http://h', model: m}}\n"))
	f.Add([]byte("a: &a [1]\nb: *a\n"))
	f.Add([]byte("models: [{id: m, files: [{path: ../../x}]}]"))
	f.Add([]byte("? [\n: }\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := models.Parse(models.Document{Name: "fuzz", Data: data})
		if err != nil {
			if !errors.Is(err, models.ErrCatalog) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		for _, e := range c.Entries {
			for _, file := range e.Files {
				if !filepath.IsLocal(filepath.Join(e.ID, filepath.FromSlash(file.Path))) || strings.Contains(file.Path, "..") && !strings.Contains(file.Path, "...") && strings.Contains("/"+file.Path+"/", "/../") {
					t.Fatalf("accepted %q/%q", e.ID, file.Path)
				}
			}
		}
	})
}
