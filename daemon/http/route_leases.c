/* SPDX-License-Identifier: Apache-2.0 */
/* Leases: asked for, listed, extended, handed over and given back. A lease that is over is told by its job. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/spec/tags.h"
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

#define LEASE_MAX_MS (INT64_C(366) * 86400000) /* the farm's own bound is far below */

void route_leases(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "leases", farm_leases_json(http_farm(request), &request->who)));
}

void route_lease(struct http_request *request)
{
	json_t *lease;
	int64_t id;

	if (!http_param_id(request, 0, &id))
		return;
	lease = farm_lease_json(http_farm(request), &request->who, id);
	if (lease)
		http_reply_json(request, 200, json_pack("{s:o}", "lease", lease));
	else
		http_reply_error(request, 404, "there is no open lease %lld; job %lld tells what became of it",
				 (long long)id, (long long)id);
}

/* --- what is wished of one --- */

/* One that waited is over at once when it is given back. */
static void wish_answer(struct http_wish *wish)
{
	json_t *lease = farm_lease_json(http_farm(wish->request), &wish->request->who, wish->id);

	if (!lease)
		lease = json_pack("{s:I, s:s}", "id", (json_int_t)wish->id, "state", "ended");
	http_reply_json(wish->request, wish->status, lease ? json_pack("{s:o}", "lease", lease) : NULL);
	http_wish_destroy(wish);
}

void route_lease_extend(struct http_request *request)
{
	static const char *const known[] = {"for_ms", NULL};
	struct err err = {0};
	int64_t id, for_ms = 0;
	struct http_wish *wish;
	json_t *body;

	if (!http_param_id(request, 0, &id) || !http_body_json(request, &body))
		return;
	if (http_refuse_unknown(body, known, &err) ||
	    json_read_int(body, "for_ms", true, 1, LEASE_MAX_MS, &for_ms, &err)) {
		http_reply_error(request, 422, "%s", err.text);
		json_decref(body);
		return;
	}
	json_decref(body);
	wish = http_wish_create(request, wish_answer);
	wish->id = id;
	http_wish_settle(wish,
			 farm_lease_extend(http_farm(request), &request->who, id, for_ms, http_wish_done, wish, &err),
			 &err);
}

/* There must be somebody of this name who can do something with it: of the lease's organisation, which need not be that
 * of an admin who asks. */
static int check_member(struct http_request *request, int64_t id, const char *name, struct err *err)
{
	const struct http_ports *ports = &request->http->ports;
	json_t *lease = farm_lease_json(http_farm(request), &request->who, id);
	const char *org = lease ? json_string_value(json_object_get(lease, "org")) : NULL;
	struct principal to;
	int rc = 0;

	if (org &&
	    (!ports->token_of(ports->context, name, &to) || strcmp(to.org, org) != 0 || !principal_may_submit(&to)))
		rc = err_set(err, ERR_INVALID, "to: found \"%.63s\", expected a member of organisation %s", name, org);
	json_decref(lease);
	return rc; /* of a lease that is not there, the farm says so */
}

void route_lease_hand_over(struct http_request *request)
{
	static const char *const known[] = {"to", NULL};
	char to[PRINCIPAL_MAX] = "";
	struct err err = {0};
	struct http_wish *wish;
	json_t *body;
	int64_t id;

	if (!http_param_id(request, 0, &id) || !http_body_json(request, &body))
		return;
	if (http_refuse_unknown(body, known, &err) || json_read_text_into(body, "to", 1, to, sizeof(to), &err) ||
	    check_member(request, id, to, &err)) {
		http_reply_error(request, 422, "%s", err.text);
		json_decref(body);
		return;
	}
	json_decref(body);
	wish = http_wish_create(request, wish_answer);
	wish->id = id;
	http_wish_settle(wish,
			 farm_lease_hand_over(http_farm(request), &request->who, id, to, http_wish_done, wish, &err),
			 &err);
}

void route_lease_delete(struct http_request *request)
{
	struct err err = {0};
	struct http_wish *wish;
	int64_t id;

	if (!http_param_id(request, 0, &id))
		return;
	wish = http_wish_create(request, wish_answer);
	wish->id = id;
	http_wish_settle(wish, farm_lease_end(http_farm(request), &request->who, id, http_wish_done, wish, &err), &err);
}

