package fence_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/fence"
)

func thrower(v any) error { panic(v) }

func TestAPanicIsAnErrorWithItsStack(t *testing.T) {
	err := fence.Do(func() error { return thrower("torn") })
	var p *fence.PanicError
	if !errors.As(err, &p) || p.Value != "torn" || err.Error() != "panic: torn" {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(string(p.Stack), "thrower") {
		t.Errorf("the stack does not name who panicked:\n%s", p.Stack)
	}
}

func TestErrorsPassUnchanged(t *testing.T) {
	want := errors.New("plain")
	if err := fence.Do(func() error { return want }); err != want { //nolint:errorlint // the very same
		t.Errorf("got %v", err)
	}
	if err := fence.Do(func() error { return nil }); err != nil {
		t.Errorf("got %v", err)
	}
}

// recovered fails with what v says, or panics where it is set.
func recovered(v any) (err error) {
	defer fence.Recover(&err)
	if v != nil {
		panic(v)
	}
	return nil
}

func TestRecoverAllocatesNothingWithoutAPanic(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		if err := recovered(nil); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	var p *fence.PanicError
	if err := recovered(7); !errors.As(err, &p) || p.Value != 7 {
		t.Errorf("got %v", err)
	}
}
