// SPDX-License-Identifier: Apache-2.0
// What every page may use: the API, the live connection, and what follows from them.

import { createContext } from "preact";
import { useContext, useEffect, useReducer, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "./api";
import type { Live, Subscription } from "./live";
import { nowUs } from "./text";
import type { FarmEvent } from "./types";

const RENEWED_EVERY_MS = 1_000;
const RENEWAL_SHARE = 0.1; // of the time at most goes into loading: what is large is loaded more rarely

export interface World {
	api: Api;
	live: Live;
	leave: (why: string) => void; // back to the login box
}

export const WorldContext = createContext<World | null>(null);

export function useWorld(): World {
	const world = useContext(WorldContext);
	if (!world) throw new Error("no world around this component");
	return world;
}

// Our clock in µs, renewed every interval while active; for what grows with time.
export function useNow(active: boolean, intervalMs: number): number {
	const [now, setNow] = useState(nowUs);
	useEffect(() => {
		if (!active) return;
		const timer = setInterval(() => setNow(nowUs()), intervalMs);
		return () => clearInterval(timer);
	}, [active, intervalMs]);
	return now;
}

// What the tab is called while this page is shown.
export function useTitle(title: string): void {
	useEffect(() => {
		document.title = `${title} · Assay`;
		return () => {
			document.title = "Assay";
		};
	}, [title]);
}

// Something loaded once and then kept true by events: load() makes it, subscribe() says what keeps it so. Events are
// applied as they come and shown with the next frame.
export interface Followed<T> {
	value: T | null;
	error: ApiError | null;
}

export function useFollowed<T>(
	key: string,
	load: (api: Api, signal: AbortSignal) => Promise<T>,
	subscription: (value: T, update: (change: (value: T) => T) => void) => Subscription[],
): Followed<T> {
	const { api, live, leave } = useWorld();
	const [, redraw] = useReducer((n: number) => n + 1, 0);
	const held = useRef<Followed<T> & { key: string }>({ value: null, error: null, key });
	// What is loaded is decided by key alone.
	useEffect(() => {
		const abort = new AbortController();
		const ends: (() => void)[] = [];
		let frame = 0;
		const show = () => {
			frame ||= requestAnimationFrame(() => {
				frame = 0;
				redraw(0);
			});
		};
		held.current = { value: null, error: null, key };
		redraw(0);
		load(api, abort.signal)
			.then((value) => {
				if (abort.signal.aborted) return;
				held.current = { value, error: null, key };
				const update = (change: (value: T) => T) => {
					if (held.current.value !== null) held.current.value = change(held.current.value);
					show();
				};
				for (const one of subscription(value, update)) ends.push(live.subscribe(one));
				show();
			})
			.catch((error: unknown) => {
				if (abort.signal.aborted) return;
				const told = error instanceof ApiError ? error : new ApiError(0, String(error));
				if (told.status === 401) return leave("This token is not accepted.");
				held.current = { value: null, error: told, key };
				show();
			});
		return () => {
			abort.abort();
			cancelAnimationFrame(frame);
			for (const end of ends) end();
		};
	}, [key, api, live]);
	return held.current.key === key ? held.current : { value: null, error: null };
}

// Something that is loaded anew whenever an event says that it may have changed: at once after a quiet second, and once
// a second while they keep coming; more rarely where the answer takes long.
export function useRenewed<T>(
	key: string,
	load: (api: Api, signal: AbortSignal) => Promise<T>,
	changes: (event: FarmEvent) => boolean,
	topic = "farm",
): Followed<T> & { renew: () => void } {
	const { api } = useWorld();
	const renew = useRef<() => void>(() => {});
	const waits = useRef(0);
	useEffect(() => () => clearTimeout(waits.current), [key]);
	const followed = useFollowed<{ value: T; seq: number }>(
		key,
		async (fresh, signal) => {
			const { seq } = await fresh.farm(signal);
			return { value: await load(fresh, signal), seq };
		},
		({ seq }, update) => {
			let loading = false;
			let again = false;
			let took = 0;
			// One at a time: an answer that is slow must not overwrite a later one.
			renew.current = async () => {
				if (loading) {
					again = true;
					return;
				}
				loading = true;
				const begun = performance.now();
				try {
					const next = await load(api, new AbortController().signal);
					update((held) => ({ ...held, value: next }));
				} catch {
					// the bar says that assayd cannot be reached
				}
				loading = false;
				took = performance.now() - begun;
				if (again) soon();
				again = false;
			};
			const soon = () => {
				waits.current ||= window.setTimeout(
					() => {
						waits.current = 0;
						renew.current();
					},
					Math.max(RENEWED_EVERY_MS, took / RENEWAL_SHARE),
				);
			};
			return [{ topic, after: seq, onEvents: (events) => events.some(changes) && soon() }];
		},
	);
	return {
		value: followed.value?.value ?? null,
		error: followed.error,
		renew: () => renew.current(),
	};
}
