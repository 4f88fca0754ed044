// SPDX-License-Identifier: Apache-2.0
// The rack hosts: a square for each board, how many run, and whether a rack is drained.

import { useRenewed, useTitle, useWorld } from "../context";
import { Act } from "../parts/act";
import { Squares } from "../parts/squares";
import { Loading, Problem } from "../parts/states";
import { ago, nowUs, plural } from "../text";
import type { Agent, Board, Drain } from "../types";

const IN_ORDER = new Intl.Collator(undefined, { numeric: true }); // sim1-2 before sim1-10

function drained(what: string, drain: Drain | null | undefined): string {
	return drain ? `${what} is drained by ${drain.by}${drain.why ? `: ${drain.why}` : ""}` : "";
}

interface RackProps {
	rack: Agent;
	boards: Board[];
	may: boolean;
	renew: () => void;
}

function Rack({ rack, boards, may, renew }: RackProps) {
	const { api } = useWorld();
	const running = rack.running ?? boards.filter((board) => board.run).length;
	const notes = [
		rack.online ? "" : `not connected, last seen ${ago(rack.seen_at_us, nowUs())}`,
		drained("It", rack.draining),
		...(rack.hubs ?? []).map((hub) => drained(`Hub ${hub.name}`, hub.draining)),
	].filter(Boolean);
	return (
		<section class="rack" data-rack={rack.name} aria-label={`Rack ${rack.name}`}>
			<div class="wait-line">
				<h2>
					<span class={`dot tone-${rack.online ? "good" : "quiet"}`} aria-hidden="true" /> {rack.name}
				</h2>
				<span class="row-note">
					{[
						plural(boards.length, "board"),
						`${running}${rack.limit ? ` of at most ${rack.limit}` : ""} running`,
						rack.site,
						rack.version,
					]
						.filter(Boolean)
						.join(" · ")}
				</span>
				{may && (
					<Act
						word={rack.draining ? "Resume" : "Drain"}
						act={() => api.setDraining(rack.name, !rack.draining)}
						done={renew}
					/>
				)}
			</div>
			{notes.length > 0 && <p class="wait-why">{notes.join("; ")}</p>}
			<Squares boards={boards} />
		</section>
	);
}

export function Racks() {
	useTitle("Racks");
	const { value, error, renew } = useRenewed(
		"racks",
		async (api, signal) => {
			const [farm, racks, boards] = await Promise.all([
				api.farm(signal),
				api.agents(signal),
				api.boards(signal),
			]);
			boards.sort((a, b) => IN_ORDER.compare(a.name, b.name));
			return { you: farm.you, racks, boards };
		},
		(event) =>
			event.type.startsWith("agent.") || event.type === "board.changed" || event.type.startsWith("rack."),
	);
	if (error) return <Problem error={error} what="Racks" />;
	if (!value) return <Loading />;
	const { racks, boards, you } = value;
	return (
		<article class="list-page">
			<h1>Racks</h1>
			{racks.length === 0 && (
				<p class="empty">
					No rack yet. <code>assay-agent scan</code> writes a rack file from what is attached.
				</p>
			)}
			{racks.map((rack) => (
				<Rack
					key={rack.name}
					rack={rack}
					boards={boards.filter((board) => board.agent === rack.name)}
					may={you.role === "admin"}
					renew={renew}
				/>
			))}
		</article>
	);
}
