/* SPDX-License-Identifier: Apache-2.0 */
/* The farm: what jobs, runs, boards, agents and leases are now, and the one place that gives boards out. It lives on
 * one thread, never blocks, and meets the world only through struct farm_ports.
 *
 * The way of everything: a call changes the farm in memory at once and hands the change to commit(). Whatever the world
 * must hear of it (an answer, an assign, an ack, an event for the live view) waits until that change is durable:
 * farm_committed() lets it go, in order. So nothing the world knows is ever lost, a crash at any instant leaves the
 * world and the store in agreement, and an event number never means two things. Console bytes alone are published at
 * once, since they are addressed by offset.
 *
 * Happy path of a job: farm_submit -> {job, runs, job.submitted, and when a board is free its lease and run.assigned}
 * in one commit -> durable: on_submitted, publish, send_assign -> farm_agent_event … -> commit -> durable: publish, ack
 * -> run.ended: lease closed, run.finished, the board goes to the next run in the same commit -> last run:
 * job.finished.
 *
 * Ways it fails, and what happens:
 *   the store cannot commit (farm_trouble)     it keeps the changes and tries again; the farm is degraded: submits are
 *                                              refused with ERR_NO_SPACE (or the store's error), those waiting for
 *                                              their commit are answered so, and jobs cancelled; whatever else was
 *                                              asked is done later, and its answer says so; nothing new is planned;
 *                                              agents are told to wait (flow) when too much is uncommitted
 *   the store refuses a change for what is in  the farm goes back to what is durable, the run it was about ends
 *   it (farm_rewind)                           infrastructure/internal, the others resume; see rewind.c
 *   an agent's connection is lost              its boards are offline; its runs stay open for agent_grace_ms, then end
 *                                              infrastructure/agent-lost and their lease is fenced off
 *   it comes back in time                      runs go on where the farm's durable have stands
 *   it comes back without a run it had         that run ends infrastructure/agent-restarted
 *   it comes back too late                     welcome says known:false; late events are answered by send_stale
 *   an agent rejects an assign                 the run is queued again under a larger fence; after 5 times it ends
 *                                              infrastructure/internal
 *   a board is busy every time                 asked again ever later, 6 times; then it is quarantined
 *   an agent gives a board up                  it is quarantined until a person releases it
 *   an agent never ends a run                  after all limits and run_slack_ms it is cancelled, then fenced off
 *   a run ends infrastructure                  a further attempt while the job has retries left, elsewhere if possible
 *   the daemon dies                            farm_create from the records: open runs wait for their agents, as above
 *   cancel                                     waiting runs end at once; running ones get send_cancel and end as the
 *                                              agent reports, or cancelled after cancel_grace_ms */
#ifndef ASSAY_FARM_FARM_H
#define ASSAY_FARM_FARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/doc.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/calendar/timezone.h"
#include "core/farm/agent.h"
#include "core/farm/change.h"
#include "core/farm/farm_records.h"
#include "core/farm/principal.h"
#include "core/health/check.h"
#include "core/health/image_suspicion.h"
#include "core/image/image.h"

struct farm; /* private; create/destroy */

struct farm_config {
	int64_t agent_grace_ms;  /* how long a lost agent's runs stay open; default 60000 */
	int64_t cancel_grace_ms; /* how long an agent may take to end a cancelled run; default 60000 */
	int64_t run_slack_ms;    /* beyond the run's own limit, for the steps around it; default 600000 */
	int64_t lease_max_ms;    /* no lease is longer, with all extensions; default 8 h */
	int64_t lease_grace_ms;  /* of a lease, without its client, when nothing else was asked for; default 120000 */
	uint64_t console_max_bytes;   /* of one run; what comes after is dropped and counted; default 256 MiB */
	size_t max_waiting_runs;      /* submits beyond are refused with ERR_BUSY; default 100000 */
	uint32_t diagnoses_per_hour;  /* failures that are looked into; default 60 */
	uint32_t image_max_boards;    /* that an image may put out of action before it is held; default 3; 0: any */
	uint32_t image_trial_boards;  /* that one new to their type gets at once; default 3; 0, or none held: all */
	struct check_policy check;    /* default: after 20 runs or 24 h without a pass; 3 failures, 8 spoiled */
	size_t max_uncommitted_bytes; /* beyond, flow(true); default 24 MiB */
};

