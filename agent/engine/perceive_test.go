package engine_test

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/vision/naming"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

// paced see after so long, unless it is over before.
type paced struct {
	sees
	after time.Duration
}

func (p paced) wait(ctx context.Context) error {
	late := time.NewTimer(p.after)
	defer late.Stop()
	select {
	case <-late.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p paced) Read(ctx context.Context, picture *image.RGBA) ([]reading.Line, error) {
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	return p.sees.Read(ctx, picture)
}

func (p paced) Name(ctx context.Context, picture *image.RGBA) (naming.Name, bool, error) {
	if err := p.wait(ctx); err != nil {
		return naming.Name{}, false, err
	}
	return p.sees.Name(ctx, picture)
}

// TestASlowAdapterHidesNoOther: what the quick ones see is handed out once it takes too long to
// wait for the slow one, which is named as missing then, and in what comes in the end only where it
// took longer than any may. Where all are quick nothing is handed out before.
func TestASlowAdapterHidesNoOther(t *testing.T) {
	const colour, thing, text = "\nColour: blue (", "\nThe picture shows: coffee mug (100 %).", `Text: "BAKERY" (100 %).`
	const unread, unnamed = "\nNot known: text in it, since ", "\nNot known: what things it shows, since "
	const soon = 200*time.Millisecond + engine.EarlyAfter // of eyes that took 200 ms at load
	never := time.Hour
	for name, c := range map[string]struct {
		reads, names time.Duration
		early        time.Duration // 0 for never
		told         []string      // early, the rest of them is not
		whole        time.Duration
		missing      string // in the end
	}{
		"all are quick":           {soon - 1, 100 * time.Millisecond, 0, nil, soon - 1, ""},
		"reading is slow":         {4 * time.Second, 100 * time.Millisecond, soon, []string{colour, thing, unread + "a program is not ready yet."}, 4 * time.Second, ""},
		"reading never ends":      {never, 100 * time.Millisecond, soon, []string{colour, thing, unread + "a program is not ready yet."}, 5 * time.Second, unread + "that took too long."},
		"naming is slow":          {100 * time.Millisecond, 2 * time.Second, soon, []string{colour, text, unnamed + "a program is not ready yet."}, 2 * time.Second, ""},
		"all but colour are slow": {3 * time.Second, never, soon, []string{colour, unread + "a program is not ready yet.", unnamed + "a program is not ready yet."}, 5 * time.Second, unnamed + "that took too long."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				picture := image.NewRGBA(image.Rect(0, 0, 96, 72))
				draw.Draw(picture, picture.Rect, image.NewUniform(color.RGBA{30, 60, 220, 255}), image.Point{}, draw.Src)
				begin, times := time.Now(), 0
				whole, err := engine.PerceiveSoon(t.Context(), paced{after: c.reads}, paced{after: c.names}, 200*time.Millisecond, picture, func(early string) {
					if times++; times > 1 || time.Since(begin) != c.early {
						t.Errorf("told the %d. time, after %v, want %v", times, time.Since(begin), c.early)
					}
					for _, part := range []string{colour, thing, text, unread, unnamed} {
						want := strings.Contains(strings.Join(c.told, ""), part)
						if strings.Contains(early, part) != want {
							t.Errorf("early: that %q is told is %v: %q", part, !want, early)
						}
					}
					for _, part := range c.told {
						if !strings.Contains(early, part) {
							t.Errorf("early: %q is not in %q", part, early)
						}
					}
				})
				if err != nil || time.Since(begin) != c.whole || (times > 0) != (c.early > 0) {
					t.Errorf("whole after %v, told %d times before, %v", time.Since(begin), times, err)
				}
				if strings.Contains(whole, "not ready yet") || !strings.Contains(whole, colour) || strings.Count(whole, "Not known") != min(len(c.missing), 1) ||
					!strings.Contains(whole, c.missing) {
					t.Errorf("in the end it is told %q", whole)
				}
			})
		})
	}
}

// stubborn reads on whatever becomes of its context.
type stubborn struct{ paced }

func (s stubborn) Read(_ context.Context, picture *image.RGBA) ([]reading.Line, error) {
	return s.paced.Read(context.Background(), picture)
}

// TestNobodyIsToldEarlyOnceItIsOver: nothing is handed out when nobody wants the picture any more,
// and an adapter that goes on all the same is waited for.
func TestNobodyIsToldEarlyOnceItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over, end := context.WithTimeout(t.Context(), engine.EarlyAfter/2)
		defer end()
		begin := time.Now()
		picture := image.NewRGBA(image.Rect(0, 0, 96, 72))
		_, err := engine.PerceiveSoon(over, stubborn{paced{after: 3 * engine.EarlyAfter}}, paced{after: time.Hour}, 0, picture, func(told string) {
			t.Errorf("told %q", told)
		})
		if err == nil || time.Since(begin) != 3*engine.EarlyAfter {
			t.Errorf("ended after %v, %v", time.Since(begin), err)
		}
	})
}
