// Package testmodels finds installed model files for tests.
//
// In: a model id and a file name. Out: an absolute path, or a skipped test that says which command
// installs the file. Where the environment variable CI is set a missing file fails the test: what
// the project installs itself may not be skipped there.
package testmodels