extern const struct farm_config farm_config_default;

/* The farm's world. All functions are required; none may call the farm back before it returned. */
struct farm_ports {
	void *context;
	const struct time_zones *zones;   /* for calendars and windows; NULL: only UTC */
	int64_t (*now_us)(void *context); /* monotonic, for limits */
	const char *boot; /* names the span over which now_us goes on, also while the farm is down; NULL: none */
	int64_t (*unix_us)(void *context); /* for stamps */
	/* farm_tick at or after due_us (monotonic); a new call replaces the old one; < 0 disarms. */
	void (*set_timer)(void *context, int64_t due_us);

	/* Makes the change durable, after those before it; takes it over. farm_committed tells when. */
	void (*commit)(void *context, struct change *change);
	/* A durable event, in the order of seq. Valid during the call. */
	void (*publish)(void *context, const struct event_record *event);
	/* Console bytes as they came (not durable yet). Valid during the call. */
	void (*publish_console)(void *context, const struct console_record *console, int64_t job, const char *org,
				const char *board);
	/* Degraded (err says why) or good again (err NULL). Only called on a change. */
	void (*health)(void *context, const struct err *err);
	/* true: no more farm_agent_event for now (stop reading from agents); false: go on. */
	void (*flow)(void *context, bool wait);

	/* The parsed image, borrowed until the next call; NULL with err (ERR_NOT_FOUND when the farm does not hold
	 * it, or who may not see it). */
	const struct image *(*image)(void *context, const struct principal *who, const char *sha256, struct err *err);

	/* Whose token has this name; false: there is none. NULL: everybody who ever asked still has one. */
	bool (*token_of)(void *context, const char *name, struct principal *ret_who);

	/* How a job ended that the farm no longer holds; ERR_NOT_FOUND: there is none, or who may not see it. NULL: the
	 * farm remembers no job that is over. */
	int (*job_verdict)(void *context, const struct principal *who, int64_t job, enum run_verdict *ret_verdict,
			   struct err *err);

	/* To a connected agent, by name. A message that cannot be sent any more is dropped: the agent's next hello
	 * sorts it out. */
	void (*send_welcome)(void *context, const char *agent, const char *farm_id, const struct agent_known_run *runs,
			     size_t run_count);
	void (*send_assign)(void *context, const char *agent, const struct agent_assign *assign);
	/* cause: that the run is to end with, CAUSE_CANCELLED or CAUSE_PREEMPTED. */
	void (*send_cancel)(void *context, const char *agent, int64_t run, int64_t fence, enum cause cause,
			    const char *reason);
	/* The lease's hold ends so long after the agent gets this. */
	void (*send_extend)(void *context, const char *agent, int64_t run, int64_t fence, int64_t hold_ms);
	void (*send_ack)(void *context, const char *agent, int64_t run, int64_t n);
	void (*send_stale)(void *context, const char *agent, int64_t run, int64_t fence);

	/* Clients of a lease that attached before now have nothing to do with it any more: it is over, or another's.
	 * text says which. They need not detach. */
	void (*lease_cut)(void *context, int64_t job, const char *text);

	/* To take a board up again, also one that it gave up. */
	void (*send_recover)(void *context, const char *agent, const char *board, const char *reason);
};

/* Builds the farm from what the store holds (borrowed during the call) and takes up where it stopped: commits what
 * must change because of the restart. config NULL: defaults. */
int farm_create(const struct farm_ports *ports, const struct farm_config *config, const struct farm_records *records,
		struct farm **ret_farm, struct err *err);
