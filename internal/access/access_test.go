package access_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/internal/access"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// token makes one with these claims and a signature that is none.
func token(t testing.TB, claims string) string {
	t.Helper()
	if !json.Valid([]byte(claims)) {
		t.Fatal(claims)
	}
	return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".sigsigsigsig"
}

func pair() access.Access {
	return access.Access{URL: "ws://127.0.0.1:7880", Key: "devkey", Secret: strings.Repeat("s", 32), Room: "lobby", Identity: "iris", Name: "Iris"}
}

func TestKeyPair(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*access.Access)
		flag   string
		says   string
	}{
		{"whole", func(*access.Access) {}, "", ""},
		{"no server", func(a *access.Access) { a.URL = "" }, "url", "LIVEKIT_URL"},
		{"no scheme", func(a *access.Access) { a.URL = "127.0.0.1:7880" }, "url", "is no address"},
		{"a path", func(a *access.Access) { a.URL = "/srv/livekit" }, "url", "is not ws://"},
		{"another scheme", func(a *access.Access) { a.URL = "ftp://host" }, "url", "is not ws://"},
		{"another scheme with a password", func(a *access.Access) { a.URL = "ftp://ada:hunter2@host" }, "url", "is not ws://"},
		{"no host", func(a *access.Access) { a.URL = "ws://" }, "url", "names no host"},
		{"a port alone", func(a *access.Access) { a.URL = "ws://:7880" }, "url", "names no host"},
		{"port 0", func(a *access.Access) { a.URL = "ws://host:0" }, "url", "no port"},
		{"port 65536", func(a *access.Access) { a.URL = "ws://host:65536" }, "url", "no port"},
		{"last port", func(a *access.Access) { a.URL = "ws://host:65535" }, "", ""},
		{"first port", func(a *access.Access) { a.URL = "ws://host:1" }, "", ""},
		{"no number", func(a *access.Access) { a.URL = "ws://host:http" }, "url", "is no address"},
		{"password", func(a *access.Access) { a.URL = "ws://ada:hunter2@host" }, "url", "user or password"},
		{"password, broken", func(a *access.Access) { a.URL = "ws://ada:hunter2@host:x y" }, "url", "is no address"},
		{"query", func(a *access.Access) { a.URL = "ws://host?access_token=hunter2" }, "url", "query"},
		{"fragment", func(a *access.Access) { a.URL = "ws://host#hunter2" }, "url", "query"},
		{"a path behind a proxy, IPv6", func(a *access.Access) { a.URL = "wss://[::1]:443/livekit" }, "", ""},
		{"http", func(a *access.Access) { a.URL = "http://host" }, "", ""},
		{"https", func(a *access.Access) { a.URL = "https://host" }, "", ""},
		{"no room", func(a *access.Access) { a.Room = "" }, "room", "no room"},
		{"no key", func(a *access.Access) { a.Key = "" }, "api-key", "LIVEKIT_TOKEN"},
		{"no secret", func(a *access.Access) { a.Secret = "" }, "api-secret", "LIVEKIT_API_SECRET"},
		{"short secret", func(a *access.Access) { a.Secret = "hunter2" }, "api-secret", "7 characters, the server wants at least 32"},
		{"no identity", func(a *access.Access) { a.Identity = "" }, "identity", "empty"},
	} {
		a := pair()
		c.change(&a)
		err := a.Complete(now)
		var wrong *access.Error
		switch {
		case c.flag == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.flag != "" && (!errors.As(err, &wrong) || wrong.Flag != c.flag || !strings.Contains(err.Error(), c.says) || !errors.Is(err, access.ErrAccess)):
			t.Errorf("%s: %v, want --%s with %q", c.name, err, c.flag, c.says)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: a secret is shown: %v", c.name, err)
		}
	}
}

