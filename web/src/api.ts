// SPDX-License-Identifier: Apache-2.0
// The HTTP API: each call answers with the JSON, or throws an ApiError that says what went wrong.

import type {
	Agent,
	Artefact,
	Board,
	BoardOrder,
	BoardRun,
	BoardTime,
	Farm,
	FarmEvent,
	Job,
	Lease,
	Night,
	QueueEntry,
	Recovery,
	Run,
	Schedule,
	Seal,
	Timeline,
	Wear,
} from "./types";

export class ApiError extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
		this.name = "ApiError";
	}
}

async function errorOf(response: Response): Promise<ApiError> {
	let message = `assayd answered with status ${response.status}`;
	try {
		const body = (await response.json()) as { error?: { message?: string } };
		message = body.error?.message ?? message;
	} catch {
		// not JSON: the status says enough
	}
	return new ApiError(response.status, message);
}

export class Api {
	constructor(private readonly token: string) {}

	private async ask(method: string, path: string, signal?: AbortSignal, body?: unknown): Promise<Response> {
		let response: Response;
		try {
			response = await fetch(`/api/v1${path}`, {
				method,
				headers: {
					Authorization: `Bearer ${this.token}`,
					...(body === undefined ? {} : { "Content-Type": "application/json" }),
				},
				body: body === undefined ? null : JSON.stringify(body),
				signal: signal ?? null,
			});
		} catch (cause) {
			if (signal?.aborted) throw cause;
			throw new ApiError(0, "assayd cannot be reached");
		}
		if (!response.ok) throw await errorOf(response);
		return response;
	}

	private async json<T>(path: string, signal?: AbortSignal): Promise<T> {
		return (await this.ask("GET", path, signal)).json() as Promise<T>;
	}

	farm(signal?: AbortSignal): Promise<Farm> {
		return this.json("/farm", signal);
	}

	async boards(signal?: AbortSignal): Promise<Board[]> {
		return (await this.json<{ boards: Board[] }>("/boards", signal)).boards;
	}

	board(name: string, signal?: AbortSignal): Promise<Board> {
		return this.json(`/boards/${encodeURIComponent(name)}`, signal);
	}

	async orderBoard(name: string, order: BoardOrder, why: string): Promise<void> {
		await this.ask("POST", `/boards/${encodeURIComponent(name)}/${order}`, undefined, { why });
	}

	// What was decided about a board, the newest first.
	async boardHistory(name: string, signal?: AbortSignal): Promise<FarmEvent[]> {
		return (await this.json<{ history: FarmEvent[] }>(`/boards/${encodeURIComponent(name)}/history`, signal))
			.history;
	}

	// What its last days went into, the oldest first.
	boardTime(name: string, days: number, signal?: AbortSignal): Promise<BoardTime> {
		return this.json(`/boards/${encodeURIComponent(name)}/time?days=${days}`, signal);
	}

	wear(name: string, signal?: AbortSignal): Promise<Wear> {
		return this.json(`/boards/${encodeURIComponent(name)}/wear`, signal);
	}

	async recoveries(name: string, limit: number, signal?: AbortSignal): Promise<Recovery[]> {
		const query = `/boards/${encodeURIComponent(name)}/recoveries?limit=${limit}`;
		return (await this.json<{ recoveries: Recovery[] }>(query, signal)).recoveries;
	}

	// What ran on a board, the newest first; before: only runs with a smaller number.
	async boardRuns(name: string, limit: number, signal?: AbortSignal, before?: number): Promise<BoardRun[]> {
		const query = `/boards/${encodeURIComponent(name)}/runs?limit=${limit}${before ? `&before=${before}` : ""}`;
		return (await this.json<{ runs: BoardRun[] }>(query, signal)).runs;
	}

	// The newest first; before: only those with a smaller number.
	async jobs(limit: number, signal?: AbortSignal, before?: number): Promise<Job[]> {
		const query = `/jobs?limit=${limit}${before ? `&before=${before}` : ""}`;
		return (await this.json<{ jobs: Job[] }>(query, signal)).jobs;
	}

