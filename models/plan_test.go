package models_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestPullOfAModelThatIsPartlyThere has files that are right, wrong and missing in every order,
// with a record and without: each is looked at, whatever came before it.
func TestPullOfAModelThatIsPartlyThere(t *testing.T) {
	const right, wrong, missing = 'r', 'w', 'm'
	for _, recorded := range []bool{true, false} {
		for _, order := range []string{"rm", "mr", "rwm", "mwr", "wrm", "rrmm", "mrmr", "mmmm", "rrrr"} {
			host := &files{data: map[string][]byte{}}
			srv := serve(t, host)
			yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources: [{url: \"" + srv.URL + "/{path}\"}]\n    files:\n"
			name := func(i int) string { return fmt.Sprintf("f%d.bin", i) }
			for i := range order {
				host.data["/"+name(i)] = bytesOf(uint64(70+i), 500)
				yaml += "      - {path: " + name(i) + ", size: 500, sha256: " + digest(host.data["/"+name(i)]) + "}\n"
			}
			s := store(t, yaml, models.Options{})
			if recorded {
				if _, err := s.Pull(t.Context(), "m"); err != nil {
					t.Fatal(err)
				}
			}
			want := models.Result{Model: "m"}
			for i, kind := range order {
				path := filepath.Join(s.Root(), "m", name(i))
				switch data := host.data["/"+name(i)]; {
				case kind == right:
					want.Kept++
					if !recorded {
						put(t, path, data)
					}
					older(t, path) // as in a folder that was copied
				case kind == wrong && i%2 == 0:
					put(t, path, data[:499])
				case kind == wrong: // as long as it should be
					put(t, path, oneBit(data))
					older(t, path)
				case recorded:
					remove(t, path)
				}
			}
			want.Fetched = len(order) - want.Kept
			want.Bytes = int64(want.Fetched) * 500
			res, err := s.Pull(t.Context(), "m")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]models.Result{want}, res); diff != "" {
				t.Errorf("%s, recorded %v: %s", order, recorded, diff)
			}
			state := s.State("m")
			checks, err := s.Verify(t.Context(), "m")
			if err != nil || len(checks) != len(order) || state != models.StateInstalled {
				t.Errorf("%s, recorded %v: %+v, %v, %q", order, recorded, checks, err, state)
			}
			for _, c := range checks {
				if c.Err != nil {
					t.Errorf("%s, recorded %v: %v", order, recorded, c.Err)
				}
			}
		}
	}
}
