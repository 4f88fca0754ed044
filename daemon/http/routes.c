/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes and the search in it. */
#include "daemon/http/routes.h"

#include <stdio.h>
#include <string.h>

#include "core/farm/artefact.h"

#define BIT(role) (1u << (role))
#define READERS   (BIT(ROLE_VIEWER) | BIT(ROLE_MEMBER) | BIT(ROLE_ADMIN))
#define WRITERS   (BIT(ROLE_MEMBER) | BIT(ROLE_ADMIN))
#define ADMINS    BIT(ROLE_ADMIN)
#define ANYBODY   (READERS | BIT(ROLE_AGENT))

static const char *const Q_IMAGE[] = {"name", NULL};
static const char *const Q_JOBS[] = {"state", "kind", "limit", "before", NULL};
static const char *const Q_REPORT[] = {"format", NULL};
static const char *const Q_CONSOLE[] = {"from", "to", NULL};
static const char *const Q_EVENTS[] = {"after", "limit", "job", "run", "board", NULL};
static const char *const Q_CASES[] = {"after", "limit", NULL};
static const char *const Q_FLAKES[] = {"board_type", "limit", NULL};
static const char *const Q_PAGE[] = {"limit", "before", NULL};
static const char *const Q_QUEUE[] = {"limit", "run", NULL};
static const char *const Q_DAYS[] = {"days", NULL};
static const char *const Q_TIMELINE[] = {"minutes", "rack", "board", NULL};
static const char *const Q_FILE[] = {"file", NULL};
static const char *const Q_NIGHTS[] = {"schedule", "limit", "before", NULL};
static const char *const Q_NIGHT[] = {"format", "with", NULL};

