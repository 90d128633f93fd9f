// Command mutate says how many random one-place changes to a package's code its own tests notice.
//
//	go run ./mutate -n 60 -seed 7 ./store ./compute          (in the folder tools; packages of the main module)
//
// In: packages of the module one folder up. Out: a line for each change on standard output, then a
// table. A change is made in a copy that `go test -overlay` puts in the place of the file, so the
// working tree is never touched and several runs do not disturb each other.
//
// The kinds of change: a comparison negated or moved by its edge, && for || and back, + for - and
// back, a number plus one, a returned error replaced by nil, a call dropped, break for continue and
// back, a guard (an if that only leaves) that never holds. Moved edges are counted on their own:
// most are harmless where the values are times or sizes.
//
// go-gremlins and go-mutesting were looked at: neither knows the returned error or the guard, and
// both copy the module for each worker, which takes longer here than the tests of a package.
package main
