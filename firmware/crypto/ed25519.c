/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 verification: arithmetic modulo 2^255 - 19 in words of 32 bits, points in extended coordinates. */
#include "ed25519.h"

#include <string.h>

#include "sha512.h"

/* A number below 2^256, least significant word first; equal modulo p means equal. */
struct fe {
	uint32_t word[8];
};

struct point {
	struct fe x, y, z, t; /* x/z, y/z; t = xy/z */
};

static const struct fe curve_d = {
	{0x135978a3, 0x75eb4dca, 0x4141d8ab, 0x00700a4d, 0x7779e898, 0x8cc74079, 0x2b6ffe73, 0x52036cee}};
static const struct fe curve_2d = {
	{0x26b2f159, 0xebd69b94, 0x8283b156, 0x00e0149a, 0xeef3d130, 0x198e80f2, 0x56dffce7, 0x2406d9dc}};
static const struct fe root_of_minus_one = {
	{0x4a0ea0b0, 0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7, 0x2b4d0099, 0x4fc1df0b, 0x2b832480}};
static const struct point generator = {
	.x = {{0x8f25d51a, 0xc9562d60, 0x9525a7b2, 0x692cc760, 0xfdd6dc5c, 0xc0a4e231, 0xcd6e53fe, 0x216936d3}},
	.y = {{0x66666658, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666}},
	.z = {{1}},
	.t = {{0xa5b7dda3, 0x6dde8ab3, 0x775152f5, 0x20f09f80, 0x64abe37d, 0x66ea4e8e, 0xd78b7665, 0x67875f0f}},
};
static const uint32_t group_order[8] = {0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de,
					0x00000000, 0x00000000, 0x00000000, 0x10000000};

static const struct fe one = {{1}};

/* Adds what is left above 2^256, which is 38 modulo p for each. */
static void fold(struct fe *value, uint32_t above)
{
	while (above) {
		uint64_t carry = (uint64_t)above * 38U;

		for (unsigned i = 0; i < 8; i++) {
			carry += value->word[i];
			value->word[i] = (uint32_t)carry;
			carry >>= 32;
		}
		above = (uint32_t)carry;
	}
}

static void fe_add(struct fe *ret, const struct fe *a, const struct fe *b)
{
	uint64_t carry = 0;

	for (unsigned i = 0; i < 8; i++) {
		carry += (uint64_t)a->word[i] + b->word[i];
		ret->word[i] = (uint32_t)carry;
		carry >>= 32;
	}
	fold(ret, (uint32_t)carry);
}

static void fe_subtract(struct fe *ret, const struct fe *a, const struct fe *b)
{
	static const struct fe thirty_eight = {{38}};
	const struct fe *from = a, *what = b;
	uint32_t borrow;

	do {
		uint64_t difference = 0;

		for (unsigned i = 0; i < 8; i++) {
			difference = (uint64_t)from->word[i] - what->word[i] - (uint32_t)(difference >> 63);
			ret->word[i] = (uint32_t)difference;
		}
		borrow = (uint32_t)(difference >> 63);
		from = ret;
		what = &thirty_eight;
	} while (borrow);
}

/* The product of two words. ARMv6-M multiplies 32 bits by 32 bits only to 32 bits, and its library is slow at more. */
static inline uint64_t multiply_words(uint32_t a, uint32_t b)
{
#if defined(__ARM_ARCH_6M__) || defined(ED25519_HALF_WORDS)
	uint32_t a_low = a & 0xFFFFU, a_high = a >> 16, b_low = b & 0xFFFFU, b_high = b >> 16;
	uint32_t low = a_low * b_low, high = a_high * b_high, one_way = a_low * b_high, other_way = a_high * b_low;
	uint32_t middle = (low >> 16) + (one_way & 0xFFFFU) + (other_way & 0xFFFFU);

	high += (one_way >> 16) + (other_way >> 16) + (middle >> 16);
	return (uint64_t)high << 32 | middle << 16 | (low & 0xFFFFU);
#else
	return (uint64_t)a * b;
#endif
}

