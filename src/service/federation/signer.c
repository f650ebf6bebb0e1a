/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/federation/signer.h"

#include <pthread.h>

#include "base/check.h"
#include "base/mem.h"
#include "matrix/signing.h"

struct held_key {
    struct server_key public; /* first: what takers see */
    size_t takers;
};

struct signer {
    pthread_mutex_t lock;
    pthread_cond_t given_back;
    struct held_key *now;
};

static struct held_key *held_new(const struct ed25519_key *key, struct str id)
{
    struct held_key *held = MEM_NEW(struct held_key);
    held->public.key = *key;
    held->public.id = str_make(mem_copy(id.p, id.n), id.n);
    return held;
}

static void held_free(struct held_key *held)
{
    ed25519_key_wipe(&held->public.key);
    mem_free((void *)(uintptr_t)held->public.id.p);
    mem_free(held);
}

struct signer *signer_new(const struct ed25519_key *key, struct str id)
{
    struct signer *signer = MEM_NEW(struct signer);
    pthread_mutex_init(&signer->lock, NULL);
    pthread_cond_init(&signer->given_back, NULL);
    signer->now = held_new(key, id);
    return signer;
}

void signer_free(struct signer *signer)
{
    if (!signer)
        return;
    CHECK(signer->now->takers == 0);
    held_free(signer->now);
    pthread_cond_destroy(&signer->given_back);
    pthread_mutex_destroy(&signer->lock);
    mem_free(signer);
}

const struct server_key *signer_take(struct signer *signer)
{
    pthread_mutex_lock(&signer->lock);
    struct held_key *held = signer->now;
    held->takers++;
    pthread_mutex_unlock(&signer->lock);
    return &held->public;
}

void signer_give(struct signer *signer, const struct server_key *key)
{
    struct held_key *held = (struct held_key *)(uintptr_t)key;
    pthread_mutex_lock(&signer->lock);
    CHECK(held->takers > 0);
    if (--held->takers == 0)
        pthread_cond_broadcast(&signer->given_back);
    pthread_mutex_unlock(&signer->lock);
}

int signer_sign(struct signer *signer, struct arena *arena, const struct json *object,
                struct str entity, struct str *ret_json, struct err *err)
{
    const struct server_key *key = signer_take(signer);
    int status = signing_sign(arena, object, &key->key, key->id, entity, ret_json, err);
    signer_give(signer, key);
    return status;
}

void signer_change(struct signer *signer, const struct ed25519_key *key, struct str id)
{
    struct held_key *next = held_new(key, id);
    pthread_mutex_lock(&signer->lock);
    struct held_key *old = signer->now;
    signer->now = next;
    while (old->takers > 0)
        pthread_cond_wait(&signer->given_back, &signer->lock);
    pthread_mutex_unlock(&signer->lock);
    held_free(old);
}