/* Callbacks still owed (on_submitted, on_done) come with ERR_CANCELLED. Accepts NULL. */
void farm_destroy(struct farm *farm);

/* The store's answers. number: every change up to it is durable. */
void farm_committed(struct farm *farm, int64_t number);
/* The store fails to commit and goes on trying (err), or works again (NULL). May be called repeatedly. */
void farm_trouble(struct farm *farm, const struct err *err);
/* The store will never take a change, and has dropped it and all that came after it (see rewind.c). Goes back to what
 * is durable (records, borrowed): the run it was about ends, who waits for an answer gets one, agents are gone as after
 * a restart: the caller drops their connections without farm_agent_gone. An error (as of farm_create) is final: nothing
 * but farm_destroy may follow. */
int farm_rewind(struct farm *farm, const struct farm_records *records, const struct change_refusal *refusal,
		struct err *err);
void farm_tick(struct farm *farm);

/* --- people --- */

/* Where the image of a path in the job file is. */
struct submission_image {
	const char *path;
	const char *sha256; /* 64 hex digits */
};

struct submission {
	const char *file; /* name of the job file, for messages */
	const char *text;
	size_t len;
	const struct submission_image *images;
	size_t image_count;
};

/* err is NULL when the job is durable. */
typedef void (*on_submitted_fn)(void *context, int64_t job, const struct err *err);
typedef void (*on_done_fn)(void *context, const struct err *err);

/* Takes a job. Returns 0 and calls on_submitted once, later; or, calling nothing: ERR_INVALID with problems filled
 * (init'ed here with submission->file), ERR_DENIED, ERR_BUSY (queue full), ERR_NO_SPACE or what else degrades the
 * farm. */
int farm_submit(struct farm *farm, const struct principal *who, const struct submission *submission,
		on_submitted_fn on_submitted, void *context, struct doc_problems *problems, struct err *err);

/* Cancels what is left of a job. Returns 0 and calls on_done once, later (durable; running runs may still be on their
 * way down); or ERR_DENIED, or ERR_NOT_FOUND: no such open job (the store knows whether it ever was). */
int farm_cancel_job(struct farm *farm, const struct principal *who, int64_t job, const char *reason, on_done_fn on_done,
		    void *context, struct err *err);

/* Adds or replaces a suite; only admins and members of the default organisation. name must equal the text's. Same
 * returns as farm_submit. */
int farm_put_suite(struct farm *farm, const struct principal *who, const char *name, const char *file, const char *text,
		   size_t len, on_done_fn on_done, void *context, struct doc_problems *problems, struct err *err);

/* What is asked for of a new waiver: board_type, cases, reason, intermittent, from_us (0: now), until_us, and org ("" :
 * who's own; another only for admins). Admins and members; author, id and created_at_us are filled in. Returns 0,
 * *ret_id, and calls on_done once, later; or ERR_DENIED, ERR_INVALID (err names the field), ERR_BUSY (too many in
 * force), or what degrades the farm. */
int farm_add_waiver(struct farm *farm, const struct principal *who, const struct waiver_record *wanted,
		    on_done_fn on_done, void *context, int64_t *ret_id, struct err *err);
/* From now on it covers nothing. Withdrawing twice is fine: on_done is then called
 * before this returns. ERR_NOT_FOUND, ERR_DENIED, or what degrades the farm. */
int farm_withdraw_waiver(struct farm *farm, const struct principal *who, int64_t id, on_done_fn on_done, void *context,
			 struct err *err);
/* Takes values into the baseline: as QUERY_ACCEPTABLE gives them, without those marked as accepted. *ret_count: how
 * many are new. on_done is called once: later, or before this returns when nothing is new. ERR_DENIED, ERR_INVALID, or
 * what degrades the farm. */
int farm_accept_baseline(struct farm *farm, const struct principal *who, const json_t *values, on_done_fn on_done,
			 void *context, size_t *ret_count, struct err *err);

