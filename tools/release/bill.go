package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
)

// complete adds components to a bill of materials that cyclonedx-gomod wrote, as things that the
// program depends on, and dates it: what it says was true when the commit was made.
func complete(path string, at time.Time, added []cyclonedx.Component) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var bill cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(text), cyclonedx.BOMFileFormatJSON).Decode(&bill); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := merge(&bill, at, added); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var out bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&out, cyclonedx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).Encode(&bill); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// merge changes the bill. What the added components depend on in turn is not known.
func merge(bill *cyclonedx.BOM, at time.Time, added []cyclonedx.Component) error {
	if bill.Metadata == nil || bill.Metadata.Component == nil || bill.Components == nil || bill.Dependencies == nil {
		return errors.New("it is about no program, or has no components or dependencies")
	}
	program := bill.Metadata.Component.BOMRef
	root := slices.IndexFunc(*bill.Dependencies, func(d cyclonedx.Dependency) bool { return d.Ref == program })
	if root < 0 || (*bill.Dependencies)[root].Dependencies == nil {
		return fmt.Errorf("it does not say what %s depends on", program)
	}
	seen := map[string]bool{program: true}
	for _, c := range *bill.Components {
		seen[c.BOMRef] = true
	}
	slices.SortFunc(added, func(a, b cyclonedx.Component) int { return cmp.Compare(a.BOMRef, b.BOMRef) })
	needed := (*bill.Dependencies)[root].Dependencies
	var names []cyclonedx.BOMReference
	for _, c := range added {
		if seen[c.BOMRef] {
			return fmt.Errorf("%s is there twice", c.BOMRef)
		}
		seen[c.BOMRef] = true
		*bill.Components = append(*bill.Components, c)
		*needed = append(*needed, c.BOMRef)
		*bill.Dependencies = append(*bill.Dependencies, cyclonedx.Dependency{Ref: c.BOMRef})
		names = append(names, cyclonedx.BOMReference(c.BOMRef))
	}
	partly(bill, program)
	*bill.Compositions = append(*bill.Compositions, cyclonedx.Composition{
		Aggregate: cyclonedx.CompositionAggregateUnknown, Dependencies: &names,
	})
	anyBuild(bill.Metadata.Tools)
	bill.Metadata.Timestamp = at.UTC().Format(time.RFC3339)
	return nil
}

// partly takes back that the list of the program's dependencies is complete, which cyclonedx-gomod
// says of the modules: what it starts as a process of its own and a graphics driver are not there.
func partly(bill *cyclonedx.BOM, program string) {
	if bill.Compositions == nil {
		bill.Compositions = &[]cyclonedx.Composition{}
	}
	for i, c := range *bill.Compositions {
		if c.Dependencies != nil && slices.Contains(*c.Dependencies, cyclonedx.BOMReference(program)) {
			(*bill.Compositions)[i].Aggregate = cyclonedx.CompositionAggregateIncomplete
		}
	}
}

// anyBuild takes back the digests of the tools' own files: they were built a moment ago, with
// whatever flags the environment had, and the same bill has to come of it.
func anyBuild(tools *cyclonedx.ToolsChoice) {
	if tools == nil || tools.Tools == nil {
		return
	}
	for i := range *tools.Tools {
		(*tools.Tools)[i].Hashes = nil
	}
}

// component has its package's URL as its name within the bill.
func component(address, name, version string) cyclonedx.Component {
	return cyclonedx.Component{
		BOMRef: address, PackageURL: address, Type: cyclonedx.ComponentTypeLibrary,
		Name: name, Version: version, Scope: cyclonedx.ScopeRequired,
	}
}

// linked are the libraries that the program cannot start without.
func linked(packages []debian) []cyclonedx.Component {
	var out []cyclonedx.Component
	for _, p := range packages {
		c := component(p.address(), p.name, p.version)
		c.Description = "linked when the program starts, of the source package " + p.source + "; not in the archive"
		out = append(out, c)
	}
	return out
}
