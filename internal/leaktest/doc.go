// Package leaktest looks for goroutines that tests leave behind.
package leaktest
