// SPDX-License-Identifier: Apache-2.0
// The live websocket: one connection for the whole page, any number of subscriptions on it.
//
// Happy path: open -> token -> one subscribe for each subscription, from the last event and console byte it has seen ->
// events and console chunks, each handed over once and in order.
// Ways it goes otherwise:
//   the connection is lost     state "lost"; tried again after 0.25 s, 0.5 s … 8 s with some chance in it, at once when
//                              the browser says it is online or visible again; subscriptions go on where they were
//   we fall behind             the daemon says "gap" and then fills it from its store: nothing to do but wait
//   the token is refused       state "denied"; not tried again

import type { ConsoleChunk, FarmEvent } from "./types";

export type LiveState = "connecting" | "live" | "lost" | "denied";

export interface Subscription {
	topic: string;
	after: number;
	consoleFrom?: number; // no console without it
	onEvents: (events: FarmEvent[]) => void;
	onConsole?: (chunk: ConsoleChunk) => void;
	onError?: (message: string) => void;
}

// What Live needs of a browser; tests give their own.
export interface LivePorts {
	open: (url: string, protocol: string) => WebSocket;
	setTimer: (callback: () => void, ms: number) => number;
	clearTimer: (timer: number) => void;
	chance: () => number;
}

const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 8_000;

export const browserPorts: LivePorts = {
	open: (url, protocol) => new WebSocket(url, protocol),
	setTimer: (callback, ms) => window.setTimeout(callback, ms),
	clearTimer: (timer) => window.clearTimeout(timer),
	chance: Math.random,
};

interface Message {
	id?: string;
	subscribed?: boolean;
	seq?: number;
	events?: FarmEvent[];
	console?: { run: number; offset: number; at_us: number; data: string };
	error?: string | { code?: string; message?: string };
}

export function fromBase64(text: string): Uint8Array {
	const binary = atob(text);
	const bytes = new Uint8Array(binary.length);
	for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
	return bytes;
}

export class Live {
	state: LiveState = "connecting";
	lastSeq = 0;
	private socket: WebSocket | null = null;
	private timer = 0;
	private backoffMs = BACKOFF_MIN_MS;
	private nextId = 1;
	private readonly subscriptions = new Map<string, Subscription>();
	private readonly listeners = new Set<() => void>();
	private closed = false;

	constructor(
		private readonly url: string,
		private readonly token: string,
		private readonly ports: LivePorts = browserPorts,
	) {
		this.connect();
	}

	// The listener is also told at once: the connection may have changed before anybody listened, as a page's effects run
	// some time after it was drawn.
	onChange(listener: () => void): () => void {
		this.listeners.add(listener);
		listener();
		return () => this.listeners.delete(listener);
	}

	// Returns what ends the subscription.
	subscribe(subscription: Subscription): () => void {
		const id = `s${this.nextId++}`;
		this.subscriptions.set(id, { ...subscription });
		if (this.state === "live") this.sendSubscribe(id);
		return () => {
			if (this.subscriptions.delete(id)) this.send({ unsubscribe: id });
		};
	}

	// Tries again now instead of at the end of the wait.
	hurry(): void {
		if (this.state !== "lost" || this.timer === 0) return;
		this.ports.clearTimer(this.timer);
		this.connect();
	}

	close(): void {
		this.closed = true;
		if (this.timer) this.ports.clearTimer(this.timer);
		this.socket?.close();
	}

	private setState(state: LiveState): void {
		if (this.state === state) return;
		this.state = state;
		this.tell();
	}

	private tell(): void {
		for (const listener of this.listeners) listener();
	}

	private connect(): void {
		this.timer = 0;
		const socket = this.ports.open(this.url, "assay-live-1");
		this.socket = socket;
		socket.onopen = () => this.onOpen();
		socket.onmessage = (event) => this.onMessage(String(event.data));
		socket.onclose = (event) => this.onClose(socket, event.code);
	}

	private onOpen(): void {
		this.backoffMs = BACKOFF_MIN_MS;
		this.send({ token: this.token });
		this.setState("live");
		for (const id of this.subscriptions.keys()) this.sendSubscribe(id);
	}

	private onClose(socket: WebSocket, code: number): void {
		if (this.closed || socket !== this.socket) return;
		this.socket = null;
		if (this.state === "denied" || code === 4401) {
			this.setState("denied");
			return;
		}
		this.setState("lost");
		const wait = this.backoffMs * (0.75 + this.ports.chance() / 2);
		this.backoffMs = Math.min(this.backoffMs * 2, BACKOFF_MAX_MS);
		this.timer = this.ports.setTimer(() => this.connect(), wait);
	}

	private send(message: object): void {
		if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
	}

	private sendSubscribe(id: string): void {
		const subscription = this.subscriptions.get(id);
		if (!subscription) return;
		const { topic, after, consoleFrom } = subscription;
		this.send({
			subscribe: topic,
			after,
			id,
			...(consoleFrom === undefined ? {} : { console_from: consoleFrom }),
		});
	}

	private onMessage(text: string): void {
		const message = JSON.parse(text) as Message;
		const subscription = this.subscriptions.get(message.id ?? "");
		if (message.error !== undefined) this.onError(message, subscription);
		if (!subscription) return; // it ended while this was on its way
		if (message.events) this.onEvents(subscription, message.events);
		if (message.console) this.onConsole(subscription, message.console);
	}

	private onError(message: Message, subscription: Subscription | undefined): void {
		const { code, text } =
			typeof message.error === "string"
				? { code: "", text: message.error }
				: { code: message.error?.code ?? "", text: message.error?.message ?? "refused" };
		if (!message.id && /unauthori[sz]ed|denied|forbidden|token/i.test(`${code} ${text}`))
			this.setState("denied");
		subscription?.onError?.(text);
	}

	private onEvents(subscription: Subscription, events: FarmEvent[]): void {
		const fresh = events.filter((event) => event.seq > subscription.after);
		const last = fresh[fresh.length - 1];
		if (!last) return;
		subscription.after = last.seq;
		subscription.onEvents(fresh);
		if (last.seq > this.lastSeq) {
			this.lastSeq = last.seq;
			this.tell();
		}
	}

	private onConsole(subscription: Subscription, chunk: NonNullable<Message["console"]>): void {
		const next = subscription.consoleFrom ?? 0;
		let bytes = fromBase64(chunk.data);
		let offset = chunk.offset;
		if (offset + bytes.length <= next) return;
		if (offset < next) {
			bytes = bytes.subarray(next - offset);
			offset = next;
		}
		subscription.consoleFrom = offset + bytes.length;
		subscription.onConsole?.({ run: chunk.run, offset, at_us: chunk.at_us, bytes });
	}
}
