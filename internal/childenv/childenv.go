package childenv

import (
	"slices"
	"strings"
)

// local are the variables of programs that talk to nobody: where things are, and how text is
// written.
var local = []string{ // a table
	"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_*", "LD_LIBRARY_PATH", "ESPEAK_DATA_PATH",
}

// fetcher are those that a package client needs besides: proxies, certificates, mirrors, and where
// its interpreter is.
var fetcher = []string{ // a table
	"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
	"NODE_EXTRA_CA_CERTS", "PIP_*", "NPM_CONFIG_*", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "VIRTUAL_ENV", "PYTHONPATH", "PYENV_ROOT",
	"PYENV_VERSION", "NVM_DIR",
}

// Credentials are the variables that hold secrets of the LiveKit server and of the store's
// database.
func Credentials() []string {
	return []string{"LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "LIVEKIT_TOKEN", "SENSORY_AGENT_STORE", "PGPASSWORD"}
}

// noSound keeps the sound library of a speech synthesiser from looking for a sound server, starting
// one, and leaving folders and a machine's id under HOME and TMPDIR for it: espeak-ng opens it even
// where it writes to a pipe. No server can be behind this name.
const noSound = "PULSE_SERVER=unix:/dev/null"

// Local returns what a program needs that reads its input and writes its output and talks to
// nobody, such as a speech synthesiser. set are more variables, NAME=VALUE; they win.
func Local(environ []string, set ...string) []string {
	return with(with(keep(environ, local), []string{noSound}), set)
}

// Fetcher returns what a package client needs, such as pip or npm: what Local gives, proxies,
// certificates and mirrors. A proxy's or mirror's address may hold a password of its own; it is
// that client's to use.
func Fetcher(environ []string, set ...string) []string {
	return with(keep(environ, append(slices.Clone(local), fetcher...)), set)
}

// Own returns what another command of this program gets: everything but the names of Credentials.
// The ones it needs are in set.
func Own(environ []string, set ...string) []string {
	secret := Credentials()
	out := slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(secret, name)
	})
	return with(out, set)
}

// keep lets the named variables through, whatever their case: proxies are written in both. A name
// with a star stands for all that begin so.
func keep(environ, names []string) []string {
	out := []string{}
	for _, v := range environ {
		name, _, ok := strings.Cut(v, "=")
		if ok && slices.ContainsFunc(names, func(n string) bool { return matches(n, strings.ToUpper(name)) }) {
			out = append(out, v)
		}
	}
	return out
}

func matches(pattern, name string) bool {
	prefix, many := strings.CutSuffix(pattern, "*")
	return name == pattern || many && strings.HasPrefix(name, prefix)
}

// with puts set over environ.
func with(environ, set []string) []string {
	for _, v := range set {
		name, _, _ := strings.Cut(v, "=")
		environ = slices.DeleteFunc(environ, func(old string) bool { return strings.HasPrefix(old, name+"=") })
	}
	return append(environ, set...)
}
