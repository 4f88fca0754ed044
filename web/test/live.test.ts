// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { fromBase64, Live, type LivePorts } from "../src/live";
import type { FarmEvent } from "../src/types";

// A websocket whose other side is the test.
class FakeSocket {
	readyState = 0;
	sent: Record<string, unknown>[] = [];
	onopen: (() => void) | null = null;
	onmessage: ((event: { data: string }) => void) | null = null;
	onclose: ((event: { code: number }) => void) | null = null;

	send(text: string): void {
		this.sent.push(JSON.parse(text));
	}

	close(): void {
		this.lose(1000);
	}

	accept(): void {
		this.readyState = 1;
		this.onopen?.();
	}

	tell(message: object): void {
		this.onmessage?.({ data: JSON.stringify(message) });
	}

	lose(code = 1006): void {
		this.readyState = 3;
		this.onclose?.({ code });
	}
}

function world() {
	const sockets: FakeSocket[] = [];
	const timers: { callback: () => void; ms: number; on: boolean }[] = [];
	const ports: LivePorts = {
		open: () => {
			const socket = new FakeSocket();
			sockets.push(socket);
			return socket as unknown as WebSocket;
		},
		setTimer: (callback, ms) => timers.push({ callback, ms, on: true }),
		clearTimer: (timer) => {
			const one = timers[timer - 1];
			if (one) one.on = false;
		},
		chance: () => 0.5,
	};
	const last = () => sockets[sockets.length - 1] as FakeSocket;
	return { sockets, timers, last, live: new Live("ws://x/api/v1/live", "secret", ports) };
}

const event = (seq: number): FarmEvent => ({ seq, at_us: seq, type: "step.begun" });

test("token first, then subscriptions; events once and in order", () => {
	const { live, last } = world();
	const seen: number[] = [];
	live.subscribe({ topic: "run:3", after: 4, onEvents: (events) => seen.push(...events.map((e) => e.seq)) });
	assert.equal(last().sent.length, 0);
	last().accept();
	assert.deepEqual(last().sent, [{ token: "secret" }, { subscribe: "run:3", after: 4, id: "s1" }]);
	last().tell({ id: "s1", subscribed: true, seq: 4 });
	last().tell({ id: "s1", events: [event(5), event(6)] });
	last().tell({ id: "s1", events: [event(6), event(9)] });
	last().tell({ id: "s7", events: [event(10)] });
	assert.deepEqual(seen, [5, 6, 9]);
	assert.equal(live.lastSeq, 9);
	assert.equal(live.state, "live");
});

test("after a loss it comes back and goes on where it was", () => {
	const { live, last, sockets, timers } = world();
	const seen: number[] = [];
	const text: string[] = [];
	const states: string[] = [];
	live.onChange(() => states.push(live.state));
	live.subscribe({
		topic: "run:3",
		after: 0,
		consoleFrom: 0,
		onEvents: (events) => seen.push(...events.map((e) => e.seq)),
		onConsole: ({ bytes }) => text.push(new TextDecoder().decode(bytes)),
	});
	last().accept();
	last().tell({ id: "s1", events: [event(1)] });
	last().tell({ id: "s1", console: { run: 3, offset: 0, at_us: 1, data: btoa("hello ") } });
	last().lose();
	assert.equal(live.state, "lost");
	assert.equal(timers[0]?.ms, 250);
	timers[0]?.callback();
	last().lose();
	assert.equal(timers[1]?.ms, 500, "waits longer each time");
	timers[1]?.callback();
	last().accept();
	assert.deepEqual(last().sent[1], { subscribe: "run:3", after: 1, id: "s1", console_from: 6 });
	last().tell({ id: "s1", events: [event(1), event(2)] });
	last().tell({ id: "s1", console: { run: 3, offset: 4, at_us: 1, data: btoa("o world") } });
	assert.deepEqual(seen, [1, 2]);
	assert.equal(text.join(""), "hello world");
	assert.equal(sockets.length, 3);
	assert.deepEqual(
		states.filter((state, i) => state !== states[i - 1]),
		["connecting", "live", "lost", "live"],
	);
});

test("the wait has an end, and the browser's word shortens it", () => {
	const { live, last, timers, sockets } = world();
	for (let i = 0; i < 12; i++) {
		last().lose();
		timers[timers.length - 1]?.callback();
	}
	assert.equal(Math.max(...timers.map((timer) => timer.ms)), 8_000);
	last().lose();
	const before = sockets.length;
	live.hurry();
	assert.equal(sockets.length, before + 1);
	assert.equal(timers[timers.length - 1]?.on, false, "the old timer is off");
	live.hurry();
	assert.equal(sockets.length, before + 1, "one attempt at a time");
});

test("a refused token is not tried again", () => {
	const { live, last, timers } = world();
	last().accept();
	last().tell({ error: { code: "unauthorized", message: "this token is not known here" } });
	last().lose(1008);
	assert.equal(live.state, "denied");
	assert.equal(timers.length, 0);
});

test("an ended subscription hears nothing and is taken back", () => {
	const { live, last } = world();
	let heard = 0;
	last().accept();
	const end = live.subscribe({ topic: "farm", after: 0, onEvents: () => heard++ });
	end();
	last().tell({ id: "s1", events: [event(1)] });
	assert.equal(heard, 0);
	assert.deepEqual(last().sent.at(-1), { unsubscribe: "s1" });
	end();
	assert.equal(last().sent.length, 3);
});

test("a subscription's own error reaches only it", () => {
	const { live, last } = world();
	let problem = "";
	last().accept();
	live.subscribe({ topic: "run:0", after: 0, onEvents: () => {}, onError: (text) => (problem = text) });
	last().tell({ id: "s1", error: { code: "malformed", message: "no such topic" } });
	assert.equal(problem, "no such topic");
	assert.equal(live.state, "live");
});

test("base64 gives the bytes back", () => {
	assert.deepEqual([...fromBase64("AP+A")], [0, 255, 128]);
});

test("who listens late is told where the connection stands", () => {
	const { live, last } = world();
	const told: string[] = [];
	last().accept();
	live.onChange(() => told.push(live.state));
	assert.deepEqual(told, ["live"]);
	last().lose();
	assert.deepEqual(told, ["live", "lost"]);
});