/* By path, then method; the order does not matter, as no two patterns fit one path. */
static const struct http_route ROUTES[] = {
	{HTTP_GET, HTTP_API "/agents", READERS, NULL, HTTP_BODY_NONE, 0, route_agents, NULL},
	{HTTP_POST, HTTP_API "/agents/{}/drain", ADMINS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_agent_drain, NULL},
	{HTTP_POST, HTTP_API "/agents/{}/resume", ADMINS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_agent_resume,
	 NULL},
	{HTTP_GET, HTTP_API "/baselines", READERS, NULL, HTTP_BODY_NONE, 0, route_baselines, NULL},
	{HTTP_POST, HTTP_API "/baselines", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_baseline_post, NULL},
	{HTTP_GET, HTTP_API "/board-types", READERS, NULL, HTTP_BODY_NONE, 0, route_board_types, NULL},
	{HTTP_GET, HTTP_API "/boards", READERS, NULL, HTTP_BODY_NONE, 0, route_boards, NULL},
	{HTTP_GET, HTTP_API "/boards/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_board, NULL},
	{HTTP_GET, HTTP_API "/boards/{}/history", READERS, NULL, HTTP_BODY_NONE, 0, route_board_history, NULL},
	{HTTP_POST, HTTP_API "/boards/{}/quarantine", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_board_quarantine,
	 NULL},
	{HTTP_POST, HTTP_API "/boards/{}/release", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_board_release, NULL},
	{HTTP_POST, HTTP_API "/boards/{}/retire", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_board_retire, NULL},
	{HTTP_POST, HTTP_API "/boards/{}/unretire", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_board_unretire, NULL},
	{HTTP_GET, HTTP_API "/boards/{}/recoveries", READERS, Q_PAGE, HTTP_BODY_NONE, 0, route_board_recoveries, NULL},
	{HTTP_GET, HTTP_API "/boards/{}/time", READERS, Q_DAYS, HTTP_BODY_NONE, 0, route_board_time, NULL},
	{HTTP_GET, HTTP_API "/boards/{}/runs", READERS, Q_PAGE, HTTP_BODY_NONE, 0, route_board_runs, NULL},
	{HTTP_GET, HTTP_API "/boards/{}/wear", READERS, NULL, HTTP_BODY_NONE, 0, route_board_wear, NULL},
	{HTTP_GET, HTTP_API "/drops", READERS, NULL, HTTP_BODY_NONE, 0, route_drops, NULL},
	{HTTP_GET, HTTP_API "/drops/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_drop, NULL},
	{HTTP_POST, HTTP_API "/drops/{}", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_drop_post, NULL},
	{HTTP_GET, HTTP_API "/events", READERS, Q_EVENTS, HTTP_BODY_NONE, 0, route_events, NULL},
	{HTTP_GET, HTTP_API "/farm", ANYBODY, NULL, HTTP_BODY_NONE, 0, route_farm, NULL},
	{HTTP_GET, HTTP_API "/farm/time", READERS, Q_DAYS, HTTP_BODY_NONE, 0, route_farm_time, NULL},
	{HTTP_GET, HTTP_API "/flakes", READERS, Q_FLAKES, HTTP_BODY_NONE, 0, route_flakes, NULL},
	{HTTP_GET, HTTP_API "/held-images", READERS, NULL, HTTP_BODY_NONE, 0, route_held_images, NULL},
	{HTTP_POST, HTTP_API "/held-images/{}/release", WRITERS, NULL, HTTP_BODY_JSON, HTTP_MAX_JSON,
	 route_held_image_release, NULL},
	{HTTP_GET, HTTP_API "/golden", READERS, NULL, HTTP_BODY_NONE, 0, route_golden, NULL},
	{HTTP_POST, HTTP_API "/golden", WRITERS, NULL, HTTP_BODY_JSON, HTTP_MAX_JSON, route_golden_post, NULL},
	{HTTP_DELETE, HTTP_API "/golden/{}", WRITERS, NULL, HTTP_BODY_NONE, 0, route_golden_delete, NULL},
	{HTTP_POST, HTTP_API "/images", WRITERS, Q_IMAGE, HTTP_BODY_UPLOAD, IMAGE_MAX_BYTES, route_image_post,
	 route_image_post_begin},
	{HTTP_GET, HTTP_API "/images/{}", ANYBODY, NULL, HTTP_BODY_NONE, 0, route_image, NULL},
	{HTTP_GET, HTTP_API "/images/{}/content", ANYBODY, NULL, HTTP_BODY_NONE, 0, route_image_content, NULL},
	{HTTP_GET, HTTP_API "/jobs", READERS, Q_JOBS, HTTP_BODY_NONE, 0, route_jobs, NULL},
	{HTTP_POST, HTTP_API "/jobs", WRITERS, NULL, HTTP_BODY_JSON, HTTP_MAX_JSON, route_job_post, NULL},
	{HTTP_GET, HTTP_API "/jobs/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_job, NULL},
	{HTTP_POST, HTTP_API "/jobs/{}/cancel", WRITERS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_job_cancel, NULL},
	{HTTP_GET, HTTP_API "/jobs/{}/evidence", READERS, NULL, HTTP_BODY_NONE, 0, route_job_evidence, NULL},
	{HTTP_GET, HTTP_API "/jobs/{}/report", READERS, Q_REPORT, HTTP_BODY_NONE, 0, route_job_report, NULL},
	{HTTP_POST, HTTP_API "/jobs/{}/seal", WRITERS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_job_seal, NULL},
	{HTTP_GET, HTTP_API "/keys", ANYBODY, NULL, HTTP_BODY_NONE, 0, route_keys, NULL},
	{HTTP_POST, HTTP_API "/keys/rotate", ADMINS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_keys_rotate, NULL},
	{HTTP_GET, HTTP_API "/leases", READERS, NULL, HTTP_BODY_NONE, 0, route_leases, NULL},
	{HTTP_POST, HTTP_API "/leases", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_lease_post, NULL},
	{HTTP_DELETE, HTTP_API "/leases/{}", WRITERS, NULL, HTTP_BODY_NONE, 0, route_lease_delete, NULL},
	{HTTP_GET, HTTP_API "/leases/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_lease, NULL},
	{HTTP_POST, HTTP_API "/leases/{}/extend", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_lease_extend, NULL},
	{HTTP_POST, HTTP_API "/leases/{}/hand-over", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_lease_hand_over, NULL},
	{HTTP_GET, HTTP_API "/leases/{}/tunnel", 0, NULL, HTTP_BODY_NONE, 0, route_upgrade, NULL},
	{HTTP_GET, HTTP_API "/link", 0, NULL, HTTP_BODY_NONE, 0, route_upgrade, NULL},
	{HTTP_GET, HTTP_API "/live", 0, NULL, HTTP_BODY_NONE, 0, route_upgrade, NULL},
	{HTTP_GET, HTTP_API "/nights", READERS, Q_NIGHTS, HTTP_BODY_NONE, 0, route_nights, NULL},
	{HTTP_GET, HTTP_API "/nights/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_night, NULL},
	{HTTP_POST, HTTP_API "/nights/{}/accept", WRITERS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_night_accept,
	 NULL},
	{HTTP_GET, HTTP_API "/nights/{}/report", READERS, Q_NIGHT, HTTP_BODY_NONE, 0, route_night_report, NULL},
	{HTTP_GET, HTTP_API "/orgs", READERS, NULL, HTTP_BODY_NONE, 0, route_orgs, NULL},
	{HTTP_POST, HTTP_API "/orgs/{}", ADMINS, NULL, HTTP_BODY_JSON, 65536, route_org_post, NULL},
	{HTTP_DELETE, HTTP_API "/orgs/{}", ADMINS, NULL, HTTP_BODY_NONE, 0, route_org_delete, NULL},
	{HTTP_POST, HTTP_API "/orgs/{}/members/{}", ADMINS, NULL, HTTP_BODY_JSON, 65536, route_org_member_post, NULL},
	{HTTP_GET, HTTP_API "/queue", READERS, Q_QUEUE, HTTP_BODY_NONE, 0, route_queue, NULL},
	{HTTP_GET, HTTP_API "/recoveries/figures", READERS, NULL, HTTP_BODY_NONE, 0, route_recovery_figures, NULL},
	{HTTP_GET, HTTP_API "/runs/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_run, NULL},
	{HTTP_GET, HTTP_API "/runs/{}/artefacts", READERS, NULL, HTTP_BODY_NONE, 0, route_artefacts, NULL},
	{HTTP_GET, HTTP_API "/runs/{}/artefacts/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_artefact, NULL},
	{HTTP_PUT, HTTP_API "/runs/{}/artefacts/{}", BIT(ROLE_AGENT), NULL, HTTP_BODY_UPLOAD, ARTEFACT_MAX_BYTES,
	 route_artefact_put, route_artefact_put_begin},
	{HTTP_GET, HTTP_API "/runs/{}/cases", READERS, Q_CASES, HTTP_BODY_NONE, 0, route_run_cases, NULL},
	{HTTP_GET, HTTP_API "/runs/{}/console", READERS, Q_CONSOLE, HTTP_BODY_NONE, 0, route_run_console, NULL},
	{HTTP_GET, HTTP_API "/runs/{}/console/times", READERS, NULL, HTTP_BODY_NONE, 0, route_run_console_times, NULL},
	{HTTP_GET, HTTP_API "/runs/{}/report", READERS, Q_REPORT, HTTP_BODY_NONE, 0, route_run_report, NULL},
	{HTTP_GET, HTTP_API "/schedules", READERS, NULL, HTTP_BODY_NONE, 0, route_schedules, NULL},
	{HTTP_GET, HTTP_API "/schedules/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_schedule, NULL},
	{HTTP_PUT, HTTP_API "/schedules/{}", WRITERS, Q_FILE, HTTP_BODY_YAML, HTTP_MAX_JSON, route_schedule_put, NULL},
	{HTTP_DELETE, HTTP_API "/schedules/{}", WRITERS, NULL, HTTP_BODY_NONE, 0, route_schedule_delete, NULL},
	{HTTP_POST, HTTP_API "/schedules/{}/pause", WRITERS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_schedule_pause,
	 NULL},
	{HTTP_POST, HTTP_API "/schedules/{}/resume", WRITERS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536,
	 route_schedule_resume, NULL},
	{HTTP_POST, HTTP_API "/schedules/{}/run", WRITERS, NULL, HTTP_BODY_JSON_OPTIONAL, 65536, route_schedule_run,
	 NULL},
	{HTTP_GET, HTTP_API "/secrets", READERS, NULL, HTTP_BODY_NONE, 0, route_secrets, NULL},
	{HTTP_PUT, HTTP_API "/secrets/{}", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_secret_put, NULL},
	{HTTP_DELETE, HTTP_API "/secrets/{}", WRITERS, NULL, HTTP_BODY_NONE, 0, route_secret_delete, NULL},
	{HTTP_GET, HTTP_API "/suites", READERS, NULL, HTTP_BODY_NONE, 0, route_suites, NULL},
	{HTTP_GET, HTTP_API "/suites/{}", READERS, NULL, HTTP_BODY_NONE, 0, route_suite, NULL},
	{HTTP_PUT, HTTP_API "/suites/{}", WRITERS, Q_FILE, HTTP_BODY_YAML, HTTP_MAX_JSON, route_suite_put, NULL},
	{HTTP_GET, HTTP_API "/timeline", READERS, Q_TIMELINE, HTTP_BODY_NONE, 0, route_timeline, NULL},
	{HTTP_GET, HTTP_API "/tokens", ADMINS, NULL, HTTP_BODY_NONE, 0, route_tokens, NULL},
	{HTTP_POST, HTTP_API "/tokens", ADMINS, NULL, HTTP_BODY_JSON, 65536, route_token_post, NULL},
	{HTTP_DELETE, HTTP_API "/tokens/{}", ADMINS, NULL, HTTP_BODY_NONE, 0, route_token_delete, NULL},
	{HTTP_GET, HTTP_API "/waivers", READERS, NULL, HTTP_BODY_NONE, 0, route_waivers, NULL},
	{HTTP_POST, HTTP_API "/waivers", WRITERS, NULL, HTTP_BODY_JSON, 65536, route_waiver_post, NULL},
	{HTTP_DELETE, HTTP_API "/waivers/{}", WRITERS, NULL, HTTP_BODY_NONE, 0, route_waiver_delete, NULL},
};

/* Pages take any path outside /api/. */
static const struct http_route PAGES = {HTTP_GET, "/", 0, NULL, HTTP_BODY_NONE, 0, route_pages, NULL};

static const char *const METHOD_NAMES[] = {"GET, HEAD", "POST", "PUT", "DELETE", ""};

/* Whether path fits the pattern; what stands for each {} is put into param. */
static bool pattern_fits(const char *pattern, const char *path, char param[HTTP_MAX_PARAMS][256])
{
	size_t found = 0;

	while (*pattern) {
		if (pattern[0] == '{') {
			size_t len = strcspn(path, "/");
			if (len == 0 || len >= 256 || found >= HTTP_MAX_PARAMS)
				return false;
			memcpy(param[found], path, len);
			param[found++][len] = '\0';
			path += len;
			pattern += 2;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

const struct http_route *http_route_find(struct http_request *request)
{
	char allowed[64] = "";

	for (size_t i = 0; i < sizeof(ROUTES) / sizeof(ROUTES[0]); i++) {
		const struct http_route *route = &ROUTES[i];
		if (!pattern_fits(route->pattern, request->path, request->param))
			continue;
		if (route->method == request->method)
			return route;
		size_t len = strlen(allowed);
		snprintf(allowed + len, sizeof(allowed) - len, "%s%s", len ? ", " : "", METHOD_NAMES[route->method]);
	}
	bool api = strncmp(request->path, "/api/", 5) == 0 || strcmp(request->path, "/api") == 0;
	if (!api && request->method == HTTP_GET)
		return &PAGES;
	if (!api)
		snprintf(allowed, sizeof(allowed), "%s", METHOD_NAMES[HTTP_GET]);
	if (allowed[0]) {
		http_reply_header(request, "allow:", "%s", allowed);
		http_reply_error(request, 405, "this address takes %s", allowed);
	} else {
		http_reply_error(request, 404, "there is nothing at %.200s", request->path);
	}
	return NULL;
}
