#ifndef WEBINAR_COPENSSL_SHIM_H
#define WEBINAR_COPENSSL_SHIM_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// OpenSSL's macros with arguments or casts, which Swift does not import. No logic here: each wrapper is the macro of its name.

static const uint64_t webinar_SSL_OP_NO_COMPRESSION = SSL_OP_NO_COMPRESSION;
static const uint64_t webinar_SSL_OP_NO_RENEGOTIATION = SSL_OP_NO_RENEGOTIATION;

static inline int webinar_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int webinar_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, (char *)list);
}

static inline int webinar_SSL_CTX_set1_sigalgs_list(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_sigalgs_list(context, list);
}

static inline void webinar_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_mode(context, mode);
}

static inline void webinar_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int webinar_SSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int webinar_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline void webinar_BIO_set_mem_eof_return(BIO *bio, int value) {
    BIO_set_mem_eof_return(bio, value);
}

// The names of parameters must outlive them, so they are C's literals.

static inline OSSL_PARAM webinar_OSSL_MAC_PARAM_KEY(void *key, size_t count) {
    return OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key, count);
}

static inline OSSL_PARAM webinar_OSSL_MAC_PARAM_DIGEST_SHA256(void) {
    return OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
}

static inline EVP_PKEY *webinar_EVP_EC_gen(const char *curve) {
    return EVP_EC_gen(curve);
}

// Deprecated in favour of EVP, which loads OpenSSL's configuration and the names of all its algorithms first: that takes
// longer than the save whose hash is asked for (docs/decisions/0011).
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

static inline int webinar_SHA256_Init(SHA256_CTX *context) { return SHA256_Init(context); }

static inline int webinar_SHA256_Update(SHA256_CTX *context, const void *bytes, size_t count) {
    return SHA256_Update(context, bytes, count);
}

static inline int webinar_SHA256_Final(unsigned char *digest, SHA256_CTX *context) {
    return SHA256_Final(digest, context);
}

#pragma clang diagnostic pop

#endif
