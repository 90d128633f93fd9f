package ortapi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestPositionsEqualTheHeader compares the positions in wrapper.h with the order of the header that
// the binding ships.
func TestPositionsEqualTheHeader(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yalue/onnxruntime_go").Output()
	if err != nil {
		t.Fatal(err)
	}
	header, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "onnxruntime_c_api.h"))
	if err != nil {
		t.Fatal(err)
	}
	order := members(t, string(header))
	wrapper, err := os.ReadFile("wrapper.h")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`at_(\w+) = (\d+)`).FindAllStringSubmatch(string(wrapper), -1)
	if len(found) < 25 {
		t.Fatalf("wrapper.h names %d functions", len(found))
	}
	for _, m := range found {
		at, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		if at >= len(order) || order[at] != m[1] {
			t.Errorf("wrapper.h puts %s at %d, the header has %s there", m[1], at, order[min(at, len(order)-1)])
		}
	}
}

// members lists the functions of struct OrtApi in order.
func members(t *testing.T, header string) []string {
	t.Helper()
	_, body, ok := strings.Cut(header, "struct OrtApi {")
	if !ok {
		t.Fatal("the header has no struct OrtApi")
	}
	body, _, _ = strings.Cut(body, "\n};")
	body = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`).ReplaceAllString(body, "")
	declared := regexp.MustCompile(`ORT_API2_STATUS\(\s*(\w+)|ORT_CLASS_RELEASE2?\(\s*(\w+)|\(\s*ORT_API_CALL\s*\*\s*(\w+)\s*\)|ORT_API_T\(\s*[^,]+,\s*(\w+)`)
	var list []string
	for _, m := range declared.FindAllStringSubmatch(body, -1) {
		name := m[1] + m[3] + m[4]
		if m[2] != "" {
			name = "Release" + m[2]
		}
		list = append(list, name)
	}
	return list
}
