// Positions in the function table OrtApi, in the order of the published header.
#ifndef ORTAPI_WRAPPER_H
#define ORTAPI_WRAPPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  at_GetErrorCode = 1,
  at_GetErrorMessage = 2,
  at_Run = 9,
  at_SessionGetInputCount = 30,
  at_SessionGetOutputCount = 31,
  at_SessionGetInputTypeInfo = 33,
  at_SessionGetOutputTypeInfo = 34,
  at_SessionGetInputName = 36,
  at_SessionGetOutputName = 37,
  at_CreateRunOptions = 39,
  at_RunOptionsSetTerminate = 46,
  at_CreateTensorWithDataAsOrtValue = 49,
  at_GetTensorMutableData = 51,
  at_CastTypeInfoToTensorInfo = 55,
  at_GetTensorElementType = 60,
  at_GetDimensionsCount = 61,
  at_GetDimensions = 62,
  at_GetTensorTypeAndShape = 65,
  at_CreateMemoryInfo = 68,
  at_AllocatorAlloc = 75,
  at_AllocatorFree = 76,
  at_GetAllocatorWithDefaultOptions = 78,
  at_ReleaseStatus = 93,
  at_ReleaseMemoryInfo = 94,
  at_ReleaseValue = 96,
  at_ReleaseRunOptions = 97,
  at_ReleaseTypeInfo = 98,
  at_ReleaseTensorTypeAndShapeInfo = 99,
  at_CreateAllocator = 131,
  at_ReleaseAllocator = 132,
};

// A function table; every function that can fail returns a status, NULL for success.
typedef void *const *ortapi_table;

// ortapi_open loads the library (again) and returns its table of the given version, or NULL and a reason. The library stays loaded until
// ortapi_close.
ortapi_table ortapi_open(const char *path, uint32_t version, void **library, const char **reason);
void ortapi_close(void *library);

// ortapi_preload loads a library that others will look for by its name, and returns NULL or the reason why not.
const char *ortapi_preload(const char *path);

int ortapi_code(ortapi_table t, void *status);
const char *ortapi_message(ortapi_table t, void *status);

// ortapi_release calls one of the release functions.
void ortapi_release(ortapi_table t, int at, void *handle);

void *ortapi_memory(ortapi_table t, const char *name, int device, void **info);
void *ortapi_allocator(ortapi_table t, void *session, void *info, void **allocator);
void *ortapi_alloc(ortapi_table t, void *allocator, size_t bytes, void **data);
void *ortapi_free(ortapi_table t, void *allocator, void *data);

void *ortapi_value(ortapi_table t, void *info, uintptr_t data, size_t bytes, const int64_t *shape, size_t rank, int type, void **value);
void *ortapi_data(ortapi_table t, void *value, void **data);

// ortapi_shape describes a value: type, rank and up to limit dimensions.
void *ortapi_shape(ortapi_table t, void *value, int *type, size_t *rank, int64_t *dims, size_t limit);

void *ortapi_count(ortapi_table t, void *session, int output, size_t *count);
// ortapi_info describes an input or output. The name is to be freed with ortapi_free_name.
void *ortapi_info(ortapi_table t, void *session, int output, size_t i, char **name, int *type, size_t *rank, int64_t *dims, size_t limit);
void ortapi_free_name(ortapi_table t, char *name);

void *ortapi_run_options(ortapi_table t, void **options);
void *ortapi_terminate(ortapi_table t, void *options);
void *ortapi_run(ortapi_table t, void *session, void *options, const char *const *in_names, void *const *in, size_t in_count,
                 const char *const *out_names, size_t out_count, void **out);

#endif