/* --- leases: a person has a board for himself; see hold.c --- */

#define LEASE_PRIORITY     70 /* when nothing else is asked for: a person waits */
#define LEASE_MIN_MS       60000
#define LEASE_LONGEST_MS   (INT64_C(31) * 86400000) /* that config.lease_max_ms may be: racks take no more */
#define LEASE_GRACE_MIN_MS 1000

struct lease_wish {
	const char *board_type, *board;        /* one of them; the other NULL */
	const char *tags;                      /* that the board must have, as in tags.h; NULL: none */
	const char *image_sha256, *image_name; /* flashed first; NULL: the board keeps what it has */
	const char *why;                       /* for people; NULL: nothing */
	int64_t from_us;                       /* reserved: it begins then (unix); 0: as soon as may be */
	int64_t for_ms;                        /* from when it is granted */
	int64_t grace_ms; /* it ends by itself when it was so long without a client; 0: it needs none;
			   * < 0: the farm's */
	int priority;     /* < 0: LEASE_PRIORITY */
};

/* Asks for a board. Same returns as farm_submit, and ERR_EXISTS: it cannot be reserved for then, err says when; the
 * number told is the job's, and the lease's. */
int farm_lease(struct farm *farm, const struct principal *who, const struct lease_wish *wish,
	       on_submitted_fn on_submitted, void *context, struct doc_problems *problems, struct err *err);
/* for_ms longer; only its holder and admins. ERR_NOT_FOUND (no open lease of this number), ERR_DENIED, ERR_INVALID (it
 * would be longer than leases may be), ERR_BUSY (it is on its way down), or what degrades the farm. */
int farm_lease_extend(struct farm *farm, const struct principal *who, int64_t job, int64_t for_ms, on_done_fn on_done,
		      void *context, struct err *err);
/* To another member of its organisation (the caller knows that there is one of this name); its clients are cut. Holder
 * and admins; errors as above. */
int farm_lease_hand_over(struct farm *farm, const struct principal *who, int64_t job, const char *member,
			 on_done_fn on_done, void *context, struct err *err);
/* Gives the board back; whoever may cancel jobs of its organisation. Errors as above. */
int farm_lease_end(struct farm *farm, const struct principal *who, int64_t job, on_done_fn on_done, void *context,
		   struct err *err);

/* A client of the holder's, which keeps the lease alive from now on; also while it waits. client tells it from those of
 * the time before a hand-over. ERR_NOT_FOUND, ERR_DENIED (it is another's). */
int farm_lease_attach(struct farm *farm, const struct principal *who, int64_t job, int64_t *ret_client,
		      struct err *err);
/* It is gone. Of a lease that is over or another's by now nothing happens. */
void farm_lease_detach(struct farm *farm, int64_t job, int64_t client);

/* Where the board of a granted lease is. */
struct lease_place {
	int64_t run, fence;
	char agent[FARM_NAME_MAX];
	char board[FARM_NAME_MAX];
};

/* ERR_NOT_FOUND: over, or another's; ERR_BUSY: not granted yet. */
int farm_lease_place(const struct farm *farm, int64_t job, int64_t client, struct lease_place *ret_place,
		     struct err *err);

/* [{"id","name","org","owner","holder","why","state","board_type","wanted_board","board","run","fence","for_ms",
 * "from_us","granted_at_us","until_us","grace_ms","clients","waits"}]: open ones, by number. state: reserved, waiting,
 * starting, held or ending; waits: as in farm_queue_json while it is waiting, else null. NULL: no such lease. */
json_t *farm_leases_json(const struct farm *farm, const struct principal *who);
json_t *farm_lease_json(const struct farm *farm, const struct principal *who, int64_t job);

/* --- boards --- */

enum board_order { BOARD_ORDER_QUARANTINE, BOARD_ORDER_RELEASE, BOARD_ORDER_RETIRE, BOARD_ORDER_UNRETIRE };

