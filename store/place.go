package store

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// AddressEnv is the variable that names a store where nothing else does: an address with its
// password, or a file.
const AddressEnv = "SENSORY_AGENT_STORE"

// maxAddress bounds what a file with an address may hold, in bytes.
const maxAddress = 4096

// Locate says where a store is, by what was said of it, as Open takes it: given is a file or
// postgres://USER@HOST:PORT/DATABASE without a password, addressFile a file that holds such an
// address with its password, env what the environment says, which counts where neither is given.
// Nothing said is "". Errors: ErrPlace, which never repeats an address.
func Locate(given, addressFile, env string) (string, error) {
	switch {
	case given != "" && addressFile != "":
		return "", fmt.Errorf("%w: both an address and a file with one were given: leave one of them out", ErrPlace)
	case given != "":
		if HasPassword(given) {
			return "", fmt.Errorf("%w: an address with a password can be read by others here: put it into a file of your own, or into %s", ErrPlace, AddressEnv)
		}
		return given, nil
	case addressFile != "":
		return readAddress(addressFile)
	}
	return env, nil
}

// HasPassword tells whether a place is an address that holds a password, or that cannot be read, so
// that nobody knows.
func HasPassword(place string) bool {
	if !onServerAt(place) {
		return false
	}
	u, err := url.Parse(place)
	if err != nil {
		return true
	}
	_, inside := u.User.Password()
	return inside || u.Query().Has("password")
}

func readAddress(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%w: the file with its address: %w", ErrPlace, err)
	}
	if info.Size() > maxAddress {
		return "", fmt.Errorf("%w: %s has %d bytes; an address has at most %d", ErrPlace, path, info.Size(), maxAddress)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%w: the file with its address: %w", ErrPlace, err)
	}
	address := strings.TrimSpace(string(data))
	if !onServerAt(address) || strings.ContainsAny(address, " \t\r\n") {
		return "", fmt.Errorf("%w: %s is to hold one address: postgres://USER:PASSWORD@HOST:PORT/DATABASE", ErrPlace, path)
	}
	return address, nil
}