/* --- asking for one --- */

/* While its image is being taken apart. */
struct arrival {
	struct http_request *request;
	json_t *body; /* holds the strings */
	char tags[TAGS_SIZE];
	struct lease_wish lease;
};

static void arrival_destroy(struct arrival *arrival)
{
	json_decref(arrival->body);
	http_request_release(arrival->request);
	free(arrival);
}

static int read_wish(const json_t *body, struct arrival *arrival, struct err *err)
{
	static const char *const known[] = {"type",    "board",  "tags",     "image",    "image_name", "why",
					    "from_us", "for_ms", "grace_ms", "priority", NULL};
	struct lease_wish *lease = &arrival->lease;
	int64_t priority = -1;
	json_t *tags = NULL;
	int rc = http_refuse_unknown(body, known, err);

	lease->grace_ms = -1;
	if (!rc)
		rc = json_read_text(body, "type", false, &lease->board_type, err);
	if (!rc)
		rc = json_read_text(body, "board", false, &lease->board, err);
	if (!rc)
		rc = json_read_text(body, "image", false, &lease->image_sha256, err);
	if (!rc)
		rc = json_read_text(body, "image_name", false, &lease->image_name, err);
	if (!rc)
		rc = json_read_text(body, "why", false, &lease->why, err);
	if (!rc)
		rc = json_read_int(body, "for_ms", true, 0, LEASE_MAX_MS, &lease->for_ms, err);
	if (!rc)
		rc = json_read_int(body, "from_us", false, 1, INT64_C(1) << 53, &lease->from_us, err);
	if (!rc)
		rc = json_read_int(body, "grace_ms", false, 0, LEASE_MAX_MS, &lease->grace_ms, err);
	if (!rc)
		rc = json_read_int(body, "priority", false, 0, 100, &priority, err);
	if (!rc)
		rc = json_read_array(body, "tags", false, &tags, err);
	if (!rc && tags && !tags_from_json(tags, arrival->tags))
		rc = err_set(err, ERR_INVALID, "tags: expected at most %d tags", TAGS_MAX);
	lease->tags = arrival->tags;
	lease->priority = (int)priority;
	return rc;
}

static void on_submitted(void *context, int64_t job, const struct err *err)
{
	struct http_wish *wish = (struct http_wish *)context;

	if (err) {
		http_wish_refuse(wish, err);
		return;
	}
	wish->id = job;
	http_reply_header(wish->request, "location:", HTTP_API "/leases/%lld", (long long)job);
	wish_answer(wish);
}

static void ask(struct http_request *request, const struct lease_wish *lease)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct http_wish *wish = http_wish_create(request, wish_answer);
	struct err err = {0};
	int rc;

	wish->status = 201;
	rc = farm_lease(http_farm(request), &request->who, lease, on_submitted, wish, problems, &err);
	http_wish_settle_document(wish, rc, problems, &err);
	free(problems);
}

static void on_prepared(void *context, const struct err *err)
{
	struct arrival *arrival = (struct arrival *)context;

	if (err)
		http_reply_err(arrival->request, err);
	else
		ask(arrival->request, &arrival->lease);
	arrival_destroy(arrival);
}

void route_lease_post(struct http_request *request)
{
	const struct http_ports *ports = &request->http->ports;
	struct arrival *arrival = mem_alloc(sizeof(*arrival));
	struct err err = {0};
	const char *sha256;

	arrival->request = http_request_hold(request);
	if (!http_body_json(request, &arrival->body)) {
		arrival_destroy(arrival);
		return;
	}
	if (read_wish(arrival->body, arrival, &err)) {
		http_reply_error(request, 422, "%s", err.text);
		arrival_destroy(arrival);
		return;
	}
	sha256 = arrival->lease.image_sha256;
	if (ports->prepare_images(ports->context, &sha256, sha256 && strlen(sha256) == 64 ? 1 : 0, on_prepared,
				  arrival))
		on_prepared(arrival, NULL);
}