/* Takes a board out of service, or lets it in again; a run that is on it ends by itself first. Members of the board's
 * organisation and admins. Returns 0 and calls on_done once, later; or ERR_NOT_FOUND, ERR_DENIED, ERR_INVALID (why),
 * ERR_STALE (it is not in that state), or what degrades the farm. */
int farm_order_board(struct farm *farm, const struct principal *who, const char *board, enum board_order order,
		     const char *why, on_done_fn on_done, void *context, struct err *err);

/* Images that put boards out of action and get no more of them; see images.c. */
json_t *farm_held_images_json(const struct farm *farm, const struct principal *who);
/* Those that nobody has seen leave a board well yet; see trials.c. [{"sha256","org","board_type","boards","running",
 * "to_tell","struck","waiting"}] */
json_t *farm_trials_json(const struct farm *farm, const struct principal *who);
/* One that is held is on trial again, one on trial may have all boards. sha256: also its first 8 digits or more.
 * ERR_NOT_FOUND, ERR_DENIED, ERR_INVALID (why), or what degrades the farm. */
int farm_release_image(struct farm *farm, const struct principal *who, const char *sha256, const char *why,
		       on_done_fn on_done, void *context, struct err *err);

/* The golden image of who's organisation for a board type: a job file of one run on any board of the type. Members and
 * admins. Returns as farm_submit. */
int farm_set_golden(struct farm *farm, const struct principal *who, const struct submission *submission,
		    on_done_fn on_done, void *context, struct doc_problems *problems, struct err *err);
/* 0 and on_done once, later; ERR_DENIED, ERR_NOT_FOUND, or what degrades the farm. */
int farm_remove_golden(struct farm *farm, const struct principal *who, const char *board_type, on_done_fn on_done,
		       void *context, struct err *err);
/* [{"board_type","org","image","image_sha256","suite","set_by","set_at_us"}] */
json_t *farm_goldens_json(const struct farm *farm, const struct principal *who);

/* What an organisation may have as things stand, to be changed. */
struct org_record farm_org_wanted(const struct farm *farm, const char *name);
/* Whether it was ever added, had a token or anything else; and that it has one now. */
bool farm_org_known(const struct farm *farm, const char *name);
void farm_org_meet(struct farm *farm, const char *name);
/* From now on it may have so much; made when there is none. Admins only. Returns 0 and calls on_done once, later; or
 * ERR_DENIED, ERR_INVALID (err names the field), or what degrades the farm. farm_set_member: so does a member of it. */
int farm_set_org(struct farm *farm, const struct principal *who, const struct org_record *wanted, on_done_fn on_done,
		 void *context, struct err *err);
int farm_set_member(struct farm *farm, const struct principal *who, const char *org, const char *name, uint32_t weight,
		    on_done_fn on_done, void *context, struct err *err);
/* A rack, or a hub of it, takes nothing new (wanted->draining), or does again; by, org and at_us are filled in. Admins
 * only. Also ERR_NOT_FOUND. */
int farm_drain(struct farm *farm, const struct principal *who, const struct drain_record *wanted, on_done_fn on_done,
	       void *context, struct err *err);

/* --- agents --- */

/* A connected agent says hello. The caller must be able to send to it by name already: send_welcome and what else there
 * is to say come from inside. Returns 0, ERR_DENIED (not an agent's token) or ERR_INVALID with refusal filled. A second
 * hello under the same name replaces the first (the caller drops the old connection without farm_agent_gone). */
int farm_agent_hello(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
		     struct agent_refusal *ret_refusal, struct err *err);
/* Its connection is gone. */
void farm_agent_gone(struct farm *farm, const char *agent);
/* Returns 0 (taken, repeated, or stale: all answered through the ports), or ERR_PROTOCOL: a gap in n or an event that
 * cannot be; the connection should be closed, the next hello resumes. */
