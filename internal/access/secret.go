package access

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// SecretFile reads a secret from a file, as secret stores mount it: the white space around it, a
// final newline mostly, is left out. flag is named in errors, which hold the path and never what
// the file has. Errors: *Error.
func SecretFile(flag, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", &Error{flag, err.Error()}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", &Error{flag, err.Error()}
	}
	if len(data) > maxToken {
		return "", &Error{flag, fmt.Sprintf("%s is longer than %d bytes", path, maxToken)}
	}
	secret := strings.TrimSpace(string(data))
	if secret == "" {
		return "", &Error{flag, path + " is empty"}
	}
	return secret, nil
}
