package ortapi

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
static int ortapi_trim(void) { return malloc_trim(0); }
#else
static int ortapi_trim(void) { return 0; }
#endif
*/
import "C"

// TrimHeap has the C library give free memory back to the system, from everywhere in its heaps: by
// itself glibc keeps what was freed anywhere but at a heap's end. Others that allocate at the same
// time wait for milliseconds. With another library it does nothing.
func TrimHeap() { _ = C.ortapi_trim() }
