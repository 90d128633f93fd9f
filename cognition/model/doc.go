// Package model decides which model may be a persona on a host.
//
// In: a profile (what must be possible), a registry (what exists), host facts (what the machine
// has) and readiness (what is installed, loaded and probed). Out: a resolution that says where
// every capability comes from, or one typed error that says everything that is in the way. Resolve
// is pure: the same input gives the same output, whatever the order of the registry.
//
// There is no fallback: no silent change to another silicon, to a cloud, to text only. Wanting less
// is a different profile.
//
// The package reads no file, probes no device and loads no model; package models turns YAML into
// these structs and the agent supplies host facts and readiness. It imports the standard library
// only.
package model