int farm_agent_event(struct farm *farm, const char *agent, const struct agent_event *event, struct err *err);
int farm_agent_board(struct farm *farm, const char *agent, const struct agent_board *board, struct err *err);
/* The whole account so far; what was told before changes nothing. */
int farm_agent_recovery(struct farm *farm, const char *agent, const struct agent_recovery *said, struct err *err);
int farm_agent_rejected(struct farm *farm, const char *agent, int64_t run, int64_t fence, enum agent_rejection reason,
			struct err *err);

/* --- what is now, as JSON; new references, NULL for "no such thing (for this principal)" --- */

/* {"id","degraded":null|"why","boards":{state:count},"runs":{"queued","assigned","running"},"jobs",…,"seq"} */
json_t *farm_status_json(const struct farm *farm, const struct principal *who);
/* {"name","type","agent","state","reason","unique_id","virtual","fence","run","job","changed_at_us","hold":null|{"state",
 * "by","why","at_us"},"unproven","proven_at_us",…} */
json_t *farm_board_json(const struct farm *farm, const struct principal *who, const char *name);
/* {"board","endurance","erases","worn","worst":{"address","erases"},"sectors":[{"address","size","count","erases"}]};
 * endurance 0: not known */
json_t *farm_board_wear_json(const struct farm *farm, const struct principal *who, const char *name);
json_t *farm_boards_json(const struct farm *farm, const struct principal *who);
/* What its time went into, by UTC day, the oldest first, today the last; at most days, 1 to TIME_DAYS_KEPT:
 * {"board","kind","since_us","until_us","days":[{"day":"2026-11-23","sum_us","us":{kind:us}}]}. A day's kinds add up to
 * sum_us: all of it from midnight, or the board's first, to midnight, or until_us. */
json_t *farm_board_time_json(const struct farm *farm, const struct principal *who, const char *name, size_t days);
/* The same of all boards: {"days","until_us","total":SUM,"by_type":[SUM],"by_rack":[SUM]}, each SUM
 * {"name","boards","sum_us","us"}. */
json_t *farm_time_json(const struct farm *farm, const struct principal *who, size_t days);
/* Waiting runs in the order they would be given out:
 * [{"run","job","name","priority","attempt","board_type","board","queued_at_us","waits":why,"reason","position",
 * "expected_at_us","latest_at_us"}], at most limit. The last two are null when nothing can be said. */
json_t *farm_queue_json(const struct farm *farm, const struct principal *who, size_t limit);
/* One of them, with "boards":[{"board","state","reason","why","until_us"}]: of its type or asked for by name, each with
 * why the run does not have it. NULL: it does not wait. */
json_t *farm_waiting_json(const struct farm *farm, const struct principal *who, int64_t run);
json_t *farm_agents_json(const struct farm *farm, const struct principal *who);
/* [{"name","weight","cap","guaranteed","boards","members":[{"name","weight"}]}] by name; name NULL: all. boards: that
 * it has now; cap null: none. */
json_t *farm_orgs_json(const struct farm *farm, const struct principal *who, const char *name);
json_t *farm_board_types_json(const struct farm *farm, const struct principal *who);
json_t *farm_suites_json(const struct farm *farm, const struct principal *who);
/* {"name","version","text","require","end"} */
json_t *farm_suite_json(const struct farm *farm, const struct principal *who, const char *name);

/* [{"id","org","board_type","case","author","reason","intermittent","state","created_at_us","from_us","until_us",
 * "withdrawn_at_us","withdrawn_by"}], the newest first; state: in-force, future, expired or withdrawn. id 0: all. */
json_t *farm_waivers_json(const struct farm *farm, const struct principal *who, int64_t id);
/* [{"org","board_type","case","name","unit","count","median","mad","accepted_by","accepted_at_us"}] */
json_t *farm_baselines_json(const struct farm *farm, const struct principal *who);

/* seq of the last durable event. */
int64_t farm_durable_seq(const struct farm *farm);
const char *farm_id(const struct farm *farm);

#endif
