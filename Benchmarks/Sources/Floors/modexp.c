#include "floors.h"

#include <openssl/bn.h>

int modular_exponentiations(int group, int bits, long count) {
    BIGNUM *prime = group == 14 ? BN_get_rfc3526_prime_2048(NULL) : BN_get_rfc2409_prime_1024(NULL);
    BN_CTX *context = BN_CTX_new();
    BN_MONT_CTX *montgomery = BN_MONT_CTX_new();
    BIGNUM *base = BN_new(), *exponent = BN_new(), *result = BN_new();

    if (prime == NULL || context == NULL || montgomery == NULL || base == NULL || exponent == NULL || result == NULL)
        return 1;
    if (!BN_MONT_CTX_set(montgomery, prime, context) || !BN_rand_range(base, prime)) return 1;
    for (; count > 0; count--) {
        if (!BN_rand(exponent, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY)) return 1;
        if (!BN_mod_exp_mont(result, base, exponent, prime, context, montgomery)) return 1;
        BN_swap(base, result);
    }
    return 0;
}
