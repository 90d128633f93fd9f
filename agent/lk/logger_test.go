package lk_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

const aToken = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJl-_x"

func logTo(level slog.Level) (*bytes.Buffer, *slog.Logger) {
	var b bytes.Buffer
	return &b, slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: level}))
}

// TestTheSDKIsSilentAboveDebug is F9: whatever the SDK writes, a log of another level has no line
// of it.
func TestTheSDKIsSilentAboveDebug(t *testing.T) {
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelWarn, slog.LevelError, slog.LevelDebug + 1} {
		out, log := logTo(level)
		sdk := lk.Bridge(log, limits.Rate{Burst: 100, Per: 100, Every: time.Second})
		sdk.Debugw("a")
		sdk.Infow("b")
		sdk.Warnw("c", errors.New("x"))
		sdk.Errorw("received encrypted data packet but no data cryptor is configured, dropping packet", nil)
		sdk.WithValues("k", "v").WithName("n").Errorw("d", errors.New("x"))
		if out.Len() != 0 {
			t.Errorf("level %s: %s", level, out)
		}
	}
}

func TestTheSDKSpeaksAtDebug(t *testing.T) {
	out, log := logTo(slog.LevelDebug)
	sdk := lk.Bridge(log, limits.Rate{Burst: 100, Per: 100, Every: time.Second})
	sdk.Debugw("one")
	sdk.Infow("two", "who", "ada")
	sdk.Errorw("three", errors.New("cause"))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{"msg=one sdk_level=debug", "msg=two sdk_level=info who=ada", "msg=three sdk_level=error err=cause"} {
		if i >= len(lines) || !strings.Contains(lines[i], want) || !strings.Contains(lines[i], "level=DEBUG") {
			t.Errorf("line %d of %q, want %q", i, lines, want)
		}
	}
}

func TestTheSDKsLinesAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, log := logTo(slog.LevelDebug)
		sdk := lk.Bridge(log, limits.Rate{Burst: 3, Per: 3, Every: time.Second})
		named := sdk.WithValues("a", "b") // the same flow
		for range 500 {
			sdk.Errorw("flood", nil)
			named.Infow("flood")
		}
		if n := strings.Count(out.String(), "\n"); n != 3 || strings.Contains(out.String(), "suppressed") {
			t.Errorf("%d lines: %s", n, out)
		}
		out.Reset()
		time.Sleep(time.Second)
		sdk.Infow("later")
		sdk.Infow("and later")
		if !strings.Contains(out.String(), "msg=later sdk_level=info suppressed=997") || strings.Count(out.String(), "suppressed") != 1 {
			t.Errorf("got %s", out)
		}
	})
}

func TestNoSecretReachesTheLog(t *testing.T) {
	out, log := logTo(slog.LevelDebug)
	sdk := lk.Bridge(log, limits.Rate{Burst: 100, Per: 100, Every: time.Second})
	sdk.Infow("message with "+aToken, "attr", aToken, "quoted", `refresh_token:"`+aToken+`"`)
	sdk.WithValues("token", aToken).Errorw("x", errors.New("dial wss://user:hunter2@host/rtc?access_token="+aToken))
	sdk.Debugw("Using ICE servers", "servers", `urls:"turn:host" username:"u" credential:"hunter2"`)
	sdk.Debugw("big", "sdp", strings.Repeat("x", 100_000))
	text := out.String()
	for _, secret := range []string{aToken, "eyJ", "hunter2", "c2lnbmF0dXJl", "user:"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q: %s", secret, text)
		}
	}
	if strings.Count(text, "\n") != 4 || len(text) > 8<<10 {
		t.Errorf("%d bytes: %.2000s", len(text), text)
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":                       "plain text",
		"a " + aToken + " b":               "a … b",
		"Bearer abc.def":                   "Bearer …",
		"invalid token: abc, error: x":     "invalid token: …, error: x",
		"ws://u:p@host/x y":                "ws://host/x y",
		"ws://host/x?a=b&c=d rest":         "ws://host/x rest",
		`Get "http://h/v?access_token=q":`: `Get "http://h/v":`,
		`Credential: "x", next`:            `Credential: "…", next`,
		"what? nothing":                    "what? nothing",
		"mail ada@example.org":             "mail ada@example.org",
	} {
		if got := lk.Redact(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
