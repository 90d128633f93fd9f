package main

const (
	repository = "https://github.com/sensory-agent/sensory-agent"

	// buildType and builder are described in docs/release.md. A change of what the parameters
	// mean is another type, with another heading there.
	buildType = repository + "/blob/main/docs/release.md#build-type-v1"
	builder   = repository + "/blob/main/docs/release.md#builder"
)

// Statement is an in-toto statement, version 1.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     Provenance `json:"predicate"`
}

// Resource describes something by its address, its digests or both.
type Resource struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest,omitempty"`
}

// Provenance is the predicate of SLSA v1. It says nothing about when and in which run: these bytes
// are the same for everybody who builds the commit on such a machine.
type Provenance struct {
	BuildDefinition struct {
		BuildType            string            `json:"buildType"`
		ExternalParameters   map[string]string `json:"externalParameters"`
		ResolvedDependencies []Resource        `json:"resolvedDependencies"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID      string            `json:"id"`
			Version map[string]string `json:"version"`
		} `json:"builder"`
	} `json:"runDetails"`
}

// statement is about files, built from the commit, the modules of go.sum and the packages of the
// machine.
func statement(o options, files []Resource, modules string, packages []debian) Statement {
	s := Statement{Type: "https://in-toto.io/Statement/v1", PredicateType: "https://slsa.dev/provenance/v1", Subject: files}
	b := &s.Predicate.BuildDefinition
	b.BuildType = buildType
	b.ExternalParameters = map[string]string{"version": o.version}
	b.ResolvedDependencies = []Resource{
		{URI: "git+" + repository + "@refs/tags/" + o.version, Digest: map[string]string{"gitCommit": o.commit}},
		{Name: "go.sum", Digest: map[string]string{"sha256": modules}},
	}
	for _, p := range packages {
		b.ResolvedDependencies = append(b.ResolvedDependencies, Resource{Name: p.name, URI: p.address()})
	}
	s.Predicate.RunDetails.Builder.ID = builder
	s.Predicate.RunDetails.Builder.Version = map[string]string{"go": o.compiler, "system": o.system}
	return s
}
