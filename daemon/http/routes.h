/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes: who may ask what, and the handler in route_<family>.c that answers. */
#ifndef ASSAY_HTTP_ROUTES_H
#define ASSAY_HTTP_ROUTES_H

#include "daemon/http/request.h"

/* The route of a request, its path elements put into request->param. NULL: the request has been answered with 404 or
 * 405. */
const struct http_route *http_route_find(struct http_request *request);

/* Answers with what the archive says (json as it is), or with its error. */
void route_read(struct http_request *request, const struct query *query);
/* An on_answer_fn for a request that is held: replies with the answer's JSON, or its error, and lets go. */
void route_answered(void *request, struct answer *answer);

void route_farm(struct http_request *request);
void route_queue(struct http_request *request);
void route_agents(struct http_request *request);
void route_agent_drain(struct http_request *request);
void route_agent_resume(struct http_request *request);
void route_orgs(struct http_request *request);
void route_org_post(struct http_request *request);
void route_org_delete(struct http_request *request);
void route_org_member_post(struct http_request *request);

void route_boards(struct http_request *request);
void route_board(struct http_request *request);
void route_board_runs(struct http_request *request);
void route_board_wear(struct http_request *request);
void route_board_history(struct http_request *request);
void route_held_images(struct http_request *request);
void route_held_image_release(struct http_request *request);
void route_golden(struct http_request *request);
void route_golden_post(struct http_request *request);
void route_golden_delete(struct http_request *request);
void route_board_quarantine(struct http_request *request);
void route_board_release(struct http_request *request);
void route_board_retire(struct http_request *request);
void route_board_unretire(struct http_request *request);
void route_board_recoveries(struct http_request *request);
void route_recovery_figures(struct http_request *request);
void route_board_time(struct http_request *request);
void route_farm_time(struct http_request *request);
void route_timeline(struct http_request *request);
void route_board_types(struct http_request *request);

void route_suites(struct http_request *request);
void route_suite(struct http_request *request);
void route_suite_put(struct http_request *request);

void route_image_post_begin(struct http_request *request);
void route_image_post(struct http_request *request);
void route_image(struct http_request *request);
void route_image_content(struct http_request *request);

void route_jobs(struct http_request *request);
void route_job_post(struct http_request *request);
void route_job(struct http_request *request);
void route_job_cancel(struct http_request *request);

void route_leases(struct http_request *request);
void route_lease(struct http_request *request);
void route_lease_post(struct http_request *request);
void route_lease_extend(struct http_request *request);
void route_lease_hand_over(struct http_request *request);
void route_lease_delete(struct http_request *request);

void route_run(struct http_request *request);
void route_run_console(struct http_request *request);
void route_run_cases(struct http_request *request);
void route_run_console_times(struct http_request *request);

void route_artefacts(struct http_request *request);
void route_artefact(struct http_request *request);
void route_artefact_put_begin(struct http_request *request);
void route_artefact_put(struct http_request *request);

void route_job_report(struct http_request *request);
void route_run_report(struct http_request *request);

void route_job_seal(struct http_request *request);
void route_job_evidence(struct http_request *request);
void route_keys(struct http_request *request);
void route_keys_rotate(struct http_request *request);

void route_events(struct http_request *request);
void route_flakes(struct http_request *request);

void route_tokens(struct http_request *request);
void route_token_post(struct http_request *request);
void route_token_delete(struct http_request *request);

void route_waivers(struct http_request *request);
void route_waiver_post(struct http_request *request);
void route_waiver_delete(struct http_request *request);

void route_baselines(struct http_request *request);
void route_baseline_post(struct http_request *request);

void route_schedules(struct http_request *request);
void route_schedule(struct http_request *request);
void route_schedule_put(struct http_request *request);
void route_schedule_delete(struct http_request *request);
void route_schedule_pause(struct http_request *request);
void route_schedule_resume(struct http_request *request);
void route_schedule_run(struct http_request *request);

void route_drops(struct http_request *request);
void route_drop(struct http_request *request);
void route_drop_post(struct http_request *request);
void route_secrets(struct http_request *request);
void route_secret_put(struct http_request *request);
void route_secret_delete(struct http_request *request);

void route_nights(struct http_request *request);
void route_night(struct http_request *request);
void route_night_report(struct http_request *request);
void route_night_accept(struct http_request *request);

void route_upgrade(struct http_request *request); /* a websocket address asked for without the upgrade */
void route_pages(struct http_request *request);   /* everything outside /api/ */

/* A job file with its images, as it is posted: take is called, and answers, once the images are in memory. */
typedef void http_submission_fn(struct http_request *request, const struct submission *submission);
void http_take_submission(struct http_request *request, http_submission_fn *take);

#endif
