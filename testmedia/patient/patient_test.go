package patient_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// TestWhoIsLateJoinsAgain three times at most, and nobody who was refused.
func TestWhoIsLateJoinsAgain(t *testing.T) {
	late := fmt.Errorf("join: %w", lk.ErrMedia)
	for name, c := range map[string]struct {
		errs  []error // of one try after the other, the last of all that follow
		tries int
		want  error
	}{
		"at once":        {[]error{nil}, 1, nil},
		"late":           {[]error{late, nil}, 2, nil},
		"silent":         {[]error{lk.ErrSilent, nil}, 2, nil},
		"unreachable":    {[]error{lk.ErrUnreachable, lk.ErrMedia, nil}, 3, nil},
		"always late":    {[]error{late}, 3, lk.ErrMedia},
		"refused":        {[]error{lk.ErrUnauthorized}, 1, lk.ErrUnauthorized},
		"late, refused":  {[]error{late, lk.ErrUnauthorized}, 2, lk.ErrUnauthorized},
		"something else": {[]error{lk.ErrConfig}, 1, lk.ErrConfig},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			got, err := patient.Join(t.Context(), func(_ context.Context, errs []error) (int, error) {
				n++
				return n, errs[min(n, len(errs))-1]
			}, c.errs)
			if got != c.tries || n != c.tries || !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%d, %v after %d tries; want %v after %d", got, err, n, c.want, c.tries)
			}
		})
	}
}
