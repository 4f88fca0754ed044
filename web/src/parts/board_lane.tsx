// SPDX-License-Identifier: Apache-2.0
// A board's own lane of the timeline, on its page.

import { useState } from "preact/hooks";
import { useNow, useRenewed } from "../context";
import { lanesOf } from "../model/timeline";
import { hrefs } from "../route";
import { nowUs } from "../text";
import { LanesView, useNarrow } from "./lanes";

const RANGES = [
	["1h", "1 h", 60],
	["24h", "24 h", 1_440],
	["7d", "7 days", 10_080],
] as const;

export function BoardLane({ name, rack }: { name: string; rack: string }) {
	const [range, setRange] = useState<(typeof RANGES)[number]>(RANGES[0]);
	const [key, , minutes] = range;
	const { value } = useRenewed(
		`lane:${name}:${key}`,
		async (api, signal) => {
			const [board, timeline] = await Promise.all([
				api.board(name, signal),
				api.timeline(minutes, { board: name }, signal),
			]);
			const { lanes } = lanesOf(timeline, [board]);
			return { lanes: [...lanes.values()], base_us: timeline.from_us, skew_us: nowUs() - timeline.to_us };
		},
		(event) =>
			event.type === "run.assigned" || event.type === "run.finished" || event.type === "board.changed",
		`board:${name}`,
	);
	const narrow = useNarrow();
	const now = useNow(true, minutes <= 60 ? 1_000 : 5_000);
	const now_us = value ? now - value.skew_us : now;
	const view = { base_us: value?.base_us ?? 0, from_us: now_us - minutes * 60_000_000, now_us };
	return (
		<section class="board-lane" aria-labelledby="lane-title">
			<h2 id="lane-title">
				Timeline
				<span class="choice">
					{RANGES.map((one) => (
						<button key={one[0]} type="button" aria-pressed={one[0] === key} onClick={() => setRange(one)}>
							{one[1]}
						</button>
					))}
				</span>
			</h2>
			{value && value.lanes.length > 0 && <LanesView lanes={value.lanes} view={view} narrow={narrow} />}
			<p class="more">
				<a href={hrefs.timelineOf(key, rack)}>Beside the other boards of its rack</a>
			</p>
		</section>
	);
}
