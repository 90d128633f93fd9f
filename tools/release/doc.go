// Command release finishes what scripts/release has built, in the folder of the release. To the
// bill of materials of the Go modules (CycloneDX) it adds what that cannot know: the npm packages
// inside the page, the Debian packages that the program is linked against, and the libraries that
// it loads later. Then it writes provenance.json, an in-toto statement with a SLSA v1 predicate,
// unsigned, and SHA256SUMS of all files. The same input gives the same bytes.
//
// Formats: https://in-toto.io/Statement/v1, https://slsa.dev/provenance/v1,
// https://cyclonedx.org/docs/1.6/json, https://github.com/package-url/purl-spec. docs/release.md
// describes the build type that the provenance names.
package main
