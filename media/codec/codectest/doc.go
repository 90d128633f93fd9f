// Package codectest makes sound and pictures for tests of codecs and of what carries their packets,
// and compares what comes out.
package codectest
