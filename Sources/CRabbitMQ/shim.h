#pragma once

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* rabbitmq-c moved its headers into a folder in 0.12; Debian 12 and Ubuntu 22.04 still ship the flat layout. */
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

/* sys/eventfd.h is not part of Swift's Glibc module. */
static inline int crmq_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* amqp_login_with_properties is variadic; Swift imports no variadic C functions. */
static inline amqp_rpc_reply_t crmq_login_plain(amqp_connection_state_t state, const char *virtual_host, int channel_max,
                                                int frame_max, int heartbeat, const amqp_table_t *client_properties,
                                                const char *username, const char *password) {
  return amqp_login_with_properties(state, virtual_host, channel_max, frame_max, heartbeat, client_properties,
                                    AMQP_SASL_METHOD_PLAIN, username, password);
}

/* fcntl is variadic as well. */
static inline int crmq_set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

/* prctl is variadic, and pthread_setname_np hides behind _GNU_SOURCE. */
static inline void crmq_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/* struct timespec belongs to a private module of the Swift overlay, which MemberImportVisibility would make us import. */
static inline uint64_t crmq_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What follows are macros of OpenSSL, which Swift cannot call. */

/* The owner is the one pointer that the callbacks of a context need; librabbitmq leaves this slot alone. */
static inline void crmq_ssl_context_set_owner(void *context, void *owner) {
  SSL_CTX_set_ex_data((SSL_CTX *)context, 0, owner);
}
static inline void *crmq_ssl_owner(const SSL *ssl) { return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0); }

static inline SSL *crmq_ssl_of_store_context(X509_STORE_CTX *store) {
  return (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
}

/* A key with a passphrase must fail, not ask on the terminal of a daemon. */
static inline int crmq_no_passphrase(char *buffer, int size, int writing, void *owner) {
  (void)buffer; (void)size; (void)writing; (void)owner;
  return 0;
}

/* TLS 1.2 is the default minimum only from rabbitmq-c 0.12. The write modes let a partial write be continued from a
   buffer that has moved, which is what a growing output buffer does. */
static inline int crmq_ssl_context_harden(void *context) {
  SSL_CTX *ctx = (SSL_CTX *)context;
  SSL_CTX_set_default_passwd_cb(ctx, crmq_no_passphrase);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;
}

static inline int crmq_ssl_set_server_name(SSL *ssl, const char *name) {
  return SSL_set_tlsext_host_name(ssl, name) == 1;
}
