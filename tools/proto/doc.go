// Package proto pins what checks the API's contract and generates its code: buf and two plugins. It
// is a module of its own, since their pins and those of the LiveKit server move apart. Its test
// holds the contract.
package proto
