package ort_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func TestMain(m *testing.M) {
	if library := os.Getenv(childLibrary); library != "" {
		if err := runChild(library); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if refs := ort.References(); refs != 0 && code == 0 {
			fmt.Fprintln(os.Stderr, refs, "references to the native environment are left: something was not given back")
			code = 1
		}
		os.Exit(code)
	}))
}

// open returns the runtime of this machine, closed with the test.
func open(tb testing.TB) *ort.Runtime {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := rt.Close(); err != nil {
			tb.Error(err)
		}
	})
	return rt
}

// load makes a session from the bytes of a test graph.
func load(tb testing.TB, g graph) *ort.Session {
	tb.Helper()
	s, err := open(tb).Load(tb.Context(), ort.Source{Name: "test graph", Bytes: g.encode()}, ort.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, s)
	return s
}

// closeAfter closes what a test made and reports a failing close.
func closeAfter(tb testing.TB, c interface{ Close() error }) {
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
}

// must returns a tensor or ends the test.
func must(tb testing.TB) func(ort.Tensor, error) ort.Tensor {
	return func(t ort.Tensor, err error) ort.Tensor {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		closeAfter(tb, t)
		return t
	}
}
