#include "wrapper.h"

#include <dlfcn.h>

// The entry of every ONNX Runtime library.
typedef struct {
  ortapi_table (*get_api)(uint32_t version);
  const char *(*get_version)(void);
} api_base;

ortapi_table ortapi_open(const char *path, uint32_t version, void **library, const char **reason) {
  *library = dlopen(path, RTLD_LAZY);
  if (!*library) {
    *reason = dlerror();
    return NULL;
  }
  const api_base *(*entry)(void) = (const api_base *(*)(void))dlsym(*library, "OrtGetApiBase");
  ortapi_table table = entry ? entry()->get_api(version) : NULL;
  if (!table) {
    *reason = "the library has no interface of this version";
    dlclose(*library);
    *library = NULL;
  }
  return table;
}

void ortapi_close(void *library) { dlclose(library); }

const char *ortapi_preload(const char *path) { return dlopen(path, RTLD_LAZY | RTLD_GLOBAL) ? NULL : dlerror(); }

int ortapi_code(ortapi_table t, void *status) { return ((int (*)(void *))t[at_GetErrorCode])(status); }

const char *ortapi_message(ortapi_table t, void *status) { return ((const char *(*)(void *))t[at_GetErrorMessage])(status); }

void ortapi_release(ortapi_table t, int at, void *handle) { ((void (*)(void *))t[at])(handle); }

void *ortapi_memory(ortapi_table t, const char *name, int device, void **info) {
  const int plain = 0, usual = 0;  // OrtDeviceAllocator, OrtMemTypeDefault
  return ((void *(*)(const char *, int, int, int, void **))t[at_CreateMemoryInfo])(name, plain, device, usual, info);
}

void *ortapi_allocator(ortapi_table t, void *session, void *info, void **allocator) {
  return ((void *(*)(void *, void *, void **))t[at_CreateAllocator])(session, info, allocator);
}

void *ortapi_alloc(ortapi_table t, void *allocator, size_t bytes, void **data) {
  return ((void *(*)(void *, size_t, void **))t[at_AllocatorAlloc])(allocator, bytes, data);
}

void *ortapi_free(ortapi_table t, void *allocator, void *data) {
  return ((void *(*)(void *, void *))t[at_AllocatorFree])(allocator, data);
}

void *ortapi_value(ortapi_table t, void *info, uintptr_t data, size_t bytes, const int64_t *shape, size_t rank, int type, void **value) {
  return ((void *(*)(void *, void *, size_t, const int64_t *, size_t, int, void **))t[at_CreateTensorWithDataAsOrtValue])(
      info, (void *)data, bytes, shape, rank, type, value);
}

void *ortapi_data(ortapi_table t, void *value, void **data) {
  return ((void *(*)(void *, void **))t[at_GetTensorMutableData])(value, data);
}

// describe reads type and dimensions.
static void *describe(ortapi_table t, void *info, int *type, size_t *rank, int64_t *dims, size_t limit) {
  void *status = ((void *(*)(void *, int *))t[at_GetTensorElementType])(info, type);
  if (!status) status = ((void *(*)(void *, size_t *))t[at_GetDimensionsCount])(info, rank);
  if (!status && *rank <= limit) status = ((void *(*)(void *, int64_t *, size_t))t[at_GetDimensions])(info, dims, *rank);
  return status;
}

void *ortapi_shape(ortapi_table t, void *value, int *type, size_t *rank, int64_t *dims, size_t limit) {
  void *info = NULL;
  void *status = ((void *(*)(void *, void **))t[at_GetTensorTypeAndShape])(value, &info);
  if (status) return status;
  status = describe(t, info, type, rank, dims, limit);
  ortapi_release(t, at_ReleaseTensorTypeAndShapeInfo, info);
  return status;
}

void *ortapi_count(ortapi_table t, void *session, int output, size_t *count) {
  int at = output ? at_SessionGetOutputCount : at_SessionGetInputCount;
  return ((void *(*)(void *, size_t *))t[at])(session, count);
}

void *ortapi_info(ortapi_table t, void *session, int output, size_t i, char **name, int *type, size_t *rank, int64_t *dims, size_t limit) {
  void *allocator = NULL, *info = NULL, *tensor = NULL;
  void *status = ((void *(*)(void **))t[at_GetAllocatorWithDefaultOptions])(&allocator);
  if (status) return status;
  int at = output ? at_SessionGetOutputTypeInfo : at_SessionGetInputTypeInfo;
  status = ((void *(*)(void *, size_t, void **))t[at])(session, i, &info);
  if (status) return status;
  *type = 0;
  *rank = 0;
  status = ((void *(*)(void *, void **))t[at_CastTypeInfoToTensorInfo])(info, &tensor);
  if (!status && tensor) status = describe(t, tensor, type, rank, dims, limit);
  ortapi_release(t, at_ReleaseTypeInfo, info);
  if (status) return status;
  at = output ? at_SessionGetOutputName : at_SessionGetInputName;
  return ((void *(*)(void *, size_t, void *, char **))t[at])(session, i, allocator, name);
}

void ortapi_free_name(ortapi_table t, char *name) {
  void *allocator = NULL;
  void *status = ((void *(*)(void **))t[at_GetAllocatorWithDefaultOptions])(&allocator);
  if (!status) status = ortapi_free(t, allocator, name);
  if (status) ortapi_release(t, at_ReleaseStatus, status);
}

void *ortapi_run_options(ortapi_table t, void **options) { return ((void *(*)(void **))t[at_CreateRunOptions])(options); }

void *ortapi_terminate(ortapi_table t, void *options) { return ((void *(*)(void *))t[at_RunOptionsSetTerminate])(options); }

void *ortapi_run(ortapi_table t, void *session, void *options, const char *const *in_names, void *const *in, size_t in_count,
                 const char *const *out_names, size_t out_count, void **out) {
  return ((void *(*)(void *, void *, const char *const *, void *const *, size_t, const char *const *, size_t, void **))t[at_Run])(
      session, options, in_names, in, in_count, out_names, out_count, out);
}