func TestTokenSaysWhoAndWhere(t *testing.T) {
	const whole = `{"exp":1772370000,"nbf":1772360000,"sub":"iris-7","name":"Iris","video":{"roomJoin":true,"room":"lobby","canPublish":true}}`
	for _, c := range []struct {
		name string
		a    access.Access
		want [3]string // room, identity, name
	}{
		{"alone", access.Access{Token: token(t, whole), Identity: "persona"}, [3]string{"lobby", "iris-7", "Iris"}},
		{"the same room", access.Access{Token: token(t, whole), Room: "lobby"}, [3]string{"lobby", "iris-7", "Iris"}},
		{"the same identity", access.Access{Token: token(t, whole), Identity: "iris-7", IdentityGiven: true, Name: "Iris", NameGiven: true}, [3]string{"lobby", "iris-7", "Iris"}},
		{"for any room", access.Access{Token: token(t, `{"sub":"i","video":{"roomJoin":true}}`), Room: "attic"}, [3]string{"attic", "i", ""}},
		{"key pair besides", access.Access{Token: token(t, whole), Key: "k", Secret: "short"}, [3]string{"lobby", "iris-7", "Iris"}},
	} {
		c.a.URL = "ws://127.0.0.1:7880"
		if err := c.a.Complete(now); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, [3]string{c.a.Room, c.a.Identity, c.a.Name}); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestTokenThatContradictsOrIsNone(t *testing.T) {
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	claims := func(rest string) string { return `{"sub":"iris","video":{"roomJoin":true,"room":"lobby"}` + rest + `}` }
	for _, c := range []struct {
		name string
		a    access.Access
		flag string
		says string
	}{
		{"another room", access.Access{Token: token(t, claims("")), Room: "attic"}, "room", `is "attic", but the token is for room "lobby"`},
		{"another identity", access.Access{Token: token(t, claims("")), Identity: "bob", IdentityGiven: true}, "identity", `is "bob", but the token is for "iris"`},
		{"another name", access.Access{Token: token(t, claims("")), Name: "Bob", NameGiven: true}, "name", `is "Bob"`},
		{"no room at all", access.Access{Token: token(t, `{"sub":"i","video":{"roomJoin":true}}`)}, "room", "no particular room"},
		{"no right to join", access.Access{Token: token(t, `{"sub":"i","video":{"room":"lobby"}}`)}, "token", "roomJoin"},
		{"no identity", access.Access{Token: token(t, `{"video":{"roomJoin":true,"room":"lobby"}}`)}, "token", "no identity"},
		{"run out", access.Access{Token: token(t, claims(fmt.Sprintf(`,"exp":%d`, at(-31*time.Second))))}, "token", "ran out at 2026-03-01T11:59:29Z; this machine's clock says 2026-03-01T12:00:00Z"},
		{"far out", access.Access{Token: token(t, claims(`,"exp":-1e300`))}, "token", "ran out at 1970"},
		{"early", access.Access{Token: token(t, claims(fmt.Sprintf(`,"nbf":%d`, at(31*time.Second))))}, "token", "valid from 2026-03-01T12:00:31Z"},
		{"very early", access.Access{Token: token(t, claims(`,"nbf":1e300`))}, "token", "valid from 9999"},
		{"no parts", access.Access{Token: "hunter2"}, "token", "three parts"},
		{"four parts", access.Access{Token: token(t, claims("")) + ".hunter2"}, "token", "three parts"},
		{"no base64", access.Access{Token: "a.hunter2!.c"}, "token", "cannot be read"},
		{"no JSON", access.Access{Token: "a.aHVudGVyMg.c"}, "token", "cannot be read"},
		{"another form", access.Access{Token: token(t, `{"sub":7}`)}, "token", "cannot be read"},
		{"too long", access.Access{Token: token(t, claims(`,"x":"`+strings.Repeat("x", 16<<10)+`"`))}, "token", "three parts"},
	} {
		c.a.URL = "ws://127.0.0.1:7880"
		err := c.a.Complete(now)
		var wrong *access.Error
		if !errors.As(err, &wrong) || wrong.Flag != c.flag || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want --%s with %q", c.name, err, c.flag, c.says)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "aHVudGVyMg") || strings.Contains(err.Error(), "sigsig")) {
			t.Errorf("%s: a secret is shown: %v", c.name, err)
		}
	}
	for name, a := range map[string]access.Access{
		"just run out": {Token: token(t, claims(fmt.Sprintf(`,"exp":%d`, at(-30*time.Second))))},
		"nearly valid": {Token: token(t, claims(fmt.Sprintf(`,"nbf":%d`, at(30*time.Second))))},
		"padded":       {Token: strings.Replace(token(t, claims(`,"x":"ab"`)), ".sig", "=.sig", 1)},
	} {
		a.URL = "ws://127.0.0.1:7880"
		if err := a.Complete(now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzComplete: no address and no token crashes the check, every refusal is typed, and what is
// accepted names room and identity.
func FuzzComplete(f *testing.F) {
	f.Add("ws://127.0.0.1:7880", token(f, `{"sub":"i","video":{"roomJoin":true}}`))
	f.Add("wss://a:b@[::1]:0/?#", "a.e30.c")
	f.Add("ws://h", token(f, `{"sub":"i","exp":1e30,"video":{"roomJoin":true,"room":"lobby"}}`))
	f.Fuzz(func(t *testing.T, url, token string) {
		a := access.Access{URL: url, Token: token, Key: "k", Secret: strings.Repeat("s", 32), Identity: "i", Room: ""}
		err := a.Complete(now)
		var wrong *access.Error
		if err != nil && !errors.As(err, &wrong) || err == nil && (a.Room == "" || a.Identity == "") {
			t.Fatalf("%q, %q: %v, %+v", url, token, err, a)
		}
	})
}

func TestSecretFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if got, err := access.SecretFile("token-file", write("good", "\n hunter2 \r\n")); got != "hunter2" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := access.SecretFile("token-file", write("most", strings.Repeat("x", 16<<10))); len(got) != 16<<10 || err != nil {
		t.Errorf("%d, %v", len(got), err)
	}
	for path, want := range map[string]string{
		write("empty", " \n"): "is empty", write("long", strings.Repeat("hunter2", 3<<10)): "longer than 16384 bytes", dir: "directory", filepath.Join(dir, "none"): "no such file",
	} {
		_, err := access.SecretFile("token-file", path)
		var wrong *access.Error
		if !errors.As(err, &wrong) || wrong.Flag != "token-file" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
