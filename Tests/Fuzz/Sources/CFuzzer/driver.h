#include <stddef.h>
#include <stdint.h>

/* The entry of libFuzzer when it does not bring main (llvm.org/docs/LibFuzzer.html). */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
