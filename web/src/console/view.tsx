// SPDX-License-Identifier: Apache-2.0
// The console on the run's page: follows the end until the reader scrolls up.

import type { RefObject } from "preact";
import { useEffect, useImperativeHandle, useRef, useState } from "preact/hooks";
import { bytes } from "../text";
import type { CaseResult } from "../types";
import type { ConsoleLog } from "./log";
import { Paper } from "./paper";

export interface ConsoleViewHandle {
	show: (offset: number, end: number) => void;
}

interface ConsoleViewProps {
	log: ConsoleLog;
	marks: CaseResult[];
	open: boolean;
	save: () => void;
	handle: RefObject<ConsoleViewHandle | null>;
}

const NEAR_END_PX = 40;

export function ConsoleView({ log, marks, open, save, handle }: ConsoleViewProps) {
	const scroller = useRef<HTMLDivElement>(null);
	const sheet = useRef<HTMLDivElement>(null);
	const paper = useRef<Paper | null>(null);
	const marksNow = useRef(marks);
	const [follow, setFollow] = useState(true);
	const followNow = useRef(true);
	const lastTop = useRef(0);
	const [size, setSize] = useState(0);
	const [wrap, setWrap] = useState(false);
	const onScrollNow = useRef(() => {});
	marksNow.current = marks;

	const toEnd = () => {
		if (!scroller.current) return;
		scroller.current.scrollTop = scroller.current.scrollHeight;
		lastTop.current = scroller.current.scrollTop;
	};
	const setFollowing = (wanted: boolean) => {
		followNow.current = wanted;
		setFollow(wanted);
		if (wanted) toEnd();
	};

	useEffect(() => {
		if (!sheet.current) return;
		const drawn = new Paper(sheet.current, log);
		paper.current = drawn;
		let frame = 0;
		const draw = () => {
			frame = 0;
			drawn.update();
			drawn.mark(marksNow.current);
			setSize(log.bytes);
			if (followNow.current) toEnd();
		};
		draw();
		const off = log.onChange(() => {
			frame ||= requestAnimationFrame(draw);
		});
		return () => {
			off();
			cancelAnimationFrame(frame);
			sheet.current?.replaceChildren();
		};
	}, [log]);

	useEffect(() => paper.current?.mark(marks), [marks]);

	useImperativeHandle(
		handle,
		() => ({
			show: (offset: number, end: number) => {
				setFollowing(false);
				scroller.current?.scrollIntoView({ block: "nearest" });
				// All of it may be in sight, its end too.
				if (paper.current?.show(offset, end)) onScrollNow.current();
			},
		}),
		[],
	);

	// Only going up ends following: while bytes come, the end runs ahead of the scroll events that follow it.
	const onScroll = () => {
		const element = scroller.current;
		if (!element) return;
		const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
		const wentUp = element.scrollTop < lastTop.current;
		lastTop.current = element.scrollTop;
		const wanted = atEnd || (followNow.current && !wentUp);
		if (wanted !== followNow.current) {
			followNow.current = wanted;
			setFollow(wanted);
		}
	};

	onScrollNow.current = onScroll;

	return (
		<>
			<div class="console-head">
				<h2 id="console-title">
					Console <span class="summary num">{bytes(size)}</span>
				</h2>
				<button class="text-button" type="button" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
					Wrap
				</button>
				<button class="text-button" type="button" onClick={save}>
					Save
				</button>
			</div>
			<div class="console-frame">
				<div
					class="console"
					ref={scroller}
					onScroll={onScroll}
					// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
					tabIndex={0}
					role="log"
					aria-live="off"
					aria-labelledby="console-title"
				>
					<div class={`console-sheet${wrap ? " wrap" : ""}`} ref={sheet} />
					{size === 0 && (
						<p class="console-empty">
							{open ? "The board has not printed anything yet." : "The board printed nothing."}
						</p>
					)}
				</div>
				{!follow && size > 0 && (
					<button class="button console-end" type="button" onClick={() => setFollowing(true)}>
						{open ? "Follow the end" : "To the end"}
					</button>
				)}
			</div>
		</>
	);
}