	async queue(limit: number, signal?: AbortSignal): Promise<QueueEntry[]> {
		return (await this.json<{ queue: QueueEntry[] }>(`/queue?limit=${limit}`, signal)).queue;
	}

	// Why a run waits; undefined when it does not.
	async waiting(run: number, signal?: AbortSignal): Promise<QueueEntry | undefined> {
		return (await this.json<{ queue: QueueEntry[] }>(`/queue?run=${run}`, signal)).queue[0];
	}

	timeline(minutes: number, of: { rack?: string; board?: string }, signal?: AbortSignal): Promise<Timeline> {
		const only = Object.entries(of).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
		return this.json(`/timeline?minutes=${minutes}${only.join("")}`, signal);
	}

	async agents(signal?: AbortSignal): Promise<Agent[]> {
		return (await this.json<{ agents: Agent[] }>("/agents", signal)).agents;
	}

	// Takes nothing new from now on, or takes it again.
	async setDraining(rack: string, draining: boolean, why = ""): Promise<void> {
		const what = draining ? "drain" : "resume";
		await this.ask("POST", `/agents/${encodeURIComponent(rack)}/${what}`, undefined, why ? { why } : {});
	}

	async leases(signal?: AbortSignal): Promise<Lease[]> {
		return (await this.json<{ leases: Lease[] }>("/leases", signal)).leases;
	}

	async extendLease(id: number, forMs: number): Promise<void> {
		await this.ask("POST", `/leases/${id}/extend`, undefined, { for_ms: forMs });
	}

	async endLease(id: number): Promise<void> {
		await this.ask("DELETE", `/leases/${id}`);
	}

	async schedules(signal?: AbortSignal): Promise<Schedule[]> {
		return (await this.json<{ schedules: Schedule[] }>("/schedules", signal)).schedules;
	}

	async nights(limit: number, signal?: AbortSignal): Promise<Night[]> {
		return (await this.json<{ nights: Night[] }>(`/nights?limit=${limit}`, signal)).nights;
	}

	async night(id: number, signal?: AbortSignal): Promise<Night> {
		return (await this.json<{ night: Night }>(`/nights/${id}`, signal)).night;
	}

	async acceptNight(id: number): Promise<void> {
		await this.ask("POST", `/nights/${id}/accept`);
	}

	async job(id: number, signal?: AbortSignal): Promise<Job> {
		const answer = await this.json<Job | { job: Job }>(`/jobs/${id}`, signal);
		const job = "job" in answer ? answer.job : answer;
		// Finished runs come without their steps and cases.
		const runs = (job.runs ?? []).map((run) => ({ ...run, steps: run.steps ?? [], cases: run.cases ?? [] }));
		return { ...job, runs };
	}

	async run(id: number, signal?: AbortSignal): Promise<Run> {
		const answer = await this.json<Run | { run: Run }>(`/runs/${id}`, signal);
		return "run" in answer ? answer.run : answer;
	}

	async artefacts(run: number, signal?: AbortSignal): Promise<Artefact[]> {
		return (await this.json<{ artefacts: Artefact[] }>(`/runs/${run}/artefacts`, signal)).artefacts;
	}

	async cancel(job: number): Promise<void> {
		await this.ask("POST", `/jobs/${job}/cancel`);
	}

	// Answered when the archive is on the daemon's disk, which takes its time with a large job.
	async seal(job: number): Promise<Seal> {
		return (await this.ask("POST", `/jobs/${job}/seal`)).json() as Promise<Seal>;
	}

	// A file to save. The token cannot stand in a link, so the bytes come here first.
	async download(path: string, signal?: AbortSignal): Promise<Blob> {
		return (await this.ask("GET", path, signal)).blob();
	}
}

export function saveBlob(blob: Blob, name: string): void {
	const url = URL.createObjectURL(blob);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	URL.revokeObjectURL(url);
}
