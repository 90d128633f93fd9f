// Package installed opens the installed speech models for tests.
//
// In: a test. Out: a model that is closed with the test, after everything that the test registers
// later. A missing file skips the test, or fails it where CI is set, as in package testmodels.
package installed
