package proto_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// contract is the folder of the API's contract, from here.
const contract = "../../api"

// buf runs the pinned tool in a folder.
func buf(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	pins, err := filepath.Abs("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"tool", "-modfile=" + pins, "buf"}, args...)...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestContractIsInOrder: names, comments and shapes as the linter wants them.
func TestContractIsInOrder(t *testing.T) {
	if out, err := buf(t, contract, "lint"); err != nil {
		t.Errorf("buf lint: %v\n%s", err, out)
	}
}

// TestContractBreaksNobody compares the contract with the one that was kept.
func TestContractBreaksNobody(t *testing.T) {
	if out, err := buf(t, contract, "breaking", "--against", "contract.binpb"); err != nil {
		t.Errorf("buf breaking: %v\n%s", err, out)
	}
}

// TestABreakIsSeen: a field that is taken away, and one that gets another type.
func TestABreakIsSeen(t *testing.T) {
	for was, is := range map[string]string{
		"  string handle = 2;\n": "",
		"  bool open = 3;\n":     "  string open = 3;\n",
	} {
		folder := changed(t, was, is)
		if out, err := buf(t, ".", "breaking", folder, "--against", filepath.Join(folder, "contract.binpb")); err == nil || !strings.Contains(out, "rooms.proto") {
			t.Errorf("%q became %q: %v\n%s", was, is, err, out)
		}
	}
}

// TestContractIsKept as it is: what is added and not kept could be broken later, and nobody would
// see it.
func TestContractIsKept(t *testing.T) {
	if !isKept(t, contract) {
		t.Error("contract.binpb is not the contract: run go generate ./api")
	}
}

// TestAnAdditionIsSeen: a field and a call that are not kept yet.
func TestAnAdditionIsSeen(t *testing.T) {
	for was, is := range map[string]string{
		"  string handle = 2;\n":  "  string handle = 2;\n  string topic = 9;\n",
		"service RoomService {\n": "service RoomService {\n  rpc CloseRoom(ListRoomsRequest) returns (ListRoomsResponse);\n",
	} {
		if isKept(t, changed(t, was, is)) {
			t.Errorf("%q became %q, and nobody noticed", was, is)
		}
	}
}

// isKept tells whether the contract of a folder is the one that is kept there, comments aside.
func isKept(t *testing.T, folder string) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "contract.binpb")
	if out, err := buf(t, ".", "build", folder, "--exclude-source-info", "-o", path); err != nil {
		t.Fatalf("buf build: %v\n%s", err, out)
	}
	is, errIs := os.ReadFile(path)
	kept, errKept := os.ReadFile(filepath.Join(folder, "contract.binpb"))
	if err := errors.Join(errIs, errKept); err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(is, kept)
}

// changed is a copy of the contract in which the file of rooms says something else.
func changed(t *testing.T, was, is string) string {
	t.Helper()
	folder := copied(t)
	path := filepath.Join(folder, "sensory", "v1", "rooms.proto")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), was, is, 1)
	if other == string(text) {
		t.Fatalf("%q is not in the contract", was)
	}
	if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestGeneratedCodeIsCurrent generates anew and compares.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	folder := t.TempDir()
	if out, err := buf(t, contract, "generate", "-o", folder); err != nil {
		t.Fatalf("buf generate: %v\n%s", err, out)
	}
	fresh, kept := generated(t, folder), generated(t, contract)
	for name, text := range fresh {
		if !bytes.Equal(text, kept[name]) {
			t.Errorf("%s is not current: run go generate ./api", name)
		}
		delete(kept, name)
	}
	for name := range kept {
		t.Errorf("%s is generated from nothing any more", name)
	}
	if len(fresh) < 8 {
		t.Errorf("%d files were generated", len(fresh))
	}
}

// generated are the files below a folder that the plugins write, by their paths.
func generated(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".pb.go") && !strings.HasSuffix(path, ".connect.go") {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err == nil {
			found[name], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// copied is a copy of the contract.
func copied(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(contract)); err != nil {
		t.Fatal(err)
	}
	return folder
}
