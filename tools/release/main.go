package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// options are what the command is told. All have to be given.
type options struct {
	folder    string // of the release's files
	version   string // v1.2.3, which is the tag, too
	commit    string // it was built from
	at        string // when the commit was made, RFC 3339
	compiler  string // the version of Go
	system    string // such as debian-12
	bill      string // name in folder: what cyclonedx-gomod made
	page      string // package-lock.json of the page
	catalog   string // of models
	modules   string // go.sum
	libraries string // packages of the libraries that the program is linked against
	packages  string // packages of the machine that builds
}

func (o *options) read(args []string, help io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(help)
	for name, to := range map[string]struct {
		value *string
		usage string
	}{
		"dist":      {&o.folder, "folder of the release's files"},
		"version":   {&o.version, "its version, which is its tag, too"},
		"commit":    {&o.commit, "the commit that it was built from"},
		"time":      {&o.at, "when that commit was made: 2006-01-02T15:04:05Z"},
		"go":        {&o.compiler, "the version of Go"},
		"system":    {&o.system, "the system that its libraries are of: debian-12"},
		"bill":      {&o.bill, "name of the bill of materials in that folder"},
		"page":      {&o.page, "package-lock.json of the page"},
		"catalog":   {&o.catalog, "catalog of models"},
		"sum":       {&o.modules, "go.sum"},
		"libraries": {&o.libraries, "file with the packages that the program is linked against, a line each: name version architecture source"},
		"packages":  {&o.packages, "file with the packages that it was built with, likewise"},
	} {
		flags.StringVar(to.value, name, "", to.usage)
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	var missing error
	flags.VisitAll(func(f *flag.Flag) {
		if f.Value.String() == "" {
			missing = errors.Join(missing, fmt.Errorf("-%s is missing", f.Name))
		}
	})
	return missing
}

// run completes the bill of materials first: it is among the files that the other two are about.
func run(args []string, help io.Writer) error {
	var o options
	if err := o.read(args, help); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, o.at)
	if err != nil {
		return err
	}
	libraries, err := packagesIn(o.libraries, o.system)
	if err != nil {
		return err
	}
	tools, err := packagesIn(o.packages, o.system)
	if err != nil {
		return err
	}
	modules, err := digest(o.modules)
	if err != nil {
		return err
	}
	inside, err := pageComponents(o.page)
	if err != nil {
		return err
	}
	later, err := loadedLater(o.catalog)
	if err != nil {
		return err
	}
	added := append(append(inside, linked(libraries)...), later...)
	if err := complete(filepath.Join(o.folder, o.bill), at, added); err != nil {
		return err
	}
	files, err := subjects(o.folder)
	if err != nil {
		return err
	}
	return write(o.folder, statement(o, files, modules, tools))
}
