// Package arrows holds the test that imports point down only.
package arrows