static void fe_multiply(struct fe *ret, const struct fe *a, const struct fe *b)
{
	uint32_t product[16] = {0};
	uint64_t carry = 0;

	for (unsigned i = 0; i < 8; i++) {
		carry = 0;
		for (unsigned j = 0; j < 8; j++) {
			carry += multiply_words(a->word[i], b->word[j]) + product[i + j];
			product[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		product[i + 8] = (uint32_t)carry;
	}
	carry = 0;
	for (unsigned i = 0; i < 8; i++) {
		carry += multiply_words(product[i + 8], 38U) + product[i];
		ret->word[i] = (uint32_t)carry;
		carry >>= 32;
	}
	fold(ret, (uint32_t)carry);
}

static void fe_square_often(struct fe *value, unsigned times)
{
	while (times-- > 0)
		fe_multiply(value, value, value);
}

/* a to the power of 2^bits - 1, by halving the bits again and again. */
static void fe_power_ones(struct fe *ret, const struct fe *a, unsigned bits)
{
	struct fe half, shifted;

	if (bits == 1) {
		*ret = *a;
		return;
	}
	fe_power_ones(&half, a, bits / 2);
	shifted = half;
	fe_square_often(&shifted, bits / 2);
	fe_multiply(ret, &shifted, &half);
	if (bits % 2) {
		fe_square_often(ret, 1);
		fe_multiply(ret, ret, a);
	}
}

/* a to the power of a number whose bits are ones, and then the few given. */
static void fe_power(struct fe *ret, const struct fe *a, unsigned ones, unsigned bits, uint32_t last)
{
	struct fe base = *a, result;

	fe_power_ones(&result, &base, ones);
	while (bits-- > 0) {
		fe_square_often(&result, 1);
		if (last >> bits & 1U)
			fe_multiply(&result, &result, &base);
	}
	*ret = result;
}

/* Takes 2^255 away and adds what it is modulo p, 19, so many times; then more. */
static void fe_wrap(struct fe *ret, const struct fe *value, uint32_t more)
{
	uint64_t carry = (uint64_t)(value->word[7] >> 31) * 19U + more;

	*ret = *value;
	ret->word[7] &= 0x7FFFFFFFU;
	for (unsigned i = 0; i < 8; i++) {
		carry += ret->word[i];
		ret->word[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/* The one representative below p: a number is at least p when 19 more reach 2^255. */
static void fe_reduce(struct fe *value)
{
	struct fe more;

	fe_wrap(value, value, 0);
	fe_wrap(value, value, 0); /* the first may have reached 2^255 again */
	fe_wrap(&more, value, 19);
	if (more.word[7] >> 31) {
		more.word[7] &= 0x7FFFFFFFU;
		*value = more;
	}
}

static bool fe_equal(const struct fe *a, const struct fe *b)
{
	struct fe left = *a, right = *b;

	fe_reduce(&left);
	fe_reduce(&right);
	return memcmp(&left, &right, sizeof(left)) == 0;
}

static void words_read(uint32_t words[], unsigned count, const uint8_t *bytes)
{
	for (unsigned i = 0; i < count; i++)
		words[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
			   (uint32_t)bytes[4 * i + 3] << 24;
}

/* a may be ret. */
static void point_add(struct point *ret, const struct point *a, const struct point *b)
{
	struct fe e, f, g, h, left;

	fe_subtract(&e, &a->y, &a->x);
	fe_subtract(&left, &b->y, &b->x);
	fe_multiply(&e, &e, &left);
	fe_add(&h, &a->y, &a->x);
	fe_add(&left, &b->y, &b->x);
	fe_multiply(&h, &h, &left);
	fe_multiply(&f, &a->t, &b->t);
	fe_multiply(&f, &f, &curve_2d);
	fe_multiply(&g, &a->z, &b->z);
	fe_add(&g, &g, &g);

	left = e;
	fe_subtract(&e, &h, &left);
	fe_add(&h, &h, &left);
	left = f;
	fe_subtract(&f, &g, &left);
	fe_add(&g, &g, &left);

	fe_multiply(&ret->x, &e, &f);
	fe_multiply(&ret->y, &g, &h);
	fe_multiply(&ret->t, &e, &h);
	fe_multiply(&ret->z, &f, &g);
}

/* Finds x for the y and the sign that a key consists of; false when there is none, or y is not below p. */
static bool point_read(struct point *ret, const uint8_t bytes[ED25519_KEY_BYTES])
{
	static const struct fe zero = {{0}};
	uint32_t sign = bytes[31] >> 7;
	struct fe u, v, v3, x, check;

	words_read(ret->y.word, 8, bytes);
	ret->y.word[7] &= 0x7FFFFFFFU;
	check = ret->y;
	fe_reduce(&check);
	if (memcmp(&check, &ret->y, sizeof(check)) != 0)
		return false;

	fe_multiply(&u, &ret->y, &ret->y);
	fe_multiply(&v, &u, &curve_d);
	fe_subtract(&u, &u, &one);
	fe_add(&v, &v, &one);
	fe_multiply(&v3, &v, &v);
	fe_multiply(&v3, &v3, &v);
	fe_multiply(&x, &v3, &v3);
	fe_multiply(&x, &x, &v);
	fe_multiply(&x, &x, &u);
	fe_power(&x, &x, 250, 2, 1); /* (p - 5) / 8 = 2^252 - 3 */
	fe_multiply(&x, &x, &v3);
	fe_multiply(&x, &x, &u);

	fe_multiply(&check, &x, &x);
	fe_multiply(&check, &check, &v);
	if (!fe_equal(&check, &u)) {
		fe_multiply(&x, &x, &root_of_minus_one);
		fe_add(&check, &check, &u);
		if (!fe_equal(&check, &zero))
			return false;
	}
	fe_reduce(&x);
	if (fe_equal(&x, &zero) && sign)
		return false;
	if ((x.word[0] & 1U) != sign)
		fe_subtract(&x, &zero, &x);
	ret->x = x;
	ret->z = one;
	fe_multiply(&ret->t, &x, &ret->y);
	return true;
}

static void point_write(const struct point *point, uint8_t ret_bytes[32])
{
	struct fe inverse, x, y;

	fe_power(&inverse, &point->z, 250, 5, 0x0B); /* p - 2 = 2^255 - 21 */
	fe_multiply(&x, &point->x, &inverse);
	fe_multiply(&y, &point->y, &inverse);
	fe_reduce(&x);
	fe_reduce(&y);
	y.word[7] |= x.word[0] << 31;
	for (unsigned i = 0; i < 32; i++)
		ret_bytes[i] = (uint8_t)(y.word[i / 4] >> 8 * (i % 4));
}

static bool below_order(const uint32_t words[8])
{
	for (unsigned i = 8; i-- > 0;) {
		if (words[i] != group_order[i])
			return words[i] < group_order[i];
	}
	return false;
}

/* A number of 512 bits modulo the group's order, bit by bit. */
static void reduce_hash(const uint8_t hash[SHA512_BYTES], uint32_t ret[8])
{
	memset(ret, 0, 8 * sizeof(ret[0]));
	for (unsigned bit = 512; bit-- > 0;) {
		uint32_t in = (uint32_t)hash[bit / 8] >> bit % 8 & 1U;

		for (unsigned i = 0; i < 8; i++) {
			uint32_t out = ret[i] >> 31;

			ret[i] = ret[i] << 1 | in;
			in = out;
		}
		if (below_order(ret))
			continue;
		uint64_t difference = 0;
		for (unsigned i = 0; i < 8; i++) {
			difference = (uint64_t)ret[i] - group_order[i] - (uint32_t)(difference >> 63);
			ret[i] = (uint32_t)difference;
		}
	}
}

/* a * first + b * second, both doublings at once. */
static void point_multiply_two(struct point *ret, const uint32_t a[8], const struct point *first, const uint32_t b[8],
			       const struct point *second)
{
	struct point both;

	point_add(&both, first, second);
	*ret = (struct point){.y = one, .z = one};
	for (unsigned bit = 256; bit-- > 0;) {
		uint32_t in_a = a[bit / 32] >> bit % 32 & 1U;
		uint32_t in_b = b[bit / 32] >> bit % 32 & 1U;

		point_add(ret, ret, ret);
		if (in_a | in_b)
			point_add(ret, ret, in_a && in_b ? &both : in_a ? first : second);
	}
}

static void hash_all(const uint8_t *signature, const uint8_t *key, const uint8_t *message, size_t size, uint32_t ret[8])
{
	uint8_t hash[SHA512_BYTES];
	struct sha512 sha;

	sha512_init(&sha);
	sha512_update(&sha, signature, 32);
	sha512_update(&sha, key, ED25519_KEY_BYTES);
	sha512_update(&sha, message, size);
	sha512_final(&sha, hash);
	reduce_hash(hash, ret);
}

bool ed25519_verify(const uint8_t signature[ED25519_SIGNATURE_BYTES], const uint8_t key[ED25519_KEY_BYTES],
		    const uint8_t *message, size_t size)
{
	static const struct fe zero = {{0}};
	uint32_t scalar[8], hash[8];
	struct point point, result;
	uint8_t bytes[32];

	words_read(scalar, 8, signature + 32);
	if (!below_order(scalar) || !point_read(&point, key))
		return false;
	fe_subtract(&point.x, &zero, &point.x);
	fe_subtract(&point.t, &zero, &point.t);
	hash_all(signature, key, message, size, hash);
	point_multiply_two(&result, scalar, &generator, hash, &point);
	point_write(&result, bytes);
	return memcmp(bytes, signature, sizeof(bytes)) == 0;
}
