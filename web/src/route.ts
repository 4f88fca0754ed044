// SPDX-License-Identifier: Apache-2.0
// Which page an address' fragment means.

export type Route =
	| { page: "overview" }
	| { page: "job"; id: number }
	| { page: "run"; id: number }
	| { page: "board"; name: string }
	| { page: "queue" | "leases" | "nights" | "racks" }
	| { page: "night"; id: number }
	| { page: "timeline"; range: string; rack: string }
	| { page: "unknown"; path: string };

function number(text: string | undefined): number {
	return text && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : 0;
}

// What is no escape stands for itself.
function nameIn(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

export function parseRoute(fragment: string): Route {
	const path = fragment.replace(/^#/, "").replace(/^\/+|\/+$/g, "");
	if (path === "") return { page: "overview" };
	const board = /^boards\/([^/]+)$/.exec(path)?.[1];
	if (board) return { page: "board", name: nameIn(board) };
	if (path === "queue" || path === "leases" || path === "nights" || path === "racks") return { page: path };
	const timeline = /^timeline(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(path);
	if (timeline) return { page: "timeline", range: timeline[1] ?? "", rack: nameIn(timeline[2] ?? "") };
	const [kind, id, ...rest] = path.split("/");
	const n = number(id);
	if (rest.length === 0 && n > 0 && kind === "jobs") return { page: "job", id: n };
	if (rest.length === 0 && n > 0 && kind === "runs") return { page: "run", id: n };
	if (rest.length === 0 && n > 0 && kind === "nights") return { page: "night", id: n };
	return { page: "unknown", path };
}

export const hrefs = {
	overview: "#/",
	queue: "#/queue",
	leases: "#/leases",
	nights: "#/nights",
	racks: "#/racks",
	timeline: "#/timeline",
	timelineOf: (range: string, rack: string) =>
		`#/timeline/${range}${rack ? `/${encodeURIComponent(rack)}` : ""}`,
	night: (id: number) => `#/nights/${id}`,
	job: (id: number) => `#/jobs/${id}`,
	run: (id: number) => `#/runs/${id}`,
	board: (name: string) => `#/boards/${encodeURIComponent(name)}`,
};
