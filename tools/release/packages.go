package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// debian is a package that the machine has, as dpkg-query tells it.
type debian struct {
	system, name, version, architecture, source string
}

// packagesIn reads a line for each package: name, version, architecture, source package.
func packagesIn(path, system string) ([]debian, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []debian
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) != 4 {
			return nil, fmt.Errorf("%s: %q is no name, version, architecture and source", path, strings.TrimSpace(line))
		}
		out = append(out, debian{system, words[0], words[1], words[2], words[3]})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s names no package", path)
	}
	return out, nil
}

// address is the package's URL: pkg:deb/debian/libopus0@1.3.1-3?arch=amd64&distro=debian-12.
func (d debian) address() string {
	vendor, _, _ := strings.Cut(d.system, "-")
	return fmt.Sprintf("pkg:deb/%s/%s@%s?arch=%s&distro=%s", vendor, escaped(d.name), escaped(d.version), escaped(d.architecture), escaped(d.system))
}

// escaped is a part of a package's URL: everything but letters, digits and . - _ ~ : is escaped.
func escaped(part string) string {
	return strings.NewReplacer("+", "%20", "%3A", ":").Replace(url.QueryEscape(part))
}
